"""Requests that change state with the cookie have to come from a page that may (CSRF)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from session_store.kernel.web_settings import UserRouteSettings
from tests.support.visitor import Visitor

if TYPE_CHECKING:
    from tests.unit.user_routes.conftest import Site

ALLOWED = "https://app.example.com"
CHANGES: dict[str, tuple[str, str, Any]] = {
    "merge": ("PATCH", "/session", {"data": {"a": 2}}),
    "replace": ("PUT", "/session/data", {"a": 2}),
    "rotate": ("POST", "/session/rotate", None),
    "sign out": ("DELETE", "/session", None),
    "end others": ("DELETE", "/me/sessions", None),
    "end one": ("DELETE", "/me/sessions/018f0000-0000-7000-8000-000000000000", None),
}
# All values that are refused are in tests/unit/web/test_cross_site_requests.py: it is the same check.
REFUSED: dict[str, dict[str, str]] = {
    "another site": {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
    "a lookalike": {"origin": f"{ALLOWED}.evil.example"},
    "neither header": {"sec-fetch-site": "", "origin": ""},
}
EVERY_CHANGE = pytest.mark.parametrize("change", CHANGES)


@pytest.fixture
def visitor(site: Site) -> Visitor:
    gateway = site.gateway(UserRouteSettings(allowed_origins=(ALLOWED,), data_keys=("a",)))
    return Visitor(gateway.send, site.other.create_session("ana", data={"a": 1}).token)


def send(visitor: Visitor, change: str, headers: dict[str, str]) -> int:
    method, url, body = CHANGES[change]
    return visitor.call(method, url, body, headers={"if-match": "1", **headers}).status


@EVERY_CHANGE
@pytest.mark.parametrize("origin", REFUSED)
def test_a_change_from_elsewhere_is_refused_before_anything_is_read(
    site: Site, visitor: Visitor, change: str, origin: str
) -> None:
    method, url, body = CHANGES[change]

    reply = visitor.call(method, url, body, headers={"if-match": "1", **REFUSED[origin]})

    assert reply.outcome == (403, "cross-site-request")
    assert reply.set_cookies == ()
    assert site.scene.faults.calls == []


@EVERY_CHANGE
@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "same-origin"}, {"origin": ALLOWED}, {"sec-fetch-site": "same-site", "origin": ALLOWED}],
    ids=["own page", "allowed page, old browser", "allowed page"],
)
def test_a_change_from_a_page_that_may_is_made(visitor: Visitor, change: str, headers: dict[str, str]) -> None:
    assert send(visitor, change, headers) in {200, 204}


@EVERY_CHANGE
def test_a_bearer_token_is_proof_enough(visitor: Visitor, change: str) -> None:
    visitor.bearer = True

    assert send(visitor, change, REFUSED["neither header"]) in {200, 204}


@EVERY_CHANGE
def test_a_bad_bearer_token_beside_the_cookie_gets_no_change_through(site: Site, visitor: Visitor, change: str) -> None:
    status = send(visitor, change, {**REFUSED["another site"], "authorization": "Bearer garbage"})

    assert status == (204 if change == "sign out" else 401)
    assert site.other.validate(visitor.token or "").data == {"a": 1}


@pytest.mark.parametrize("url", ["/session", "/me/sessions"])
def test_reading_needs_no_proof(visitor: Visitor, url: str) -> None:
    assert visitor.get(url, **REFUSED["another site"]).status == 200
