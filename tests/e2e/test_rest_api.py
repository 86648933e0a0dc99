"""The authorizer on methods of a REST API, with IAM enforced."""

from __future__ import annotations

import json
from typing import NamedTuple

import pytest

from local.deploy import deploy_app
from local.paths import ROOT
from tests.support.deployed import Deployed
from tests.support.http_client import send, whose
from tests.support.reply import Reply
from tests.support.visitor import SAME_ORIGIN, cookie_header


class RestApi(NamedTuple):
    """The deployed API of `rest_app.py`."""

    host: str
    port: int

    def orders(self, token: str | None = None, method: str = "GET", **headers: str) -> Reply:
        """Call the protected method; with the token in the cookie, as from the API's own page."""
        cookie = {} if token is None else {"cookie": cookie_header(token)}
        return send(self.port, method, "/prod/orders", {"host": self.host, **cookie, **SAME_ORIGIN, **headers}, b"")


@pytest.fixture(scope="module")
def rest_api(deployed: Deployed) -> RestApi:
    """Takes about eight seconds."""
    command = f"env PYTHONPATH={ROOT} python3 -m tests.e2e.rest_app"
    outputs = deploy_app(deployed.aws, "rest-api", "--app", command, "--context", f"table_name={deployed.table_name}")
    api_id = json.loads(outputs.read_text())["RestOrders"]["RestApiId"]
    return RestApi(f"{api_id}.execute-api.localhost:{deployed.aws.port}", deployed.aws.port)


def token_of(deployed: Deployed, customer: str | None, **data: str) -> str:
    return str(deployed.api.request("POST", "/sessions", json_body={**whose(customer), "data": data}).json["token"])


def test_a_customers_live_session_is_let_through_to_a_method_that_learns_who_is_there(
    deployed: Deployed, rest_api: RestApi, customer: str
) -> None:
    token = token_of(deployed, customer, tier="gold")

    for reply in (
        rest_api.orders(token),
        rest_api.orders(token, "POST"),
        rest_api.orders(None, "POST", authorization=f"Bearer {token}", **{"sec-fetch-site": "cross-site"}),
    ):
        assert (reply.status, reply.json["customer_id"], reply.json["tier"]) == (200, customer, "gold")


def test_what_is_not_a_customers_live_session_does_not_get_through(
    deployed: Deployed, rest_api: RestApi, customer: str
) -> None:
    created = deployed.api.request("POST", "/sessions", json_body={"customer_id": customer}).json
    assert rest_api.orders(created["token"], "POST", **{"sec-fetch-site": "cross-site"}).status == 403
    assert deployed.api.request("DELETE", f"/sessions/{created['session']['session_id']}").status == 204

    for token in (None, created["token"], token_of(deployed, None), "garbage"):
        for method in ("GET", "POST"):
            assert rest_api.orders(token, method).status == 403
