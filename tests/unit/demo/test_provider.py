"""The demo where an identity provider signs visitors in (`make run OIDC=cognito`)."""

from __future__ import annotations

import re

import pytest

from demo.app import ROUTES, handler
from demo.provider import ORIGIN_VARIABLE
from session_store import SessionStore
from session_store.settings import DEFAULT_COOKIE_NAME

ORIGIN = "http://127.0.0.1:4566"


@pytest.fixture(autouse=True)
def store(session_store: SessionStore, monkeypatch: pytest.MonkeyPatch) -> SessionStore:
    monkeypatch.setattr("session_store.store.SessionStore.from_environment", lambda *_, **__: session_store)
    monkeypatch.setenv(ORIGIN_VARIABLE, ORIGIN)
    return session_store


def page(path: str, token: str = "", **query: str) -> str:
    event = {"version": "2.0", "routeKey": f"GET {path}", "rawPath": path, "headers": {}, "body": ""}
    context = {"requestContext": {"http": {"method": "GET"}}, "queryStringParameters": query}
    answer = handler(event | context | {"cookies": [f"{DEFAULT_COOKIE_NAME}={token}"] if token else []}, None)
    assert f"form-action 'self' {ORIGIN};" in answer["headers"]["Content-Security-Policy"]
    return str(answer["body"])


@pytest.fixture
def token(store: SessionStore) -> str:
    return store.create_session("cognito:7f886eff", data={"email": "ana@example.com"}).token


def test_the_sign_in_page_leads_to_the_provider_and_back_to_a_page_of_the_demo_alone(token: str) -> None:
    signing_in, confirming = page("/sign-in", next="/account"), page("/sign-in", token, next="/account/delete")

    assert 'href="/auth/login?return_to=%2Faccount"' in signing_in
    assert 'href="/auth/login?return_to=%2Faccount%2Fdelete&amp;step_up=recent"' in confirming
    assert "Confirm that it is you" in confirming
    assert 'href="/auth/login?return_to=%2F"' in page("/sign-in", next="https://evil.example/")


def test_no_form_takes_a_name_and_nothing_says_that_any_name_would_do(token: str) -> None:
    for body in (page("/"), page("/sign-in"), page("/sign-in", token)):
        assert "user_name" not in body
        assert not re.search("any name|no password|ABC", body, re.IGNORECASE)
    left_out = {route.key for route in ROUTES if route.without_provider}
    assert left_out == {"POST /sign-in", "POST /sign-out"}


@pytest.mark.parametrize("path", ["/", "/sessions", "/account", "/sign-in"])
def test_people_are_called_by_their_e_mail_address_and_sign_out_with_the_provider(path: str, token: str) -> None:
    body = page(path, token)

    assert body.count("<strong>ana@example.com</strong>") == (1 if path == "/" else 2)
    assert '<form method="post" action="/auth/logout">' in body
    assert "7f886eff" not in body


def test_a_customer_without_an_address_is_called_by_their_id(store: SessionStore) -> None:
    token = store.create_session("cognito:7f886eff", data={"email": None}).token

    assert "<strong>cognito:7f886eff</strong>" in page("/account", token)
