"""Requests whose token is missing, doubled, malformed or no longer good."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from session_store import InvalidInputError, InvalidTokenError
from session_store.web import current_session, session
from tests.support.browser import Browser, Payload, event
from tests.support.scene import sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.scene import Scene

COOKIE = "__Host-session"


def signed_in_as(scene: Scene, **rules: Any) -> Browser:
    """A browser on a page that tells who is signed in."""

    @session(store=scene.store, **rules)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        return {"statusCode": 200, "body": str(current_session().customer_id)}

    return Browser(handler)


@pytest.fixture
def open_page(scene: Scene) -> Browser:
    return signed_in_as(scene)


@pytest.fixture
def members_page(scene: Scene) -> Browser:
    return signed_in_as(scene, required=True)


def with_token_of(scene: Scene, change: Callable[[str], str]) -> str:
    return change(scene.another_store().create_session("ana").token)


MALFORMED: dict[str, Callable[[str], str]] = {
    "empty": lambda _: "",
    "over 4 KB": lambda token: token + "A" * 4096,
    "garbage base64": lambda token: token[:-4] + "!!==",
    "other version": lambda token: "v2" + token[2:],
    "no version": lambda token: token[3:],
    "truncated": lambda token: token[:-1],
    "a character more": lambda token: token + "A",
    "quoted": lambda token: f'"{token}"',
    "another spelling of the last bits": lambda token: token[:-1] + chr(ord(token[-1]) + 1),
    "full-width digits": lambda token: token.replace(token[3], "\uff11", 1),
    "upper case id": lambda token: token[:39].upper() + token[39:],
    "a null": lambda token: token + "\x00",
}


@pytest.mark.parametrize("change", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_token_is_nobodys_and_costs_no_call(
    scene: Scene, open_page: Browser, members_page: Browser, change: Callable[[str], str]
) -> None:
    token = with_token_of(scene, change)
    open_page.token = members_page.token = token

    assert (open_page.get().text, open_page.token) == ("None", token)
    assert members_page.get().problem == "session-required"
    assert members_page.token == token
    assert scene.faults.calls == []


def expired(scene: Scene, token: str) -> None:
    scene.clock.advance(timedelta(minutes=30))


def ended(scene: Scene, token: str) -> None:
    scene.another_store().end_session(scene.another_store().validate(token))


def closing(scene: Scene, token: str) -> None:
    scene.another_store().update_data(scene.another_store().validate(token), {}, closing=True)


def deleted(scene: Scene, token: str) -> None:
    scene.delete_session_row(scene.another_store().validate(token).session_id)


def rotated_out(scene: Scene, token: str) -> None:
    new = scene.another_store().rotate(token).token
    assert new is not None
    scene.another_store().validate(new)
    scene.clock.advance(timedelta(seconds=31))


@pytest.mark.asvs("7.4.1")
@pytest.mark.parametrize("fate", [expired, ended, closing, deleted, rotated_out])
@pytest.mark.parametrize("payload", [Payload.HTTP_API, Payload.REST_API])
def test_a_token_that_was_good_once_is_nobodys_and_a_cookie_that_replaced_it_meanwhile_is_left_alone(
    scene: Scene, open_page: Browser, fate: Callable[[Scene, str], None], payload: Payload
) -> None:
    token = scene.another_store().create_session("ana").token
    open_page.token, open_page.payload = token, payload
    assert open_page.get().text == "ana"
    fate(scene, token)

    page = open_page.get()

    assert (page.text, page.set_cookies) == ("None", [])


def test_a_replaced_secret_that_comes_back_ends_the_session(scene: Scene, open_page: Browser) -> None:
    token = scene.another_store().create_session("ana").token
    new = scene.another_store().rotate(token).token
    assert new is not None
    scene.another_store().validate(new)
    scene.clock.advance(timedelta(seconds=31))
    open_page.token = token
    open_page.get()

    with pytest.raises(InvalidTokenError):
        scene.another_store().validate(new)
    assert [event.name for event in scene.events] == ["TokenReused"]


def test_another_customers_id_with_ones_own_secret_is_nobodys_and_ends_nothing(
    scene: Scene, open_page: Browser
) -> None:
    anas, bobs = (scene.another_store().create_session(name).token for name in ("ana", "bob"))
    open_page.token = ".".join([*anas.split(".")[:2], *bobs.split(".")[2:]])

    assert open_page.get().text == "None"
    assert scene.another_store().validate(anas).customer_id == "ana"


def test_a_childs_token_is_not_a_sessions(scene: Scene, open_page: Browser) -> None:
    open_page.token = sign_in(scene.another_store()).child_token

    assert open_page.get().text == "None"


def test_no_cookie_is_nobody(open_page: Browser, members_page: Browser) -> None:
    assert (open_page.get().text, open_page.get().set_cookies) == ("None", [])
    assert (members_page.get().problem, members_page.get().set_cookies) == ("session-required", [])


@pytest.mark.parametrize("payload", Payload)
def test_two_session_cookies_are_nobody_even_if_one_is_good(scene: Scene, open_page: Browser, payload: Payload) -> None:
    good = f"{COOKIE}={scene.another_store().create_session('ana').token}"
    for cookies in ([good, good], [good, f"{COOKIE}="], [f"{COOKIE}=x", good]):
        result = open_page.handler(event("GET", {}, cookies, payload), None)
        assert result["body"] == "None"
    assert scene.faults.calls == []


@pytest.mark.parametrize(
    "name",
    ["__host-session", "__Host-Session", "session", "__Secure-session", "\u2000__Host-session", "__Host-session\xa0"],
    ids=ascii,
)
def test_a_cookie_of_another_name_is_not_the_sessions(scene: Scene, open_page: Browser, name: str) -> None:
    open_page.cookies[name] = scene.another_store().create_session("ana").token

    assert (open_page.get().text, open_page.get().set_cookies) == ("None", [])


def test_other_cookies_do_not_matter(scene: Scene, open_page: Browser) -> None:
    open_page.cookies |= {"a": "1; b", "": "x", "c": '"quoted; text"', COOKIE: "to be set", "z": "=" * 5000}
    open_page.token = scene.another_store().create_session("ana").token

    for payload in Payload:
        open_page.payload = payload
        assert open_page.get().text == "ana"


@pytest.mark.parametrize("spelling", ["Bearer {}", "bearer {}", "BEARER  {} "])
def test_a_bearer_token_wins_over_the_cookie(scene: Scene, open_page: Browser, spelling: str) -> None:
    open_page.token = scene.another_store().create_session("ana").token
    bobs = scene.another_store().create_session("bob").token

    for payload in Payload:
        open_page.payload = payload
        assert open_page.get(authorization=spelling.format(bobs)).text == "bob"


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer x", "bearer {0}, Bearer {0}", "Bearer {0}x"])
def test_a_bad_bearer_token_is_answered_401_whatever_the_cookie_says(
    scene: Scene, open_page: Browser, header: str
) -> None:
    token = scene.another_store().create_session("ana").token
    open_page.token = token
    page = open_page.get(authorization=header.format(token))

    assert (page.status, page.problem) == (401, "invalid-token")
    assert page.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert page.set_cookies == []
    assert token not in page.text


def test_two_authorization_headers_are_nobodys(scene: Scene, open_page: Browser) -> None:
    token = scene.another_store().create_session("ana").token
    made = event("GET", {}, [], Payload.REST_API)
    made["multiValueHeaders"]["Authorization"] = [f"Bearer {token}", f"Bearer {token}"]
    assert open_page.handler(made, None)["statusCode"] == 401

    made = event("GET", {"authorization": f"Bearer {token}"}, [], Payload.HTTP_API)
    made["headers"]["Authorization"] = f"Bearer {token}"
    assert open_page.handler(made, None)["statusCode"] == 401


def test_a_handler_may_deal_with_a_bad_bearer_token_itself(scene: Scene) -> None:
    @session(store=scene.store)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        with pytest.raises(InvalidTokenError):
            current_session().get("n")
        return {"statusCode": 418}

    assert Browser(handler).get(authorization="Bearer x").status == 418


# Where a sign-in is needed


def test_a_page_for_members_lets_only_customers_in(scene: Scene) -> None:
    called = []

    @session(store=scene.store, required=True)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        called.append(current_session().customer_id)
        return {"statusCode": 200, "body": ""}

    browser = Browser(handler)
    browser.token = scene.another_store().create_session(data={"visitor": 1}).token

    assert browser.get().problem == "session-required"
    assert browser.token is not None
    browser.token = scene.another_store().create_session("ana").token
    assert browser.get().status == 200
    assert called == ["ana"]


@pytest.mark.asvs("7.5.3")
def test_a_sign_in_that_is_too_old_has_to_be_repeated(scene: Scene) -> None:
    page = signed_in_as(scene, max_auth_age=timedelta(minutes=5))
    page.token = scene.another_store().create_session("ana").token

    assert page.get().text == "ana"
    scene.clock.advance(timedelta(minutes=5, seconds=1))
    answer = page.get()
    assert (answer.status, answer.problem) == (401, "reauthentication-required")
    assert answer.headers["www-authenticate"] == 'Bearer error="insufficient_user_authentication"'
    assert page.token is not None


@pytest.mark.parametrize("visitor", [True, False])
def test_a_page_with_a_largest_age_of_the_sign_in_is_for_members(scene: Scene, *, visitor: bool) -> None:
    page = signed_in_as(scene, max_auth_age=timedelta(minutes=5))
    if visitor:
        page.token = scene.another_store().create_session(data={"n": 1}).token

    assert page.get().status == 401


def test_a_largest_age_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(InvalidInputError, match="max_auth_age"):
        session(max_auth_age=timedelta(seconds=-1))


def test_a_strict_page_sees_at_once_that_all_sessions_were_ended(scene: Scene) -> None:
    created = scene.another_store().create_session("ana")
    scene.faults.hide_from_index(created.session.session_id)
    scene.store.end_customer_sessions("ana")
    plain, strict = signed_in_as(scene), signed_in_as(scene, strict=True)
    plain.token = strict.token = created.token

    assert plain.get().text == "ana"
    assert strict.get().text == "None"
