"""The logout that the provider sends for one of its sessions, and those that overtake a sign-in."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from session_store import InvalidTokenError, SessionStore
from session_store.oidc import OidcSignIn, sign_in_handler
from session_store.settings import DEFAULT_COOKIE_NAME
from tests.support.faults import FOREVER
from tests.support.provider import Browser, Provider
from tests.support.reply import Reply
from tests.unit.oidc.elsewhere import Elsewhere, form


@dataclass
class Users:
    """Browsers whose users sign in with the provider, each in a session of the provider."""

    provider: Provider
    store: SessionStore
    sign_in: OidcSignIn

    def begin(self, sid: str | None = "s-1", *, browser: Browser | None = None, **claims: Any) -> Callable[[], Reply]:
        """Begin a sign-in. What comes back completes it."""
        browser = browser or self.browser()
        answer = self.provider.authorize(browser.login().headers["location"])

        def complete() -> Reply:
            self.provider.claims = {"sid": sid, **claims}
            return browser.callback(answer)

        return complete

    def signed_in(self, sid: str | None = "s-1", **claims: Any) -> Browser:
        browser = self.browser()
        assert self.begin(sid, browser=browser, **claims)().status == 303
        return browser

    def browser(self) -> Browser:
        return Browser(sign_in_handler(self.sign_in, store=self.store), self.provider)

    def live(self, *browsers: Browser) -> list[bool]:
        return [self._is_live(browser) for browser in browsers]

    def _is_live(self, browser: Browser) -> bool:
        with suppress(InvalidTokenError):
            return self.store.validate(browser.cookies[DEFAULT_COOKIE_NAME], strict=True) is not None
        return False


@pytest.fixture
def users(elsewhere: Elsewhere, signing_in: Callable[..., OidcSignIn]) -> Users:
    return Users(elsewhere.provider, elsewhere.scene.other, signing_in())


def a_moment_ago() -> dict[str, Any]:
    """Claims of a logout token from before the next sign-in: seconds are all that tokens know."""
    now = int(time.time())
    return {"iat": now - 1, "exp": now + 60}


def test_sid_alone_ends_what_was_made_in_that_session(elsewhere: Elsewhere, users: Users) -> None:
    here = users.signed_in(), users.signed_in()
    there = users.signed_in("s-2"), users.signed_in(None)

    assert (reply := elsewhere.logout(sub=None, sid="s-1")).status == 200
    assert reply.text == ""

    assert users.live(*here, *there) == [False, False, True, True]
    assert elsewhere.alive == [True, True, True]


def test_sub_and_sid_end_the_same(elsewhere: Elsewhere, users: Users) -> None:
    here, there = users.signed_in(), users.signed_in("s-2")

    assert elsewhere.logout(sid="s-1").status == 200

    assert users.live(here, there) == [False, True]
    assert elsewhere.alive == [True, True, True]


@pytest.mark.shows("T123")
def test_another_users_sid_ends_none_of_its_sessions(elsewhere: Elsewhere, users: Users) -> None:
    anas = users.signed_in()

    assert elsewhere.logout(sub="bob", sid="s-1").status == 200

    assert users.live(anas) == [True]


@pytest.mark.shows("T129")
@pytest.mark.parametrize("named", [{"sub": None, "sid": "s-1"}, {"sub": "ana", "sid": "s-1"}, {"sub": "ana"}], ids=str)
@pytest.mark.parametrize("again", [False, True], ids=["at first", "again"])
def test_a_sign_in_that_is_under_way_is_refused(
    elsewhere: Elsewhere, users: Users, named: dict[str, Any], *, again: bool
) -> None:
    browser = users.signed_in("s-0", sub="carl") if again else users.browser()
    complete = users.begin(browser=browser)

    assert elsewhere.logout(**named).status == 200
    reply = complete()

    assert reply.outcome == (403, "sign-in-refused")
    assert "signed you out" in reply.json["detail"]
    assert users.live(browser) == [True] if again else DEFAULT_COOKIE_NAME not in browser.cookies


def test_after_a_logout_the_user_signs_in_in_another_session(elsewhere: Elsewhere, users: Users) -> None:
    assert elsewhere.logout(sid="s-1", **a_moment_ago()).status == 200
    assert elsewhere.logout(jti="two", **a_moment_ago()).status == 200

    assert users.live(users.signed_in("s-2")) == [True]


@pytest.mark.shows("10.5.5", "T122")
def test_a_token_that_comes_again_ends_no_session_that_was_made_since(elsewhere: Elsewhere, users: Users) -> None:
    token = elsewhere.provider.logout_token(**a_moment_ago())
    first = users.signed_in()
    assert elsewhere.send(form(token)).status == 200
    second = users.signed_in("s-2")

    assert elsewhere.send(form(token)).status == 200
    assert users.live(first, second) == [False, True]


def test_after_many_sign_ins_in_one_session_all_of_its_user_end(elsewhere: Elsewhere, users: Users) -> None:
    made = [users.signed_in() for _ in range(25)]

    assert elsewhere.logout(sub=None, sid="s-1").status == 200

    assert not any(users.live(*made))


@pytest.mark.shows("T122")
def test_a_logout_that_could_not_be_served_can_be_sent_again(elsewhere: Elsewhere, users: Users) -> None:
    browser, token = users.signed_in(), elsewhere.provider.logout_token(sub=None, sid="s-1")
    elsewhere.scene.faults.throttle("UpdateItem", skip=1, times=FOREVER)  # that of the session

    assert elsewhere.send(form(token)).outcome == (503, "throttled")
    elsewhere.scene.faults.clear()

    assert elsewhere.send(form(token)).status == 200
    assert users.live(browser) == [False]
