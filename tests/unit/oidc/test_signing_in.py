"""A sign-in with a provider becomes a session."""

from __future__ import annotations

import runpy
from datetime import UTC, datetime, timedelta

import pytest

from local.paths import ROOT
from session_store import SessionStore, Timeouts
from session_store.oidc import ProviderSignIn, authentication_of
from session_store.settings import DEFAULT_COOKIE_NAME
from session_store.testing import MovableClock
from tests.support.lambda_events import Payload
from tests.support.provider import CLIENT_ID, REDIRECT_URI, Browser, Provider, query_of
from tests.unit.oidc.conftest import Client


@pytest.mark.shows("A36")
@pytest.mark.parametrize("payload", [Payload.HTTP_API, Payload.REST_API, Payload.EMBEDDED])
def test_a_visitor_who_signs_in_gets_a_session(browser: Browser, session_store: SessionStore, payload: Payload) -> None:
    browser.payload = payload

    reply = browser.sign_in(return_to="/orders?page=2#last")

    assert (reply.status, reply.headers["location"]) == (303, "/orders?page=2#last")
    assert reply.headers["cache-control"] == "no-store"
    session = session_store.validate(browser.cookies[DEFAULT_COOKIE_NAME])
    assert session.customer_id == "kit:ana"
    assert list(browser.cookies) == [DEFAULT_COOKIE_NAME]  # the attempt's is gone


@pytest.mark.shows("10.1.2", "10.2.1", "10.2.3")
def test_the_request_has_pkce_a_state_a_nonce_the_exact_redirect_uri_and_no_scope_that_is_not_asked_for(
    browser: Browser,
) -> None:
    first, second = (query_of(browser.login().headers["location"]) for _ in range(2))

    assert first | {"state": "", "nonce": "", "code_challenge": ""} == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT_URI,
        "scope": "openid",
        "state": "",
        "nonce": "",
        "code_challenge": "",
        "code_challenge_method": "S256",
        "max_age": "34560000",  # any age: so that the ID token has auth_time
    }
    assert all(first[name] != second[name] and len(first[name]) >= 43 for name in ("state", "nonce", "code_challenge"))


def test_a_login_stores_nothing(browser: Browser, session_store: SessionStore) -> None:
    reply = browser.login()

    (cookie,) = reply.set_cookies
    assert cookie.startswith("__Host-oidc-")
    assert cookie.endswith("; Max-Age=600; Path=/; Secure; HttpOnly; SameSite=Lax")
    assert DEFAULT_COOKIE_NAME not in browser.cookies


@pytest.mark.shows("T116")
def test_the_session_before_ends_and_its_data_is_carried_over_on_request(
    client: Client, session_store: SessionStore
) -> None:
    browser = client(routes={"carry_data": True})
    visitors = session_store.create_session(data={"cart": ["tea"]})
    browser.cookies[DEFAULT_COOKIE_NAME] = visitors.token

    browser.sign_in()

    session = session_store.validate(browser.cookies[DEFAULT_COOKIE_NAME])
    assert session.session_id != visitors.session.session_id
    assert session.data["cart"] == ["tea"]
    assert session_store.get_session(visitors.session.session_id) is None


def test_two_tabs_that_sign_in_at_once_both_succeed(browser: Browser) -> None:
    first, second = browser.login(return_to="/one"), browser.login(return_to="/two")

    for tab, path in ((second, "/two"), (first, "/one")):
        reply = browser.callback(browser.provider.authorize(tab.headers["location"]))
        assert (reply.status, reply.headers["location"]) == (303, path)


def test_a_browser_keeps_at_most_four_attempts_of_at_most_two_kilobytes_each(
    browser: Browser, session_clock: MovableClock
) -> None:
    replies = []
    for _ in range(7):
        replies.append(browser.login(return_to="/" + "x" * 511))
        session_clock.advance(1)

    assert len(browser.cookies) == 4
    assert all(len(name) + len(value) < 2048 for name, value in browser.cookies.items())
    oldest, newest = (browser.provider.authorize(reply.headers["location"]) for reply in (replies[2], replies[-1]))
    assert browser.callback(oldest).outcome == (400, "sign-in-not-begun")
    assert browser.callback(newest).status == 303


@pytest.mark.shows("10.5.2", "T120")
def test_the_same_subject_of_two_providers_is_two_customers(client: Client, session_store: SessionStore) -> None:
    found = set()
    for prefix in ("one:", "two:", "one.two|"):
        browser = client(customer_prefix=prefix)
        browser.sign_in()
        found.add(session_store.validate(browser.cookies[DEFAULT_COOKIE_NAME]).customer_id)

    assert found == {"one:ana", "two:ana", "one.two|ana"}


def test_the_session_says_how_its_user_authenticated(
    browser: Browser, provider: Provider, session_store: SessionStore, session_clock: MovableClock
) -> None:
    moment = int(session_clock.now()) - 60
    provider.claims = {"acr": "gold", "amr": ["pwd", "otp"], "auth_time": moment, "sid": "s1"}

    browser.sign_in()

    session = session_store.validate(browser.cookies[DEFAULT_COOKIE_NAME])
    found = authentication_of(session)
    assert found is not None
    assert (found.issuer, found.acr, found.amr, found.sid) == (provider.url, "gold", ("pwd", "otp"), "s1")
    assert found.auth_time == datetime.fromtimestamp(moment, UTC)


def test_a_later_sign_in_by_other_means_does_not_inherit_how_its_user_authenticated(
    browser: Browser, provider: Provider, session_store: SessionStore, session_clock: MovableClock
) -> None:
    provider.claims = {"acr": "gold"}
    browser.sign_in()
    session_clock.advance(60)

    later = session_store.create_session("kit:ana", replaces=browser.cookies[DEFAULT_COOKIE_NAME], carry_data=True)

    assert "$authentication" in later.session.data
    assert authentication_of(later.session) is None
    assert authentication_of(session_store.create_session("ana").session) is None
    assert authentication_of(session_store.create_session().session) is None


@pytest.mark.shows("10.1.1")
def test_the_application_may_take_the_tokens_and_gives_first_data(client: Client, session_store: SessionStore) -> None:
    seen: list[ProviderSignIn] = []

    def remember(found: ProviderSignIn) -> dict[str, str]:
        seen.append(found)
        return {"mail": found.claims["email"]}

    browser = client(routes={"on_sign_in": remember, "timeouts": Timeouts(absolute=timedelta(hours=1))})
    browser.provider.claims = {"email": "ana@example.com"}
    browser.sign_in()

    (found,) = seen
    assert found.tokens.access_token
    assert not [text for text in (found.tokens.access_token, found.tokens.id_token, "ana@") if text in repr(found)]
    session = session_store.validate(browser.cookies[DEFAULT_COOKIE_NAME])
    assert session.data["mail"] == "ana@example.com"
    assert found.tokens.access_token not in str(session.data)
    assert session.absolute_expires_at - session.created_at == timedelta(hours=1)


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_the_client_proves_itself_as_the_provider_says(browser: Browser, method: str) -> None:
    browser.provider.metadata = {"token_endpoint_auth_methods_supported": [method]}

    assert browser.sign_in().status == 303


def test_a_public_client_signs_in_without_a_secret(client: Client) -> None:
    browser = client(client_secret=None, cookie_secret=lambda: "of the cookies alone")
    browser.provider.client_secret = None

    assert browser.sign_in().status == 303


def test_metadata_and_keys_are_fetched_once_for_many_sign_ins(browser: Browser) -> None:
    for _ in range(3):
        browser.sign_in()

    assert sorted(set(browser.provider.paths)) == ["/.well-known/openid-configuration", "/keys", "/token"]
    assert len(browser.provider.paths) == 2 + 3


def test_the_example_serves_the_routes() -> None:
    handler = runpy.run_path(str(ROOT / "examples" / "oidc" / "sign_in.py"))["handler"]
    browser = Browser(handler, Provider())

    assert browser.login(return_to="//evil.example").outcome == (400, "invalid-input")
    assert browser.get("/auth").outcome == (404, "no-such-route")
