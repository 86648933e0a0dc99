"""Requests that change state with the cookie have to come from a page that may (CSRF)."""

from __future__ import annotations

import pytest

from session_store.catalog.route import Route
from session_store.catalog.routes import USER_ROUTES
from tests.support.visitor import Visitor
from tests.unit.user_routes.conftest import Site, send

ALLOWED = "https://app.example.com"
CHANGES = [route for route in USER_ROUTES if route.method != "GET"]
# All values that are refused are in tests/unit/web/test_cross_site_requests.py: it is the same check.
REFUSED: dict[str, dict[str, str]] = {
    "another site": {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
    "a lookalike": {"origin": f"{ALLOWED}.evil.example"},
    "neither header": {"sec-fetch-site": "", "origin": ""},
}
EVERY_CHANGE = pytest.mark.parametrize("route", CHANGES, ids=lambda route: route.operation_id)


@pytest.fixture
def visitor(site: Site) -> Visitor:
    return site.limited({"a": 1}, allowed_origins=(ALLOWED,), data_keys=("a",))


@pytest.mark.shows("T21")
@EVERY_CHANGE
@pytest.mark.parametrize("origin", REFUSED)
def test_a_change_from_elsewhere_is_refused_before_anything_is_read(
    site: Site, visitor: Visitor, route: Route, origin: str
) -> None:
    reply = send(visitor, route, **REFUSED[origin])
    assert (*reply.outcome, reply.set_cookies) == (403, "cross-site-request", ())
    assert site.scene.faults.calls == []


@pytest.mark.shows("A10")
@EVERY_CHANGE
@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "same-origin"}, {"origin": ALLOWED}, {"sec-fetch-site": "same-site", "origin": ALLOWED}],
    ids=["own page", "allowed page, old browser", "allowed page"],
)
def test_a_change_from_a_page_that_may_is_made(visitor: Visitor, route: Route, headers: dict[str, str]) -> None:
    assert send(visitor, route, **headers).status in {200, 204}


@EVERY_CHANGE
def test_a_bearer_token_is_proof_enough(visitor: Visitor, route: Route) -> None:
    visitor.bearer = True

    assert send(visitor, route, **REFUSED["neither header"]).status in {200, 204}


@EVERY_CHANGE
def test_a_bad_bearer_token_beside_the_cookie_gets_no_change_through(
    site: Site, visitor: Visitor, route: Route
) -> None:
    status = send(visitor, route, **REFUSED["another site"], authorization="Bearer garbage").status

    assert status == (204 if route.operation_id == "signOut" else 401)
    assert site.other.validate(visitor.token or "").data == {"a": 1}


@pytest.mark.parametrize("url", ["/session", "/me/sessions"])
def test_reading_needs_no_proof(visitor: Visitor, url: str) -> None:
    assert visitor.get(url, **REFUSED["another site"]).status == 200
