"""`examples/protected_api`, deployed beside the session service, and users who call it over HTTP, or its REST API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from local.deploy import deploy_app
from local.paths import ROOT
from tests.support.answering import Answer, Asked, answering
from tests.support.checked_api import checked
from tests.support.deployed import Deployed
from tests.support.http_client import send, whose
from tests.support.jwts import AUDIENCE
from tests.support.provider import Provider, providing
from tests.support.reply import Reply
from tests.support.visitor import SAME_ORIGIN, Visitor, cookie_header, visitor_with


@dataclass(frozen=True)
class ProtectedApi:
    """The example's API."""

    host: str  # as in the Host header; a browser finds the embedded AWS under it
    port: int  # of the embedded AWS
    deployed: Deployed
    rest_host: str = ""  # of the REST API, where there is one
    issuer: str = ""  # of access tokens, likewise
    provider: Provider = field(default_factory=Provider)  # of identities, likewise

    def send(self, method: str, url: str, headers: Mapping[str, str], body: str) -> Reply:
        """One request."""
        return send(self.port, method, url, {**headers, "host": self.host}, body.encode())

    def orders(self, token: str | None = None, method: str = "GET", **headers: str) -> Reply:
        """Call the application's own, protected route; with the token in the cookie, as from its own page."""
        cookie = {} if token is None else {"cookie": cookie_header(token)}
        return self.send(method, "/orders", {**cookie, **SAME_ORIGIN, **headers}, "")

    def rest_orders(self, token: str | None = None, method: str = "GET", **headers: str) -> Reply:
        """The same of the REST API."""
        cookie = {} if token is None else {"cookie": cookie_header(token)}
        return send(
            self.port, method, "/prod/orders", {"host": self.rest_host, **cookie, **SAME_ORIGIN, **headers}, b""
        )

    def by_token(self, token: str | None, path: str = "/by-token") -> Reply:
        """Call a route behind the JWT authorizer."""
        return self.send("GET", path, {} if token is None else {"authorization": f"Bearer {token}"}, "")

    def access_token(self, session_id: str, **fields: str) -> Reply:
        """Ask for an access token as the application's back end."""
        body = {"audience": AUDIENCE, **fields}
        return self.deployed.api.request("POST", f"/sessions/{session_id}/token", json_body=body)

    def create_session(self, customer_id: str | None, **fields: Any) -> dict[str, Any]:
        """A new session and its token, made by the application's back end."""
        answer = self.deployed.api.request("POST", "/sessions", json_body={**whose(customer_id), **fields})
        created: dict[str, Any] = answer.json
        return created

    def sign_in(self, customer_id: str | None, *, bearer: bool = False, **fields: Any) -> Visitor:
        """A user with a new session."""
        return self.visitor(self.create_session(customer_id, **fields)["token"], bearer=bearer)

    def visitor(self, token: str | None, *, bearer: bool = False) -> Visitor:
        """A user with a token."""
        return visitor_with(checked(self.send), token, bearer=bearer)


@contextmanager
def deployed_protected_api(deployed: Deployed) -> Iterator[ProtectedApi]:
    """Deploy the example beside the session service, with a REST API, an issuer and a sign-in; takes about ten seconds.

    The issuer has an address of its own, as with a domain of the application's: the embedded AWS finds no API by name.
    """
    found = ProtectedApi("", deployed.aws.port, deployed)

    def documents(asked: Asked) -> Answer:
        reply = found.send(asked.method, asked.path, {}, "")
        return Answer(reply.status, reply.text, {"Content-Type": reply.headers["content-type"]})

    with answering(documents) as issuer, providing() as provider:
        api_id = str(urlsplit(deployed.url).hostname).partition(".")[0]
        command = f"env PYTHONPATH={ROOT} python3 -m tests.support.protected_app"
        given = {"table_name": deployed.table_name, "api_id": api_id, "issuer": issuer, "provider": provider.url}
        context = [part for name, value in given.items() for part in ("--context", f"{name}={value}")]
        file = deploy_app(deployed.aws, "protected-api", "--app", command, *context)
        outputs = json.loads(file.read_text())["OrdersApi"]
        port = deployed.aws.port
        host, rest_host = (f"{outputs[name]}.execute-api.localhost:{port}" for name in ("OrdersApiId", "RestApiId"))
        found = ProtectedApi(host, port, deployed, rest_host, issuer, provider)
        yield found
