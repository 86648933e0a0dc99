"""The deployed system as fuzzed requests meet it: sends them, holds answers against the document, reads the logs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as SigningKey
from requests.auth import AuthBase
from schemathesis.core.failures import FailureGroup

from local.embedded_aws import REGION, Credentials
from local.ports import HOST
from tests.fuzz.cases import FuzzedRequest, Known
from tests.support.visitor import SAME_ORIGIN, cookie_header

_TIMEOUT_SECONDS: Final = 30
_NO_ROUTE: Final = {"message": "Not Found"}


@dataclass(frozen=True)
class Verdict:
    """The outcome of a request."""

    status: int
    by_gateway: bool  # whether API Gateway answered by itself, for want of such a route
    failure: str | None  # what is wrong with the answer, with a command that sends the request again


class Stack:
    """One deployed API, by its Host header; without a key to sign with, requests carry a user's token."""

    def __init__(self, netloc: str, signed_with: Credentials | None = None) -> None:
        self._netloc = netloc
        self._url = f"http://{HOST}:{netloc.rpartition(':')[2]}"
        self._auth = _Signature(netloc, signed_with) if signed_with else None
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.clear()

    def send(self, request: FuzzedRequest) -> Verdict:
        """Send a request, and judge the answer."""
        headers = {"Host": self._netloc}
        if self._auth is None:
            ways = _ways_to_call(request.known)
            headers |= ways[request.variant % len(ways)]
        answer = request.case.call(
            base_url=self._url, session=self._session, headers=headers, auth=self._auth, timeout=_TIMEOUT_SECONDS
        )
        if answer.status_code == requests.codes.not_found and answer.json() == _NO_ROUTE:
            return Verdict(answer.status_code, by_gateway=True, failure=_unless_elsewhere(request))
        return Verdict(answer.status_code, by_gateway=False, failure=_what_is_wrong(request, answer))


def _ways_to_call(known: Known) -> Sequence[dict[str, str]]:
    """The headers with which a token, or none, comes to a user route. Half of them are accepted."""
    accepted = (
        {"Cookie": cookie_header(known.token), **SAME_ORIGIN},
        {"Cookie": cookie_header(known.token), "Origin": "https://app.example.com"},
        {"Authorization": f"Bearer {known.token}"},
    )
    refused = (  # some only where they would change something
        {"Cookie": cookie_header(known.token)},
        {"Cookie": cookie_header(known.token), "Origin": "https://evil.example"},
        {"Cookie": cookie_header(known.token, known.token), **SAME_ORIGIN},
        {"Authorization": f"Bearer {known.child_token}"},
        {"Authorization": "Bearer garbage"},
        {**SAME_ORIGIN},
    )
    return accepted * 2 + refused


class _Signature(AuthBase):
    """Signs requests with SigV4, for the host that the Host header names."""

    def __init__(self, netloc: str, credentials: Credentials) -> None:
        self._netloc = netloc
        key = SigningKey(credentials.access_key_id, credentials.secret_access_key)
        self._signer = SigV4Auth(key, "execute-api", REGION)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.url = (request.url or "").replace("+", "%20")  # in what is signed, a plus sign means itself
        url = f"http://{self._netloc}{request.path_url}"
        signed = AWSRequest(request.method, url, data=request.body, headers={"Host": self._netloc})
        self._signer.add_auth(signed)
        request.headers.update({name: signed.headers[name] for name in ("Authorization", "X-Amz-Date")})
        return request


def _what_is_wrong(request: FuzzedRequest, answer: Any) -> str | None:
    """Schemathesis's checks, and what holds for every answer of ours. (API Gateway's own do not say `no-store`.)"""
    try:
        request.case.validate_response(answer)
    except FailureGroup as failure:
        return str(failure)
    sent = (answer.headers.get("cache-control"), answer.headers.get("x-content-type-options"))
    if sent != (["no-store"], ["nosniff"]) or b"Traceback" in answer.content:
        return f"{answer.status_code} {answer.text} to {request.case.as_curl_command()}"
    return None


def _unless_elsewhere(request: FuzzedRequest) -> str | None:
    """API Gateway decodes a path before it chooses the route: one that then has other segments may fit none."""
    values = [str(value).upper() for value in request.case.path_parameters.values()]
    if any(sign in value for value in values for sign in ("%2F", "%3F")):
        return None
    return f"no route for {request.case.as_curl_command()}"
