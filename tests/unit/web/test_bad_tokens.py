"""Requests whose token is missing, doubled, malformed or no longer good."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from session_store import InvalidTokenError
from session_store.web import SessionHandle
from tests.support.lambda_events import Payload, event
from tests.support.scene import Scene
from tests.support.visitor import Visitor
from tests.unit.web.conftest import Site

COOKIE = "__Host-session"


def who(handle: SessionHandle) -> dict[str, Any]:
    """A page that tells who is signed in."""
    return {"statusCode": 200, "body": str(handle.customer_id)}


@pytest.fixture
def open_page(site: Site) -> Visitor:
    return site.page(who)


@pytest.fixture
def members_page(site: Site) -> Visitor:
    return site.page(who, required=True)


# All spellings that are refused are in tests/adversary: it is the same reader.
MALFORMED: dict[str, Callable[[str], str]] = {
    "empty": lambda _: "",
    "over 4 KB": lambda token: token + "A" * 4096,
    "truncated": lambda token: token[:-1],
    "quoted": lambda token: f'"{token}"',
    "full-width digits": lambda token: token.replace(token[3], "\uff11", 1),
    "a null": lambda token: token + "\x00",
}


@pytest.mark.shows("T13")
@pytest.mark.parametrize("change", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_token_is_anonymous_and_costs_no_call(
    scene: Scene, open_page: Visitor, members_page: Visitor, change: Callable[[str], str]
) -> None:
    token = change(scene.other.create_session("ana").token)
    open_page.token = members_page.token = token

    assert (open_page.get().text, open_page.token) == ("None", token)
    assert (members_page.get().problem, members_page.token) == ("session-required", token)
    assert scene.faults.calls == []


def rotated_out(scene: Scene, token: str) -> None:
    scene.other.validate(scene.other.rotate(token).token or "")
    scene.clock.advance(timedelta(minutes=2))


@pytest.mark.shows("7.4.1")
@pytest.mark.parametrize(
    "fate", [lambda scene, token: scene.other.end_session(scene.other.validate(token)), rotated_out]
)
@pytest.mark.parametrize("payload", [Payload.HTTP_API, Payload.REST_API])
def test_a_token_that_was_good_once_is_anonymous_and_a_cookie_that_replaced_it_meanwhile_is_left_alone(
    site: Site, scene: Scene, fate: Callable[[Scene, str], None], payload: Payload
) -> None:
    token = scene.other.create_session("ana").token
    open_page = site.page(who, token, payload)
    assert open_page.get().text == "ana"
    fate(scene, token)

    page = open_page.get()

    assert (page.text, page.set_cookies) == ("None", [])


def test_a_request_without_a_cookie_is_anonymous(open_page: Visitor, members_page: Visitor) -> None:
    assert (open_page.get().text, open_page.get().set_cookies) == ("None", [])
    assert (members_page.get().problem, members_page.get().set_cookies) == ("session-required", [])


@pytest.mark.parametrize("payload", Payload)
def test_two_session_cookies_are_anonymous_even_if_one_is_good(site: Site, scene: Scene, payload: Payload) -> None:
    good = f"{COOKIE}={scene.other.create_session('ana').token}"
    for cookies in ([good, good], [good, f"{COOKIE}="], [f"{COOKIE}=x", good]):
        assert site.handler(who)(event("GET", {}, cookies, payload), None)["body"] == "None"
    assert scene.faults.calls == []


@pytest.mark.parametrize(
    "name",
    ["__host-session", "__Host-Session", "session", "__Secure-session", "\u2000__Host-session", "__Host-session\xa0"],
    ids=ascii,
)
def test_a_cookie_of_another_name_is_not_the_sessions(scene: Scene, open_page: Visitor, name: str) -> None:
    open_page.cookies[name] = scene.other.create_session("ana").token
    assert (open_page.get().text, open_page.get().set_cookies) == ("None", [])


@pytest.mark.parametrize("payload", Payload)
def test_other_cookies_do_not_matter(site: Site, scene: Scene, payload: Payload) -> None:
    open_page = site.page(who, payload=payload)
    open_page.cookies |= {"a": "1; b", "": "x", "c": '"quoted; text"', COOKIE: "to be set", "z": "=" * 5000}
    open_page.token = scene.other.create_session("ana").token
    assert open_page.get().text == "ana"


@pytest.mark.parametrize("payload", Payload)
@pytest.mark.parametrize("spelling", ["Bearer {}", "bearer {}", "BEARER  {} "])
def test_a_bearer_token_wins_over_the_cookie(site: Site, scene: Scene, spelling: str, payload: Payload) -> None:
    open_page = site.page(who, scene.other.create_session("ana").token, payload)
    bobs = scene.other.create_session("bob").token
    assert open_page.get(authorization=spelling.format(bobs)).text == "bob"


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer x", "bearer {0}, Bearer {0}", "Bearer {0}x"])
def test_a_bad_bearer_token_is_answered_401_with_any_cookie(scene: Scene, open_page: Visitor, header: str) -> None:
    token = scene.other.create_session("ana").token
    open_page.token = token
    page = open_page.get(authorization=header.format(token))

    assert (*page.outcome, page.set_cookies, token in page.text) == (401, "invalid-token", [], False)
    assert page.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def test_two_authorization_headers_are_refused(site: Site, scene: Scene) -> None:
    token = scene.other.create_session("ana").token
    in_a_list = event("GET", {}, [], Payload.REST_API)
    in_a_list["multiValueHeaders"]["Authorization"] = [f"Bearer {token}", f"Bearer {token}"]
    in_two_spellings = event("GET", {"authorization": f"Bearer {token}"}, [], Payload.HTTP_API)
    in_two_spellings["headers"]["Authorization"] = f"Bearer {token}"
    assert [site.handler(who)(made, None)["statusCode"] for made in (in_a_list, in_two_spellings)] == [401, 401]


def test_a_handler_may_deal_with_a_bad_bearer_token_itself(site: Site) -> None:
    def action(handle: SessionHandle) -> dict[str, Any]:
        with pytest.raises(InvalidTokenError):
            handle.get("n")
        return {"statusCode": 418}

    assert site.page(action).get(authorization="Bearer x").status == 418


# Handlers that need a sign-in


def test_a_page_for_members_lets_only_customers_in(scene: Scene, members_page: Visitor) -> None:
    members_page.token = visitors = scene.other.create_session(data={"visitor": 1}).token
    assert (members_page.get().problem, members_page.token) == ("session-required", visitors)
    members_page.token = scene.other.create_session("ana").token
    assert members_page.get().text == "ana"


@pytest.mark.shows("7.5.3")
def test_a_sign_in_that_is_too_old_has_to_be_repeated(scene: Scene, site: Site) -> None:
    page = site.page(who, scene.other.create_session("ana").token, max_auth_age=timedelta(minutes=5))

    assert page.get().text == "ana"
    scene.clock.advance(timedelta(minutes=5, seconds=1))
    answer = page.get()
    assert (*answer.outcome, page.token is None) == (401, "reauthentication-required", False)
    challenge = 'Bearer error="insufficient_user_authentication", max_age="300"'
    assert answer.headers["www-authenticate"] == challenge


@pytest.mark.parametrize("rule", [{"max_auth_age": timedelta(minutes=5)}, {"required_acr": "gold"}], ids=str)
def test_a_page_that_needs_a_certain_sign_in_is_for_members(site: Site, rule: dict[str, Any]) -> None:
    for token in (site.other.create_session(data={"n": 1}).token, None):
        assert site.page(who, token, **rule).get().status == 401


@pytest.mark.shows("7.5.3")
def test_a_sign_in_that_is_too_weak_is_told_which_ones_will_do(scene: Scene, site: Site) -> None:
    said = {"at": int(scene.clock.now()), "acr": "silver"}
    token = scene.other.create_session("ana", data={"$authentication": said}).token

    assert site.page(who, token, required_acr={"silver"}).get().text == "ana"
    answer = site.page(who, token, required_acr=["gold", "platinum"]).get()

    assert answer.outcome == (401, "reauthentication-required")
    challenge = 'Bearer error="insufficient_user_authentication", acr_values="gold platinum"'
    assert answer.headers["www-authenticate"] == challenge


def test_a_strict_page_sees_at_once_that_all_sessions_were_ended(scene: Scene, site: Site) -> None:
    created = scene.other.create_session("ana")
    scene.faults.hide_from_index(created.session.session_id)
    scene.store.end_customer_sessions("ana")

    assert site.page(who, created.token).get().text == "ana"
    assert site.page(who, created.token, strict=True).get().text == "None"
