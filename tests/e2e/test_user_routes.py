"""An application's own API, with IAM enforced: the user routes, and a route behind the authorizer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from session_store.catalog.route import Route
from session_store.catalog.routes import USER_ROUTES
from tests.support.protected_api import ProtectedApi
from tests.support.reply import Reply
from tests.support.visitor import Visitor

ALLOWED = {"origin": "https://app.example.com", "sec-fetch-site": "same-site"}
ELSEWHERE = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}


def call(visitor: Visitor, route: Route, session_id: str) -> Reply:
    """Send a good request to a route."""
    body = {"PATCH": {"data": {"theme": "dark"}}, "PUT": {"theme": "light"}}.get(route.method)
    return visitor.call(route.method, route.path.replace("{session_id}", session_id), body, headers={"if-match": "1"})


@pytest.mark.parametrize("bearer", [False, True], ids=["cookie", "bearer"])
@pytest.mark.parametrize("route", USER_ROUTES, ids=lambda route: route.operation_id)
def test_every_route_answers_and_its_function_may_do_what_it_does(
    protected_api: ProtectedApi, customer: str, route: Route, *, bearer: bool
) -> None:
    other = protected_api.create_session(customer)["session"]["session_id"]
    visitor = protected_api.sign_in(customer, bearer=bearer)

    assert call(visitor, route, other).status == route.success


@pytest.mark.parametrize("route", USER_ROUTES, ids=lambda route: route.operation_id)
def test_no_route_does_anything_without_a_session(protected_api: ProtectedApi, customer: str, route: Route) -> None:
    other = protected_api.create_session(customer)["session"]["session_id"]

    assert call(protected_api.visitor(None), route, other).status == (204 if route.operation_id == "signOut" else 401)
    assert protected_api.deployed.api.request("GET", f"/sessions/{other}").status == 200


def test_what_one_page_writes_the_next_one_reads(protected_api: ProtectedApi, customer: str) -> None:
    visitor = protected_api.sign_in(customer, data={"tier": "gold"}, client="Firefox on Linux")

    patched = visitor.call("PATCH", "/session", {"data": {"cart": {"tea": 1}}})
    replaced = visitor.call("PUT", "/session/data", {"theme": "dark"}, headers={"if-match": patched.headers["etag"]})
    stale = visitor.call("PUT", "/session/data", {}, headers={"if-match": patched.headers["etag"]})

    assert (patched.json["data"], replaced.json["data"]) == ({"cart": {"tea": 1}}, {"theme": "dark"})
    assert stale.outcome == (412, "precondition-failed")
    assert visitor.get("/session").headers["etag"] == replaced.headers["etag"]
    session_id = replaced.json["session_id"]
    stored = protected_api.deployed.api.request("GET", f"/sessions/{session_id}").json
    assert stored["data"] == {"theme": "dark", "tier": "gold"}


def test_16_pages_that_write_at_once_all_win(protected_api: ProtectedApi, customer: str) -> None:
    token = protected_api.create_session(customer)["token"]
    pages = [protected_api.visitor(token) for _ in range(16)]

    def write(number: int) -> int:
        return pages[number].call("PATCH", "/session", {"data": {"cart": {f"widget-{number}": number}}}).status

    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(write, range(16))) == [200] * 16
    stored = pages[0].get("/session").json["data"]
    assert stored == {"cart": {f"widget-{number}": number for number in range(16)}}


# Behind the authorizer


def test_the_application_learns_who_is_there_from_the_authorizer(protected_api: ProtectedApi, customer: str) -> None:
    gold = protected_api.create_session(customer, data={"tier": "gold"})["token"]
    plain = protected_api.create_session(customer)["token"]

    assert protected_api.orders(gold).json == {"customer_id": customer, "tier": "gold", "orders": []}
    by_header = protected_api.orders(authorization=f"Bearer {plain}")
    assert by_header.json == {"customer_id": customer, "tier": "standard", "orders": []}
    assert by_header.headers["cache-control"] == "no-store"


def test_requests_without_a_session_and_visitors_and_garbage_do_not_get_through(protected_api: ProtectedApi) -> None:
    anonymous = protected_api.create_session(None)["token"]

    for token in (None, anonymous, "garbage", anonymous[:-1]):
        assert protected_api.orders(token).status == 403


def test_an_order_comes_from_the_sites_own_pages(protected_api: ProtectedApi, customer: str) -> None:
    token = protected_api.create_session(customer)["token"]

    assert protected_api.orders(token, "POST").status == 200
    assert protected_api.orders(token, "POST", **ALLOWED).status == 200
    assert protected_api.orders(token, "POST", **ELSEWHERE).status == 403
    assert protected_api.orders(None, "POST", **ELSEWHERE, authorization=f"Bearer {token}").status == 200
