"""The authorizer on methods of a REST API, with IAM enforced."""

from __future__ import annotations

import pytest

from tests.support.protected_api import ProtectedApi

ELSEWHERE = {"sec-fetch-site": "cross-site"}


def test_a_customers_live_session_is_let_through_to_a_method_that_learns_who_is_there(
    protected_api: ProtectedApi, customer: str
) -> None:
    token = protected_api.create_session(customer, data={"tier": "gold"})["token"]

    for reply in (
        protected_api.rest_orders(token),
        protected_api.rest_orders(token, "POST"),
        protected_api.rest_orders(None, "POST", **ELSEWHERE, authorization=f"Bearer {token}"),
    ):
        assert (reply.status, reply.json) == (200, {"customer_id": customer, "tier": "gold", "orders": []})


@pytest.mark.shows("T17")
def test_what_is_not_a_customers_live_session_does_not_get_through(protected_api: ProtectedApi, customer: str) -> None:
    created = protected_api.create_session(customer)
    assert protected_api.rest_orders(created["token"], "POST", **ELSEWHERE).status == 403
    protected_api.deployed.api.request("DELETE", f"/sessions/{created['session']['session_id']}")

    for token in (None, created["token"], protected_api.create_session(None)["token"], "garbage"):
        for method in ("GET", "POST"):
            assert protected_api.rest_orders(token, method).status == 403
