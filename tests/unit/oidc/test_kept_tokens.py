"""Tokens of the provider that an application has kept: given back at the logout, and then good for nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from session_store import InvalidInputError, Session, SessionStore, StoreUnavailableError
from session_store.oidc import KeptTokens, OidcSignIn, ProviderSignIn, ProviderUnavailableError
from session_store.settings import DEFAULT_COOKIE_NAME
from tests.support.answering import Answer
from tests.support.provider import CLIENT_ID, CLIENT_SECRET, Browser, Provider, query_of
from tests.unit.oidc.conftest import Client

REFRESH_TOKEN = "refresh-token-of-ana/+="
METADATA = "/.well-known/openid-configuration"
REVOKED = {"token": REFRESH_TOKEN, "token_type_hint": "refresh_token"}


def keeping(client: Client, on_sign_out: Callable[[Session], Any] | None = None, **changed: Any) -> Browser:
    """A signed-in browser of an application that keeps the provider's tokens in the session."""

    def keep(found: ProviderSignIn) -> dict[str, object]:
        return {"id": found.tokens.id_token, "refresh": found.tokens.refresh_token}

    def give_back(session: Session) -> KeptTokens:
        id_token, refresh_token = session.data["id"], session.data["refresh"]
        assert isinstance(id_token, str)
        assert isinstance(refresh_token, str)
        return KeptTokens(id_token=id_token, refresh_token=refresh_token)

    browser = client(routes={"on_sign_in": keep, "on_sign_out": on_sign_out or give_back}, **changed)
    browser.provider.refresh_token = REFRESH_TOKEN
    assert browser.sign_in().status == 303
    return browser


@pytest.mark.shows("A37")
def test_tokens_given_back_at_the_logout_are_revoked_and_hint_at_the_user(
    client: Client, session_store: SessionStore
) -> None:
    browser = keeping(client)
    session = session_store.validate(browser.cookies[DEFAULT_COOKIE_NAME])

    reply = browser.post("/auth/logout")

    assert query_of(reply.headers["location"])["id_token_hint"] == session.data["id"]
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert browser.provider.revoked == [REVOKED]
    assert REFRESH_TOKEN not in reply.headers["location"]
    assert not browser.cookies


def test_the_session_has_ended_before_the_application_is_asked(client: Client, session_store: SessionStore) -> None:
    seen = []
    browser = keeping(client, lambda session: seen.append(session_store.get_session(session.session_id)))

    browser.post("/auth/logout")
    browser.post("/auth/logout")  # there is none any more

    assert seen == [None]


def test_what_is_not_given_back_goes_nowhere(client: Client) -> None:
    """A hint in an address is a token in an address: the application may have its refresh token revoked alone."""
    browser = keeping(client, lambda _: KeptTokens(refresh_token=REFRESH_TOKEN))
    reply = browser.post("/auth/logout")
    assert (sorted(query_of(reply.headers["location"])), browser.provider.revoked) == (
        ["client_id", "tenant"],
        [REVOKED],
    )

    browser = keeping(client, lambda _: None)
    assert sorted(query_of(browser.post("/auth/logout").headers["location"])) == ["client_id", "tenant"]
    assert browser.provider.revoked == [REVOKED]


@pytest.mark.parametrize("secret", [CLIENT_SECRET, None])
def test_a_client_proves_itself_as_it_does_for_a_code(client: Client, provider: Provider, secret: str | None) -> None:
    provider.client_secret = secret
    provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]} if secret else {}
    browser = keeping(client, client_secret=secret and (lambda: secret), cookie_secret=lambda: "x" * 16)

    browser.post("/auth/logout")

    own = {"client_id": CLIENT_ID} | ({"client_secret": secret} if secret else {})
    assert provider.revoked == [REVOKED | own]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(503), "the answer was 503"),
        (Answer(400, f'{{"error": "unsupported_token_type", "token": "{REFRESH_TOKEN}"}}'), "the answer was 400"),
        (Answer(302, "", {"Location": "https://evil.example"}), "the answer was 302"),
        (None, "no revocation endpoint"),
    ],
    ids=["unavailable", "refused", "a redirect", "no endpoint"],
)
def test_a_token_that_is_not_revoked_is_told_of_without_it_and_the_browser_signs_out_all_the_same(
    client: Client,
    provider: Provider,
    caplog: pytest.LogCaptureFixture,
    answer: Answer | None,
    reason: str,
) -> None:
    if answer is None:
        provider.metadata = {"revocation_endpoint": None}
    else:
        provider.answers["/revoke"] = lambda: answer
    browser = keeping(client)

    with caplog.at_level(logging.WARNING):
        reply = browser.post("/auth/logout")

    id_token = query_of(reply.headers["location"])["id_token_hint"]
    assert not browser.cookies
    assert reason in caplog.text
    assert not [token for token in (REFRESH_TOKEN, id_token) if token in caplog.text]


def test_a_provider_that_does_not_answer_is_asked_once(client: Client, session_store: SessionStore) -> None:
    browser = keeping(client)
    browser.handler = client(
        routes={"on_sign_out": lambda _: KeptTokens(refresh_token=REFRESH_TOKEN)}
    ).handler  # of another process
    session = session_store.validate(browser.cookies[DEFAULT_COOKIE_NAME])
    browser.provider.answers[METADATA] = lambda: Answer(500)
    browser.provider.asked.clear()

    reply = browser.post("/auth/logout")

    assert (reply.status, reply.headers["location"]) == (303, "/")
    assert browser.provider.paths == [METADATA]
    assert session_store.get_session(session.session_id) is None


@pytest.mark.parametrize("given", ["a text", {"refresh_token": REFRESH_TOKEN}, RuntimeError(REFRESH_TOKEN)], ids=type)
def test_a_fault_of_the_applications_function_stops_no_logout(
    client: Client, session_store: SessionStore, caplog: pytest.LogCaptureFixture, given: Any
) -> None:
    def on_sign_out(_: Session) -> Any:
        if isinstance(given, RuntimeError):
            raise given
        return given

    browser = keeping(client, on_sign_out)
    session = session_store.validate(browser.cookies[DEFAULT_COOKIE_NAME])

    reply = browser.post("/auth/logout")

    assert reply.headers["location"].startswith(f"{browser.provider.url}/end?")
    assert session_store.get_session(session.session_id) is None
    assert "on_sign_out raised" in caplog.text
    assert REFRESH_TOKEN not in caplog.text


# For those who call it without the routes


def test_a_token_may_be_revoked_at_any_time(provider: Provider, signing_in: Callable[..., OidcSignIn]) -> None:
    assert signing_in().revoke(REFRESH_TOKEN)
    provider.answers["/revoke"] = lambda: Answer(503)

    with pytest.raises(ProviderUnavailableError, match="POST to the provider's revocation endpoint") as caught:
        signing_in().revoke(REFRESH_TOKEN)

    assert isinstance(caught.value, StoreUnavailableError)
    assert caught.value.__context__ is None


def test_kept_tokens_are_texts_and_never_in_repr() -> None:
    assert "secret" not in repr(KeptTokens(id_token="secret", refresh_token="secret"))
    with pytest.raises(InvalidInputError, match="refresh_token: must be a string") as caught:
        KeptTokens(refresh_token=b"secret")  # type: ignore[arg-type]
    assert "secret" not in str(caught.value)
