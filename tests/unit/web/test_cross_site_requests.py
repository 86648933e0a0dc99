"""Which requests that change state are believed to come from the site's own pages."""

from __future__ import annotations

import pytest

from session_store.web import SessionHandle
from tests.support.lambda_events import Payload, behind
from tests.support.scene import Scene
from tests.support.visitor import Visitor
from tests.unit.web.conftest import Site

ALLOWED = "https://app.example.com"
VOUCHED = [{"sec-fetch-site": "same-origin"}, {"origin": ALLOWED}, {"origin": ALLOWED, "sec-fetch-site": "same-site"}]
OTHER_SITES = ["same-site", "cross-site", "none", "same-origin, same-origin", "SAME-ORIGIN"]
OTHER_ORIGINS = ["https://evil.example.com", "null", "http://app.example.com"]
LIKE_THE_ALLOWED_ONE = [f"{ALLOWED}.evil.example.com", f"{ALLOWED}, {ALLOWED}", f"{ALLOWED}:8443"]
NOT_VOUCHED = [
    *({"sec-fetch-site": site} for site in OTHER_SITES),
    *({"origin": origin} for origin in OTHER_ORIGINS + LIKE_THE_ALLOWED_ONE),
    {"sec-fetch-site": "cross-site", "origin": "null"},
    {"referer": f"{ALLOWED}/page"},
]


def change(handle: SessionHandle) -> None:
    handle["changed"] = True


@pytest.fixture
def browser(site: Site) -> Visitor:
    """Signed in, on a page that changes something; says nothing by itself about where requests come from."""
    visitor = site.page(change, site.other.create_session("ana").token, allowed_origins=[ALLOWED])
    visitor.from_own_page = False
    return visitor


@pytest.mark.shows("C16", "3.3.2")
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "post", "CONNECT", "ANYTHING"])
def test_a_cookie_alone_is_not_believed(browser: Visitor, scene: Scene, method: str) -> None:
    assert browser.call(method).outcome == (403, "cross-site-request")
    assert scene.faults.calls == []


@pytest.mark.parametrize("headers", VOUCHED, ids=str)
@pytest.mark.parametrize("payload", [Payload.HTTP_API, Payload.REST_API])
def test_what_the_browser_vouches_for_is_believed(
    browser: Visitor, site: Site, headers: dict[str, str], payload: Payload
) -> None:
    browser.send = behind(site.handler(change, allowed_origins=[ALLOWED]), payload)

    assert browser.call("POST", headers=headers).status == 200


@pytest.mark.parametrize("headers", NOT_VOUCHED, ids=str)
def test_no_other_value_is_believed(browser: Visitor, scene: Scene, headers: dict[str, str]) -> None:
    assert browser.call("POST", headers=headers).problem == "cross-site-request"
    assert scene.faults.calls == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE"])
def test_reading_needs_no_proof(browser: Visitor, method: str) -> None:
    assert browser.call(method, headers={"sec-fetch-site": "cross-site"}).status == 200


def test_a_bearer_token_needs_no_proof(browser: Visitor, scene: Scene) -> None:
    token = scene.other.create_session("ana").token

    assert (
        browser.call("POST", headers={"authorization": f"Bearer {token}", "sec-fetch-site": "cross-site"}).status == 200
    )


@pytest.mark.parametrize("scheme", ["Basic", "AWS4-HMAC-SHA256", "BearerX"])
def test_another_kind_of_authorization_proves_nothing(browser: Visitor, scheme: str) -> None:
    assert browser.call("POST", headers={"authorization": f"{scheme} abc"}).problem == "cross-site-request"


@pytest.mark.shows("T21", "7.6.2")
def test_another_site_cannot_sign_a_visitor_in_to_its_own_account(browser: Visitor) -> None:
    browser.cookies.clear()  # SameSite=Lax keeps the cookie back

    assert (
        browser.call("POST", headers={"sec-fetch-site": "cross-site", "origin": "https://evil.example.com"}).status
        == 403
    )
    assert browser.token is None


def test_a_client_that_is_no_browser_and_has_no_cookie_may_begin(browser: Visitor) -> None:
    browser.cookies.clear()
    assert browser.call("POST").status == 200


def test_the_check_can_be_left_to_the_application(site: Site) -> None:
    token = site.other.create_session("ana").token

    visitor = site.page(change, token, csrf=False)
    visitor.from_own_page = False
    assert visitor.post().status == 200
