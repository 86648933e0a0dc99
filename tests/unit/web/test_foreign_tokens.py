"""`cookie_only`: the header `Authorization` is another system's, and the session comes in the cookie alone."""

from __future__ import annotations

import pytest

from session_store.kernel.authorizer_settings import AuthorizerSettings
from session_store.kernel.web_settings import UserRouteSettings
from session_store.settings import DEFAULT_COOKIE_NAME
from session_store.web import Authorizer, SessionHandle
from tests.support.lambda_events import Payload, event
from tests.support.scene import Scene
from tests.support.visitor import SAME_ORIGIN, Visitor
from tests.unit.gateway import UserGateway
from tests.unit.web.conftest import Site

FOREIGN = pytest.mark.parametrize(
    "header", ["Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "Bearer null", "Bearer "]
)


def who(handle: SessionHandle) -> str:
    return str(handle.customer_id)


@pytest.fixture
def anas(scene: Scene) -> str:
    return scene.other.create_session("ana").token


@FOREIGN
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_handler_goes_by_the_cookie(site: Site, anas: str, header: str, method: str) -> None:
    browser = site.page(who, anas, cookie_only=True)

    assert browser.call(method, headers={"authorization": header}).text == "ana"


def test_the_sessions_own_token_in_the_header_does_not_count_either(site: Site, anas: str) -> None:
    page = site.page(who, cookie_only=True).get(authorization=f"Bearer {anas}")

    assert (page.status, page.text) == (200, "None")


def test_a_sign_in_beside_another_systems_token_sets_the_cookie(site: Site, scene: Scene) -> None:
    browser = site.page(lambda handle: handle.sign_in("ana").session.session_id, cookie_only=True)

    browser.post(authorization="Bearer x")

    assert scene.other.validate(browser.token or "").customer_id == "ana"


def test_a_header_that_does_not_count_is_no_proof_against_other_sites(site: Site, anas: str) -> None:
    browser = site.page(who, anas, cookie_only=True)
    browser.from_own_page = False

    assert browser.post(authorization="Bearer x").problem == "cross-site-request"


@FOREIGN
def test_the_authorizer_goes_by_the_cookie(scene: Scene, anas: str, header: str) -> None:
    asked = event("POST", SAME_ORIGIN | {"authorization": header}, [f"{DEFAULT_COOKIE_NAME}={anas}"], Payload.HTTP_API)

    for cookie_only in (True, False):
        authorizer = Authorizer(scene.store, AuthorizerSettings(cookie_only=cookie_only))
        assert authorizer.decide(asked).is_authorized is cookie_only


@FOREIGN
def test_the_user_routes_go_by_the_cookie(scene: Scene, anas: str, header: str) -> None:
    for cookie_only, status in ((True, 200), (False, 401)):
        gateway = UserGateway(scene.store, UserRouteSettings(cookie_only=cookie_only))
        browser = Visitor(gateway.send, {DEFAULT_COOKIE_NAME: anas})
        assert browser.call("POST", "/session/rotate", headers={"authorization": header}).status == status
