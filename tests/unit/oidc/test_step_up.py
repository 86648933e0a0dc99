"""A step-up asks the provider for more, and the answer has to show it."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from session_store import InvalidInputError, InvalidTokenError, ReauthenticationRequiredError, SessionStore
from session_store.oidc import StepUp, authentication_of
from session_store.settings import DEFAULT_COOKIE_NAME
from session_store.testing import MovableClock
from tests.support.provider import Browser, query_of
from tests.unit.oidc.conftest import Client

STEP_UPS = {
    "pay": StepUp(max_age=timedelta(minutes=5), acr_values=("urn:gold", "urn:silver")),
    "again": StepUp(max_age=timedelta(0)),
}


@pytest.fixture
def browser(client: Client) -> Browser:
    return client(step_ups=STEP_UPS)


def test_the_provider_is_asked_for_it(browser: Browser) -> None:
    asked = query_of(browser.login(step_up="pay").headers["location"])

    assert (asked["max_age"], asked["acr_values"]) == ("300", "urn:gold urn:silver")
    assert query_of(browser.login(step_up="again").headers["location"])["max_age"] == "0"
    assert query_of(browser.login().headers["location"])["max_age"] == "34560000"


@pytest.mark.shows("A38")
def test_cognito_does_not_heed_max_age_and_is_asked_for_the_login_itself(client: Client) -> None:
    for logout, prompt in (("cognito", "login"), ("standard", None)):
        browser = client(logout=logout, step_ups=STEP_UPS)
        assert query_of(browser.login(step_up="again").headers["location"]).get("prompt") == prompt
        assert "prompt" not in query_of(browser.login().headers["location"])


def test_an_answer_that_shows_it_makes_a_new_session(
    browser: Browser, session_store: SessionStore, session_clock: MovableClock
) -> None:
    browser.sign_in()
    before = session_store.validate(browser.cookies[DEFAULT_COOKIE_NAME])
    browser.provider.claims = {"acr": "urn:silver", "auth_time": int(session_clock.now()) - 329}  # the leeway is 30 s

    assert browser.sign_in(step_up="pay").status == 303

    after = session_store.validate(browser.cookies[DEFAULT_COOKIE_NAME])
    assert after.session_id != before.session_id
    assert session_store.get_session(before.session_id) is None
    found = authentication_of(after)
    assert found is not None
    assert found.acr == "urn:silver"


def test_a_page_for_stronger_sign_ins_opens_after_the_step_up(
    browser: Browser, session_store: SessionStore, session_clock: MovableClock
) -> None:
    browser.provider.claims = {"acr": "urn:bronze", "auth_time": int(session_clock.now()) - 3600}
    browser.sign_in()
    before = browser.cookies[DEFAULT_COOKIE_NAME]
    child = session_store.create_child_session(session_store.validate(before)).token
    rules: dict[str, Any] = {"required_acr": {"urn:gold", "urn:silver"}, "max_auth_age": timedelta(minutes=5)}
    for name, value in rules.items():
        with pytest.raises(ReauthenticationRequiredError):
            session_store.validate(before, **{name: value})
    browser.provider.claims = {"acr": "urn:gold", "auth_time": int(session_clock.now())}

    browser.sign_in(step_up="pay")

    assert session_store.validate(browser.cookies[DEFAULT_COOKIE_NAME], **rules).customer_id == "kit:ana"
    for token in (before, child):
        with pytest.raises(InvalidTokenError):
            session_store.validate(token, child=token == child)


def test_a_user_may_take_minutes_after_the_password(browser: Browser, session_clock: MovableClock) -> None:
    location = browser.login(step_up="again").headers["location"]
    browser.provider.claims = {"auth_time": int(session_clock.now())}
    session_clock.advance(300)

    assert browser.callback(browser.provider.authorize(location)).status == 303


@pytest.mark.shows("7.5.3", "T128")
@pytest.mark.parametrize("counts", [False, True])
def test_a_sign_in_without_auth_time_is_recent_only_if_the_application_says_so(
    client: Client, session_store: SessionStore, session_clock: MovableClock, *, counts: bool
) -> None:
    limit = timedelta(minutes=5)

    def is_recent(token: str) -> bool:
        with suppress(ReauthenticationRequiredError):
            return session_store.validate(token, max_auth_age=limit).customer_id == "kit:ana"
        return False

    browser = client(sign_in_counts=counts)
    tokens = []
    for auth_time in (None, int(session_clock.now()) - 301, int(session_clock.now())):
        browser.cookies.clear()
        browser.provider.claims = {"auth_time": auth_time}
        browser.sign_in()
        tokens.append(browser.cookies[DEFAULT_COOKIE_NAME])
    assert [is_recent(token) for token in tokens] == [counts, False, True]
    session_clock.advance(limit + timedelta(seconds=1))
    assert not any(map(is_recent, tokens))


@pytest.mark.shows("7.5.3", "T128")
@pytest.mark.parametrize(
    ("claims", "outcome"),
    [
        ({"acr": "urn:gold", "auth_time": None}, (502, "sign-in-failed")),
        ({"acr": "urn:gold", "auth_time": -331}, (403, "step-up-not-met")),
        ({"acr": "urn:bronze", "auth_time": 0}, (403, "step-up-not-met")),
        ({"auth_time": 0}, (403, "step-up-not-met")),
    ],
    ids=str,
)
def test_an_answer_that_shows_less_leaves_the_session_as_it_was(
    browser: Browser,
    session_store: SessionStore,
    session_clock: MovableClock,
    claims: dict[str, Any],
    outcome: tuple[int, str],
) -> None:
    browser.sign_in()
    token = browser.cookies[DEFAULT_COOKIE_NAME]
    if claims.get("auth_time") is not None:
        claims = {**claims, "auth_time": int(session_clock.now()) + claims["auth_time"]}
    browser.provider.claims = claims

    assert browser.sign_in(step_up="pay").outcome == outcome

    assert browser.cookies == {DEFAULT_COOKIE_NAME: token}
    assert session_store.validate(token).customer_id == "kit:ana"


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"max_age": timedelta(seconds=-1)},
        {"max_age": timedelta(milliseconds=1)},
        {"max_age": 300},
        {"acr_values": "urn:gold"},
        {"acr_values": ("a b",)},
        {"acr_values": ('a"b',)},
        {"acr_values": ("x" * 129,)},
        {"acr_values": tuple("abcde")},
    ],
    ids=str,
)
def test_a_step_up_that_means_nothing_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        StepUp(**arguments)
