"""Claims of the ID token in the session's data."""

from __future__ import annotations

from typing import Any

import pytest

from session_store import InvalidInputError, SessionStore
from session_store.checks import AUTHENTICATION_KEY
from session_store.oidc import ProviderSignIn
from session_store.settings import DEFAULT_COOKIE_NAME
from tests.support.provider import Browser
from tests.unit.oidc.conftest import Client


def data_of(browser: Browser, store: SessionStore) -> dict[str, Any]:
    found = dict(store.validate(browser.cookies[DEFAULT_COOKIE_NAME]).data)
    del found[AUTHENTICATION_KEY]
    return found


def test_claims_are_kept_on_request_as_the_provider_made_them(client: Client, session_store: SessionStore) -> None:
    browser = client(routes={"kept_claims": ["email", "cognito:groups", "address"]})
    browser.provider.claims = {
        "email": "ana@example.com",
        "cognito:groups": ["a"],
        "address": {"x": [1]},
        "name": "Ana",
    }

    browser.sign_in()

    expected = {"email": "ana@example.com", "cognito:groups": ["a"], "address": {"x": [1]}}
    assert data_of(browser, session_store) == expected


def test_nothing_that_a_visitor_left_passes_for_a_claim(client: Client, session_store: SessionStore) -> None:
    browser = client(routes={"kept_claims": ["email"], "carry_data": True})
    visitors = session_store.create_session(data={"email": "of someone else", "cart": ["tea"]})
    browser.cookies[DEFAULT_COOKIE_NAME] = visitors.token

    browser.sign_in()

    assert data_of(browser, session_store) == {"email": None, "cart": ["tea"]}


def test_the_applications_own_function_has_the_last_word(client: Client, session_store: SessionStore) -> None:
    def on_sign_in(found: ProviderSignIn) -> dict[str, object]:
        return {"email": str(found.claims["email"]).lower()}

    browser = client(routes={"kept_claims": ["email"], "on_sign_in": on_sign_in})
    browser.provider.claims = {"email": "Ana@Example.com"}

    browser.sign_in()

    assert data_of(browser, session_store) == {"email": "ana@example.com"}


@pytest.mark.parametrize("claim", [1e300, {"": 1}, [[]] * 2 + [10**50]], ids=["number", "key", "digits"])
def test_a_claim_that_no_data_can_hold_ends_the_sign_in(client: Client, claim: Any) -> None:
    browser = client(routes={"kept_claims": ["email"]})
    browser.provider.claims = {"email": claim}

    assert browser.sign_in().outcome == (502, "sign-in-failed")
    assert not browser.cookies


@pytest.mark.parametrize("names", ["email", [""], [7], [AUTHENTICATION_KEY]], ids=str)
def test_names_of_claims_are_checked_at_the_start(client: Client, names: Any) -> None:
    with pytest.raises(InvalidInputError, match="kept_claims"):
        client(routes={"kept_claims": names})
