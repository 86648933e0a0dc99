"""Answers that come as a form of the provider's page, as Apple's do, and Apple's client secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from session_store import InvalidInputError, SessionStore, StoreConfigurationError
from session_store.oidc import AppleClientSecret, ProviderSignIn
from session_store.settings import DEFAULT_COOKIE_NAME
from session_store.testing import MovableClock
from tests.support.jwts import ec_key, rsa_key
from tests.support.provider import CLIENT_ID, Browser, query_of
from tests.support.reply import Reply
from tests.unit.oidc.conftest import Client

PEM = ec_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def browser(client: Client) -> Browser:
    return client(response_mode="form_post", routes={"carry_data": True})


def posted(browser: Browser, answer: Mapping[str, str], origin: str | None = None) -> Reply:
    """Send the provider's form, whose request has no Lax cookie."""
    kept = browser.cookies.pop(DEFAULT_COOKIE_NAME, None)
    headers = {"origin": browser.provider.url if origin is None else origin, "sec-fetch-site": "cross-site"}
    reply = browser.post("/auth/callback", answer, **headers)
    if kept is not None:
        browser.cookies.setdefault(DEFAULT_COOKIE_NAME, kept)
    return reply


@pytest.mark.shows("A36")
def test_an_answer_that_is_posted_signs_in(browser: Browser, session_store: SessionStore) -> None:
    reply = browser.login(return_to="/orders")
    location, (cookie,) = reply.headers["location"], reply.set_cookies
    assert query_of(location)["response_mode"] == "form_post"
    assert cookie.endswith("; Max-Age=600; Path=/; Secure; HttpOnly; SameSite=None")

    reply = posted(browser, browser.provider.authorize(location, user='{"name": "Ana"}'))

    assert (reply.status, reply.headers["location"]) == (303, "/orders")
    assert session_store.validate(browser.cookies[DEFAULT_COOKIE_NAME]).customer_id == "kit:ana"
    assert "SameSite=Lax" in next(each for each in reply.set_cookies if DEFAULT_COOKIE_NAME in each)


def test_the_application_gets_what_apple_sends_beside_the_answer(client: Client) -> None:
    seen: list[ProviderSignIn] = []
    browser = client(response_mode="form_post", routes={"on_sign_in": seen.append})
    user = '{"name": {"firstName": "Ana"}}'

    posted(browser, browser.provider.authorize(browser.login().headers["location"], user=user))

    assert [found.parameters for found in seen] == [{"user": user}]
    assert "Ana" not in repr(seen)


def test_the_session_before_ends_although_its_cookie_does_not_come_along(
    browser: Browser, session_store: SessionStore
) -> None:
    visitors = session_store.create_session(data={"cart": ["tea"]})
    browser.cookies[DEFAULT_COOKIE_NAME] = visitors.token
    answer = browser.provider.authorize(browser.login().headers["location"])

    assert posted(browser, answer).status == 303

    assert session_store.get_session(visitors.session.session_id) is None
    assert session_store.validate(browser.cookies[DEFAULT_COOKIE_NAME]).data["cart"] == ["tea"]


@pytest.mark.shows("10.2.1", "T126")
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "", "{url}.evil.example", "https://shop.example.com"]
)
def test_a_form_of_any_other_origin_is_refused(browser: Browser, origin: str) -> None:
    answer = browser.provider.authorize(browser.login().headers["location"])

    reply = posted(browser, answer, origin.format(url=browser.provider.url))

    assert reply.outcome == (403, "cross-site-request")
    assert DEFAULT_COOKIE_NAME not in browser.cookies
    assert "/token" not in browser.provider.paths


def test_an_answer_is_used_once(browser: Browser) -> None:
    answer = browser.provider.authorize(browser.login().headers["location"])
    assert posted(browser, answer).status == 303

    assert posted(browser, answer).outcome == (400, "sign-in-not-begun")


def test_the_other_method_is_not_allowed(browser: Browser, client: Client) -> None:
    answer = browser.provider.authorize(browser.login().headers["location"])

    reply = browser.callback(answer)
    assert (*reply.outcome, reply.headers["allow"]) == (405, "method-not-allowed", "POST")
    assert posted(client(), answer).headers["allow"] == "GET"


def test_a_body_that_is_no_form_is_bad_input(browser: Browser) -> None:
    reply = browser.post("/auth/callback", {"a": "b"}, **{"content-type": "application/json"})

    assert reply.outcome == (400, "invalid-input")


# Apple's client secret


def secret(clock: MovableClock, pem: str = PEM) -> AppleClientSecret:
    return AppleClientSecret(
        team_id="TEAM123456", key_id="KEY1234567", client_id=CLIENT_ID, private_key=lambda: pem, clock=clock
    )


def test_apples_client_secret_is_made_from_the_key(session_clock: MovableClock) -> None:
    made = secret(session_clock)()

    assert jwt.get_unverified_header(made) == {"alg": "ES256", "kid": "KEY1234567", "typ": "JWT"}
    now = int(session_clock.now())
    assert jwt.decode(made, ec_key().public_key(), algorithms=["ES256"], audience="https://appleid.apple.com") == {
        "iss": "TEAM123456",
        "sub": CLIENT_ID,
        "aud": "https://appleid.apple.com",
        "iat": now,
        "exp": now + 600,
    }


def test_apples_client_secret_is_made_anew_after_five_minutes(session_clock: MovableClock) -> None:
    made = secret(session_clock)
    first = made()
    session_clock.advance(299)
    assert made() == first
    session_clock.advance(1)

    assert made() != first


def test_an_attempt_outlives_apples_client_secret(client: Client, session_clock: MovableClock) -> None:
    made = secret(session_clock)
    browser = client(client_secret=made)
    browser.provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    location = browser.login().headers["location"]
    session_clock.advance(301)
    browser.provider.client_secret = made()

    assert browser.callback(browser.provider.authorize(location)).status == 303


@pytest.mark.parametrize("pem", ["", "no key", "rsa"])
def test_a_key_that_is_none_of_apples_is_a_fault_of_the_configuration(session_clock: MovableClock, pem: str) -> None:
    rsa = rsa_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    with pytest.raises(StoreConfigurationError, match="ES256") as caught:
        secret(session_clock, rsa if pem == "rsa" else pem)()
    assert caught.value.__context__ is None


@pytest.mark.parametrize("name", ["team_id", "key_id"])
def test_an_id_that_is_none_of_apples_is_refused(name: str) -> None:
    arguments: dict[str, Any] = {"team_id": "TEAM123456", "key_id": "KEY1234567", name: "short"}

    with pytest.raises(InvalidInputError, match=name):
        AppleClientSecret(client_id=CLIENT_ID, private_key=lambda: PEM, **arguments)
