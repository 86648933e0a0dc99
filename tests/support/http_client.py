"""A small HTTP client for the deployed API. It signs with SigV4, and connects to 127.0.0.1 for every host name."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as SigningKey

from local.embedded_aws import REGION, Credentials
from local.ports import HOST
from tests.support.reply import Reply

_TIMEOUT_SECONDS = 30


def whose(customer_id: str | None) -> dict[str, Any]:
    """The customer's fields in a request to create a session, None for a visitor's."""
    return {"anonymous": True} if customer_id is None else {"customer_id": customer_id}


def send(port: int, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
    """Send a request to a port of this machine, as it is."""
    connection = http.client.HTTPConnection(HOST, port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request(method, url, body=body, headers=dict(headers))
        response = connection.getresponse()
        pairs = [(name.lower(), value) for name, value in response.getheaders()]
        cookies = tuple(value for name, value in pairs if name == "set-cookie")
        return Reply(response.status, dict(pairs), cookies, response.read().decode())
    finally:
        connection.close()


@dataclass(frozen=True)
class ApiClient:
    """Calls one API."""

    url: str  # without a slash at the end
    credentials: Credentials | None  # the key to sign with; None to send requests unsigned

    def request(
        self, method: str, path: str, *, json_body: object = None, body: bytes = b"", headers: Mapping[str, str] = {}
    ) -> Reply:
        """Send one request: to a path with its query, percent-encoded; JSON with its content type, or else bytes."""
        sent = dict(headers)
        if json_body is not None:
            body = json.dumps(json_body).encode()
            sent.setdefault("content-type", "application/json")
        return send(self._address.port, method, path, self._signed(method, path, body, sent), body)

    def _signed(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> dict[str, str]:
        request = AWSRequest(method, f"{self.url}{path}", data=body, headers={**headers, "Host": self._address.netloc})
        if self.credentials is not None:
            key = SigningKey(self.credentials.access_key_id, self.credentials.secret_access_key)
            SigV4Auth(key, "execute-api", REGION).add_auth(request)
        return dict(request.headers.items())

    @property
    def _address(self) -> Any:
        return urlsplit(self.url)
