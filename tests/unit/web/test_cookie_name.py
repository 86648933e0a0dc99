"""The cookie's name: two applications on one host, each with its own, leave each other's session alone."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock

import pytest

from session_store import SessionStore
from session_store.kernel.web_settings import UserRouteSettings
from session_store.settings import DEFAULT_COOKIE_NAME
from session_store.web import Authorizer, SessionHandle, current_session, session
from tests.support.lambda_events import Payload, behind, event, get
from tests.support.scene import Scene
from tests.support.visitor import Visitor
from tests.unit.gateway import UserGateway
from tests.unit.web.conftest import Site

SHOP = "__Host-shop"


def sign_in(handle: SessionHandle) -> None:
    handle.sign_in("ana")


def sign_out(handle: SessionHandle) -> None:
    handle.sign_out()


def who(handle: SessionHandle) -> str:
    return str(handle.customer_id)


@pytest.fixture
def shop(scene: Scene) -> Site:
    """An application with a name of its own for its cookie."""
    return Site(scene, store=scene.store_with(cookie_name=SHOP))


@pytest.mark.parametrize("payload", Payload)
def test_two_applications_on_one_host_keep_their_sessions_apart(site: Site, shop: Site, payload: Payload) -> None:
    browser = Visitor(behind(shop.handler(sign_in), payload))
    browser.post()
    for action in (sign_in, sign_out):
        browser.send = behind(site.handler(action), payload)
        browser.post()
        browser.send = behind(shop.handler(who), payload)
        assert browser.get().text == "ana"

    browser.send = behind(shop.handler(sign_out), payload)
    assert [cookie.partition(";")[0] for cookie in browser.post().set_cookies] == [f"{SHOP}="]


def test_a_cookie_under_the_name_of_another_application_is_no_token(site: Site, shop: Site, scene: Scene) -> None:
    token = scene.other.create_session("ana").token
    for name, application in ((SHOP, site), (DEFAULT_COOKIE_NAME, shop)):
        browser = Visitor(behind(application.handler(who)), {name: token})
        assert browser.get().text == "None"


def test_the_authorizer_and_the_user_routes_go_by_the_name_as_well(shop: Site, scene: Scene) -> None:
    store = scene.store_with(cookie_name=SHOP)
    token = scene.other.create_session("ana").token
    for name, is_signed_in in ((SHOP, True), (DEFAULT_COOKIE_NAME, False)):
        asked: Any = event("GET", {}, [f"{name}={token}"], Payload.HTTP_API)
        assert Authorizer(store).decide(asked).is_authorized is is_signed_in
        browser = Visitor(UserGateway(store, UserRouteSettings()).send, {name: token})
        assert browser.get("/session").status == (200 if is_signed_in else 401)

    browser = Visitor(UserGateway(store, UserRouteSettings()).send, {SHOP: token})
    assert browser.call("POST", "/session/rotate").set_cookies[0].startswith(f"{SHOP}=v1.")
    assert browser.call("DELETE", "/session").set_cookies[0].startswith(f"{SHOP}=;")


# The cost of the name


@pytest.mark.parametrize(
    ("cookies", "looks", "is_made"),
    [
        (["theme=dark"], True, False),
        ([f"{DEFAULT_COOKIE_NAME}=x"], False, False),
        ([f"{DEFAULT_COOKIE_NAME}=x"], True, True),
    ],
)
def test_the_store_is_made_for_a_look_at_a_cookie_that_may_be_the_sessions(
    session_store: SessionStore, cookies: list[str], *, looks: bool, is_made: bool
) -> None:
    make = Mock(return_value=session_store)

    session(store=make)(lambda *_: current_session().is_new if looks else "page")(get(cookies=cookies), None)

    assert make.called is is_made
