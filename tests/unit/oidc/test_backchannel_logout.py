"""The logout that the provider sends for a user: it ends all of their sessions, and a bad one ends none."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest

from session_store import InvalidInputError, SessionStore
from session_store.oidc import LogoutTokenError, OidcSignIn, backchannel_logout_handler, sign_in_handler
from session_store.testing import MovableClock
from tests.support.answering import Answer
from tests.support.faults import FOREVER
from tests.support.jwts import encoded, jwk, part, rsa_key
from tests.support.lambda_events import Payload
from tests.support.provider import LOGOUT_EVENT, Browser, Provider
from tests.unit.oidc.elsewhere import Elsewhere, form

NOW = int(time.time())  # when the tests were collected, minutes ago perhaps

HOUR = 3600


def as_of_now(claims: dict[str, Any]) -> dict[str, Any]:
    """Claims whose moments are as far from now as they are from `NOW`."""
    late = int(time.time()) - NOW
    moments = {name: claims[name] + late for name in ("iat", "exp") if isinstance(claims.get(name), int)}
    return claims | moments


@pytest.mark.parametrize("payload", [Payload.HTTP_API, Payload.REST_API])
@pytest.mark.parametrize("changed", [{}, {"aud": ["shop"]}, {"more": 1}], ids=str)
def test_all_sessions_of_the_user_end(elsewhere: Elsewhere, changed: dict[str, Any], payload: Payload) -> None:
    reply = elsewhere.send(form(elsewhere.provider.logout_token(**changed)), payload=payload)

    assert (reply.status, reply.text) == (200, "")
    assert elsewhere.alive == [False, False, True]


def test_a_repeated_logout_is_answered_alike(elsewhere: Elsewhere) -> None:
    token = elsewhere.provider.logout_token()

    assert [elsewhere.send(form(token)).status for _ in range(2)] == [200, 200]
    assert elsewhere.alive == [False, False, True]


def test_a_logout_of_a_user_without_a_session_is_good(elsewhere: Elsewhere) -> None:
    assert elsewhere.logout(sub="bob").status == 200


# Bad tokens


@pytest.mark.shows("9.2.1", "9.2.3", "10.5.5", "T121")
@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"iss": "https://evil.example"}, "wrong issuer"),
        ({"iss": None}, "malformed"),
        ({"aud": "other"}, "wrong audience"),
        ({"aud": ["shop", "other"]}, "wrong audience (azp)"),
        ({"aud": None}, "malformed"),
        ({"iat": NOW + HOUR, "exp": NOW + HOUR + 60}, "not yet valid"),
        ({"iat": None}, "malformed"),
        ({"iat": "now"}, "malformed"),
        ({"iat": str(NOW)}, "malformed"),
        ({"iat": 1.5, "exp": 10**400}, "malformed"),
        ({"exp": str(NOW + HOUR)}, "malformed"),
        ({"iat": NOW + 20, "exp": NOW}, "ends before"),
        ({"iat": NOW - 200, "exp": NOW - 100}, "expired"),
        ({"exp": None}, "malformed"),
        ({"iat": NOW, "exp": NOW + 121}, "lives longer"),
        ({"iat": NOW - HOUR, "exp": NOW + 60}, "lives longer"),
        ({"jti": None}, "malformed"),
        ({"jti": ""}, "jti"),
        ({"jti": "a\ud800"}, "jti"),
        ({"jti": 7}, "malformed"),
        ({"events": None}, "malformed"),
        ({"events": {}}, "events"),
        ({"events": [LOGOUT_EVENT]}, "events"),
        ({"events": LOGOUT_EVENT}, "events"),
        ({"events": {LOGOUT_EVENT: None}}, "events"),
        ({"events": {"http://schemas.openid.net/event/other": {}}}, "events"),
        ({"nonce": "n"}, "nonce"),
        ({"sub": None}, "neither sub nor sid"),
        ({"sub": ""}, "sub"),
        ({"sub": 7}, "malformed"),
        ({"sub": "a" * 256}, "sub"),
        ({"sub": "a\nb"}, "sub"),
        ({"sid": ""}, "sid"),
        ({"sid": ["s"]}, "sid"),
        ({"sid": "\ud800"}, "sid"),
    ],
)
def test_a_token_with_other_claims_ends_nothing(
    elsewhere: Elsewhere,
    caplog: pytest.LogCaptureFixture,
    changed: dict[str, Any],
    problem: str,
) -> None:
    assert elsewhere.logout(**as_of_now(changed)).outcome == (400, "logout-token-refused")

    assert problem in caplog.text
    assert elsewhere.alive == [True, True, True]


@pytest.mark.shows("9.2.2", "10.5.5", "T121")
@pytest.mark.parametrize("typ", [None, "JWT", "at+jwt", "logout", ["logout+jwt"]], ids=str)
def test_another_kind_of_token_is_no_logout(elsewhere: Elsewhere, typ: Any) -> None:
    assert elsewhere.logout({"typ": typ}).outcome == (400, "logout-token-refused")
    assert elsewhere.alive == [True, True, True]


FORGED: dict[str, Callable[[Provider], str]] = {
    "none": lambda _: "",
    "no JWT": lambda _: "a.b.c",
    "alg none": lambda provider: part({"alg": "none", "typ": "logout+jwt"}) + "." + of(provider)[1] + ".",
    "no signature": lambda provider: ".".join(of(provider)[:2]) + ".",
    "another user's content": lambda provider: ".".join((of(provider)[0], of(provider, sub="bob")[1], of(provider)[2])),
    "another key": lambda provider: of_key(provider, rsa_key("another"), "RS256"),
    "the public key as a secret": lambda provider: of_key(provider, jwk(rsa_key(), "first")["n"].encode(), "HS256"),
    "an unknown key": lambda provider: provider.logout_token({"kid": "second"}),
    "no kid": lambda provider: f"{part({'alg': 'RS256', 'typ': 'logout+jwt'})}.{of(provider)[1]}.{of(provider)[2]}",
    "crit": lambda provider: provider.logout_token({"crit": ["x"], "x": 1}),
    "too long": lambda provider: provider.logout_token(more="x" * 20_000),
    "an ID token": lambda provider: provider.id_token(nonce="n"),
    "no object": lambda provider: f"{of(provider)[0]}.{encoded(b'[]')}.{of(provider)[2]}",
}


def of(provider: Provider, **changed: Any) -> list[str]:
    """The parts of a token."""
    return provider.logout_token(**changed).split(".")


def of_key(provider: Provider, key: Any, algorithm: str) -> str:
    claims = jwt.decode(provider.logout_token(), options={"verify_signature": False})
    return jwt.encode(claims, key, algorithm=algorithm, headers={"typ": "logout+jwt", "kid": "first"})


@pytest.mark.shows("9.1.1", "9.1.2", "9.1.3", "10.5.5", "T121", "T123")
@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_forged_token_ends_nothing(elsewhere: Elsewhere, forge: Callable[[Provider], str]) -> None:
    reply = elsewhere.send(form(forge(elsewhere.provider)))

    assert reply.status == 400
    assert elsewhere.alive == [True, True, True]
    assert elsewhere.scene.faults.calls == []


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        ("", {}),
        ("other=1", {}),
        ("logout_token=a&logout_token=b", {}),
        ("{}", {"kind": "application/json"}),
        ("\xe9", {}),
    ],
)
def test_a_request_without_one_token_in_a_form_is_bad(elsewhere: Elsewhere, body: str, sent: dict[str, Any]) -> None:
    assert elsewhere.send(body, **sent).status == 400


def test_only_a_post_logs_out(elsewhere: Elsewhere) -> None:
    reply = elsewhere.send("", method="GET")

    assert (reply.status, reply.headers["allow"]) == (405, "POST")


# Faults


def test_a_store_that_does_not_answer_is_a_503(elsewhere: Elsewhere) -> None:
    elsewhere.scene.faults.throttle(times=FOREVER)

    reply = elsewhere.logout()

    assert reply.outcome == (503, "throttled")
    assert int(reply.headers["retry-after"]) >= 1


def test_others_who_end_the_sessions_at_the_same_time_again_and_again_are_a_503(elsewhere: Elsewhere) -> None:
    other = elsewhere.scene.other
    elsewhere.scene.faults.before("UpdateItem", lambda: other.end_customer_sessions("kit:ana"), times=FOREVER)

    assert elsewhere.logout().outcome == (503, "unavailable")


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys"])
def test_a_provider_that_does_not_answer_is_a_503(elsewhere: Elsewhere, path: str) -> None:
    elsewhere.provider.answers[path] = lambda: Answer(500)

    assert elsewhere.logout().outcome == (503, "identity-provider-unavailable")
    assert elsewhere.alive == [True, True, True]


@pytest.mark.shows("T123")
def test_strangers_who_name_unknown_keys_keep_no_sign_in_from_a_new_one(
    provider: Provider, signing_in: Callable[..., OidcSignIn], session_store: SessionStore
) -> None:
    sign_in = signing_in(clock=MovableClock())
    browser = Browser(sign_in_handler(sign_in, store=session_store), provider)
    for kid in ("a", "b", "c"):
        with pytest.raises(LogoutTokenError):
            sign_in.verify_logout(provider.logout_token({"kid": kid}))
    assert provider.paths.count("/keys") == 1

    provider.header = {"kid": "second"}
    provider.keys = [jwk(rsa_key(), "second")]

    assert browser.sign_in().status == 303


# For those who call it without the route


@pytest.mark.shows("10.5.5", "T122")
def test_the_life_of_tokens_is_a_setting(provider: Provider, signing_in: Callable[..., OidcSignIn]) -> None:
    token = provider.logout_token(**as_of_now({"iat": NOW, "exp": NOW + 300}))

    found = signing_in(logout_token_life=timedelta(minutes=5)).verify_logout(token)

    assert (found.customer_id, found.sid) == ("kit:ana", None)
    with pytest.raises(LogoutTokenError):
        signing_in(logout_token_life=timedelta(minutes=4)).verify_logout(token)


def test_a_session_of_the_provider_is_named_to_the_application(
    provider: Provider, signing_in: Callable[..., OidcSignIn]
) -> None:
    found = signing_in().verify_logout(provider.logout_token(sub=None, sid="s-1"))

    assert (found.customer_id, found.sid) == (None, "s-1")
    assert "events" not in repr(found)


def test_a_handler_needs_a_sign_in() -> None:
    with pytest.raises(InvalidInputError, match="sign_in"):
        backchannel_logout_handler("https://idp.example")  # type: ignore[arg-type]
