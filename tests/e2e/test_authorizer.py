"""An application's own route, in a stack of its own, behind the authorizer."""

from __future__ import annotations

import uuid

import pytest

from tests.support.protected_api import ProtectedApi

ALLOWED = {"origin": "https://app.example.com", "sec-fetch-site": "same-site"}
ELSEWHERE = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}


@pytest.fixture
def customer() -> str:
    return f"customer-{uuid.uuid4()}"


def test_the_application_learns_who_is_there_from_the_authorizer(protected_api: ProtectedApi, customer: str) -> None:
    gold = protected_api.create_session(customer, data={"tier": "gold"})["token"]
    plain = protected_api.create_session(customer)["token"]

    assert protected_api.orders(gold).json == {"customer_id": customer, "tier": "gold", "orders": []}
    by_header = protected_api.orders(authorization=f"Bearer {plain}")
    assert by_header.json == {"customer_id": customer, "tier": "standard", "orders": []}
    assert by_header.headers["cache-control"] == "no-store"


def test_a_session_that_was_ended_is_refused_by_the_very_next_request(
    protected_api: ProtectedApi, customer: str
) -> None:
    visitor = protected_api.sign_in(customer)
    token = visitor.token or ""
    assert [protected_api.orders(token).status for _ in range(2)] == [200, 200]

    visitor.call("DELETE", "/session")

    assert protected_api.orders(token).status == 403


def test_nobody_and_visitors_and_garbage_do_not_get_through(protected_api: ProtectedApi) -> None:
    anonymous = protected_api.create_session(None)["token"]

    for token in (None, anonymous, "garbage", anonymous[:-1]):
        assert protected_api.orders(token).status == 403


def test_an_order_comes_from_the_sites_own_pages(protected_api: ProtectedApi, customer: str) -> None:
    token = protected_api.create_session(customer)["token"]

    assert protected_api.orders(token, "POST").status == 200
    assert protected_api.orders(token, "POST", **ALLOWED).status == 200
    assert protected_api.orders(token, "POST", **ELSEWHERE).status == 403
    assert protected_api.orders(None, "POST", **ELSEWHERE, authorization=f"Bearer {token}").status == 200
