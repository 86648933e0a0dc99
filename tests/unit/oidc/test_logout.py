"""Signing out here, and with the provider."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from session_store import SessionStore
from session_store.oidc import OidcSignIn
from session_store.settings import DEFAULT_COOKIE_NAME
from tests.support.answering import Answer
from tests.support.provider import CLIENT_ID, Browser, Provider, query_of
from tests.unit.oidc.conftest import Client

HOME = "https://shop.example.com/"


def test_signing_out_ends_the_session_and_leads_to_the_provider(client: Client, session_store: SessionStore) -> None:
    browser = client(post_logout_redirect_uri=HOME)
    browser.sign_in()
    session = session_store.validate(browser.cookies[DEFAULT_COOKIE_NAME])

    reply = browser.post("/auth/logout")

    assert reply.status == 303
    assert query_of(reply.headers["location"]) == {
        "tenant": "1",
        "client_id": CLIENT_ID,
        "post_logout_redirect_uri": HOME,
    }
    assert session_store.get_session(session.session_id) is None
    assert not browser.cookies


def test_a_logout_of_another_site_is_refused(browser: Browser, session_store: SessionStore) -> None:
    browser.sign_in()

    reply = browser.post("/auth/logout", origin="https://evil.example")

    assert reply.outcome == (403, "cross-site-request")
    assert session_store.validate(browser.cookies[DEFAULT_COOKIE_NAME]).customer_id == "kit:ana"
    assert browser.get("/auth/logout").headers["allow"] == "POST"


def test_without_a_session_the_browser_goes_to_the_provider_all_the_same(browser: Browser) -> None:
    assert browser.post("/auth/logout").headers["location"].startswith(f"{browser.provider.url}/end?")


@pytest.mark.parametrize("answer", [None, Answer(500)], ids=["no such address", "no answer"])
def test_where_the_provider_signs_out_no_one_the_session_here_ends(client: Client, answer: Answer | None) -> None:
    browser = client(routes={"after_logout": "/bye"})
    browser.provider.metadata = {"end_session_endpoint": None}
    if answer is not None:
        browser.provider.answers["/.well-known/openid-configuration"] = lambda: answer

    reply = browser.post("/auth/logout")

    assert (reply.status, reply.headers["location"]) == (303, "/bye")


def test_an_application_that_keeps_the_id_token_gives_it_as_a_hint(signing_in: Callable[..., OidcSignIn]) -> None:
    assert query_of(signing_in().logout_url(id_token_hint="hint") or "")["id_token_hint"] == "hint"


@pytest.mark.shows("A38")
def test_cognito_has_a_form_of_its_own(provider: Provider, signing_in: Callable[..., OidcSignIn]) -> None:
    provider.metadata = {"authorization_endpoint": f"{provider.url}/oauth2/authorize", "end_session_endpoint": None}

    url = signing_in(logout="cognito", post_logout_redirect_uri=HOME).logout_url() or ""

    assert url.partition("?")[0] == f"{provider.url}/logout"
    assert query_of(url) == {"client_id": CLIENT_ID, "logout_uri": HOME}
