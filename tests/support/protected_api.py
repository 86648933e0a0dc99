"""`examples/protected_api`, deployed beside the session service, and users who call it over HTTP, or its REST API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.deploy import deploy_app
from local.paths import ROOT
from tests.support.checked_api import checked
from tests.support.deployed import Deployed
from tests.support.http_client import send, whose
from tests.support.reply import Reply
from tests.support.visitor import SAME_ORIGIN, Visitor, cookie_header, visitor_with


@dataclass(frozen=True)
class ProtectedApi:
    """The example's API."""

    host: str  # as in the Host header; a browser finds the embedded AWS under it
    port: int  # of the embedded AWS
    deployed: Deployed
    rest_host: str = ""  # of the REST API, where there is one

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


def deploy_protected_api(deployed: Deployed) -> ProtectedApi:
    """Deploy the example beside the session service, with a REST API; takes about eight seconds."""
    command = f"env PYTHONPATH={ROOT} python3 -m tests.support.protected_app"
    file = deploy_app(deployed.aws, "protected-api", "--app", command, "--context", f"table_name={deployed.table_name}")
    outputs = json.loads(file.read_text())["OrdersApi"]
    port = deployed.aws.port
    host, rest_host = (f"{outputs[name]}.execute-api.localhost:{port}" for name in ("OrdersApiId", "RestApiId"))
    return ProtectedApi(host, port, deployed, rest_host)
