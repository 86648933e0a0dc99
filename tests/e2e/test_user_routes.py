"""The user routes on an application's own API, deployed, with IAM enforced."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from session_store.catalog.routes import USER_ROUTES
from tests.support.protected_api import ProtectedApi

BY_EITHER = pytest.mark.parametrize("bearer", [False, True], ids=["cookie", "bearer"])


@pytest.fixture
def customer() -> str:
    return f"customer-{uuid.uuid4()}"


def called(route: tuple[str, str], session_id: str) -> tuple[str, str, Any, dict[str, str]]:
    """A good request to a route."""
    method, path = route
    body = {"PATCH": {"data": {"theme": "dark"}}, "PUT": {"theme": "light"}}.get(method)
    return method, path.replace("{session_id}", session_id), body, {"if-match": "1"}


@BY_EITHER
@pytest.mark.parametrize("route", USER_ROUTES, ids=lambda route: route.operation_id)
def test_every_route_answers_and_its_function_may_do_what_it_does(
    protected_api: ProtectedApi, customer: str, route: Any, *, bearer: bool
) -> None:
    other = protected_api.create_session(customer)["session"]["session_id"]
    visitor = protected_api.sign_in(customer, bearer=bearer)
    method, url, body, headers = called((route.method, route.path), other)

    assert visitor.call(method, url, body, headers=headers).status == route.success


@pytest.mark.parametrize("route", USER_ROUTES, ids=lambda route: route.operation_id)
def test_no_route_does_anything_for_nobody(protected_api: ProtectedApi, customer: str, route: Any) -> None:
    other = protected_api.create_session(customer)["session"]["session_id"]
    method, url, body, headers = called((route.method, route.path), other)

    reply = protected_api.visitor(None).call(method, url, body, headers=headers)

    assert reply.status == (204 if route.operation_id == "signOut" else 401)
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


@pytest.mark.asvs("7.5.2")
def test_a_phone_is_signed_out_from_the_laptop(protected_api: ProtectedApi, customer: str) -> None:
    phone = protected_api.sign_in(customer, client="Safari on iPhone")
    laptop = protected_api.sign_in(customer, client="Firefox on Linux")

    listed = laptop.get("/me/sessions").json["sessions"]
    assert [(each["client"], each["is_current"]) for each in listed] == [
        ("Firefox on Linux", True),
        ("Safari on iPhone", False),
    ]
    assert laptop.call("DELETE", f"/me/sessions/{listed[1]['session_id']}").status == 204

    assert phone.get("/session").outcome == (401, "invalid-token")
    assert phone.call("PATCH", "/session", {"data": {"cart": {}}}).status == 401
    assert [each["is_current"] for each in laptop.get("/me/sessions").json["sessions"]] == [True]


@pytest.mark.asvs("3.3.1")
@pytest.mark.asvs("3.3.2")
@pytest.mark.asvs("3.3.3")
@pytest.mark.asvs("3.3.4")
def test_the_cookie_has_exactly_the_attributes_that_keep_it_in_its_place(
    protected_api: ProtectedApi, customer: str
) -> None:
    visitor = protected_api.sign_in(customer)

    (rotated,) = visitor.call("POST", "/session/rotate").set_cookies
    (cleared,) = visitor.call("DELETE", "/session").set_cookies

    name_and_token, max_age, *attributes = rotated.split("; ")
    assert name_and_token.startswith("__Host-session=v1.")
    assert 12 * 3600 - 60 < int(max_age.removeprefix("Max-Age=")) <= 12 * 3600
    assert attributes == ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"]
    assert cleared == "__Host-session=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax"


@pytest.mark.parametrize(("method", "url"), [("PATCH", "/session"), ("DELETE", "/session"), ("DELETE", "/me/sessions")])
def test_another_sites_page_changes_nothing(protected_api: ProtectedApi, customer: str, method: str, url: str) -> None:
    visitor = protected_api.sign_in(customer)
    headers = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}

    assert visitor.call(method, url, {"data": {}}, headers=headers).outcome == (403, "cross-site-request")
    assert visitor.get("/session").status == 200
