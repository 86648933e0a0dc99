"""A provider, or its imitation, that misbehaves: a typed error and a problem, without a session or a secret."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from session_store import InvalidTokenError, SessionStore, SessionStoreError
from session_store.jwt import fetching
from session_store.oidc import (
    OidcSignIn,
    ProviderAnswerError,
    ProviderRefusedError,
    ProviderUnavailableError,
    SignInNotBegunError,
)
from session_store.settings import DEFAULT_COOKIE_NAME
from session_store.testing import MovableClock
from tests.support.answering import Answer
from tests.support.jwts import ec_key, encoded, jwk, part, rsa_key
from tests.support.provider import CLIENT_SECRET, Browser, Provider
from tests.support.reply import Reply
from tests.unit.oidc.conftest import Client

NOW = int(time.time())
HOUR = 3600


@pytest.fixture(autouse=True)
def nothing_secret_is_logged(caplog: pytest.LogCaptureFixture, browser: Browser) -> Any:
    caplog.set_level(logging.DEBUG, "session_store")
    yield
    sent = [each.body for each in browser.provider.asked if each.path == "/token"]
    assert not [word for word in ("eyJ", CLIENT_SECRET, "code=", "ana") if word in caplog.text]
    assert not [body for body in sent if body and body in caplog.text]


def refused(browser: Browser, reply: Reply) -> tuple[int, str]:
    """The outcome, once it is sure that there is no session and that the answer shows no secret."""
    assert DEFAULT_COOKIE_NAME not in browser.cookies
    assert not browser.cookies, "the attempt is over"
    assert "eyJ" not in reply.text
    return reply.outcome


# ID tokens


@pytest.mark.shows("9.2.1", "9.2.3", "10.5.1", "10.5.4", "T121")
@pytest.mark.parametrize(
    ("claims", "refusal"),
    [
        ({"iss": "https://evil.example"}, "wrong issuer"),
        ({"iss": None}, "malformed"),
        ({"aud": "other"}, "wrong audience"),
        ({"aud": ["other"]}, "wrong audience"),
        ({"aud": []}, "malformed"),
        ({"aud": None}, "malformed"),
        ({"aud": ["shop", "other"]}, "wrong audience (azp)"),
        ({"aud": ["shop", "other"], "azp": "other"}, "wrong audience (azp)"),
        ({"azp": "other"}, "wrong audience (azp)"),
        ({"azp": 7}, "wrong audience (azp)"),
        ({"exp": NOW - HOUR}, "expired"),
        ({"exp": None}, "malformed"),
        ({"exp": "soon"}, "malformed"),
        ({"iat": NOW + HOUR}, "not yet valid"),
        ({"iat": None}, "malformed"),
        ({"nbf": NOW + HOUR}, "not yet valid"),
        ({"nonce": None}, "malformed"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": ""}, "nonce"),
        ({"nonce": ["a"]}, "nonce"),
        ({"sub": None}, "malformed"),
        ({"sub": ""}, "sub"),
        ({"sub": "x" * 256}, "sub"),
        ({"sub": 7}, "malformed"),
        ({"sub": "ana\u0000"}, "sub"),
        ({"sub": "ana\u202e"}, "sub"),
        ({"sub": "\ud800"}, "sub"),
        ({"sid": "\ud800"}, "sid"),
        ({"acr": "a\nb"}, "acr"),
        ({"acr": "\ud800"}, "acr"),
        ({"amr": ["\ud800"]}, "amr"),
        ({"exp": str(NOW + HOUR)}, "malformed"),
        ({"exp": 10**400}, "malformed"),
        ({"iat": str(NOW)}, "malformed"),
        ({"nbf": True}, "malformed"),
        ({"at_hash": "of another token"}, "access token"),
        ({"at_hash": 7}, "access token"),
        ({"amr": "pwd"}, "amr"),
        ({"acr": 7}, "acr"),
        ({"auth_time": "now"}, "auth_time"),
        ({"auth_time": 10**30}, "auth_time"),
        ({"auth_time": NOW + HOUR}, "auth_time is yet to come"),
    ],
)
def test_a_claim_that_is_wrong_is_refused(
    browser: Browser, caplog: pytest.LogCaptureFixture, claims: dict[str, Any], refusal: str
) -> None:
    browser.provider.claims = claims

    assert refused(browser, browser.sign_in()) == (502, "sign-in-failed")
    assert refusal in caplog.text


@pytest.mark.parametrize("apart", [-290, 290], ids=["the provider is behind", "the provider is ahead"])
def test_clocks_that_are_five_minutes_apart_need_the_leeway_for_it(client: Client, *, apart: int) -> None:
    browser, patient = client(), client(leeway=timedelta(minutes=5))
    now = int(time.time()) + apart
    browser.provider.claims = {"iat": now, "nbf": now, "exp": now + 60, "auth_time": now}

    assert refused(browser, browser.sign_in()) == (502, "sign-in-failed")
    assert patient.sign_in().status == 303


@pytest.mark.parametrize("claims", [{"aud": ["shop"]}, {"aud": ["shop", "other"], "azp": "shop"}, {"azp": "shop"}])
def test_a_token_for_this_party_is_accepted(browser: Browser, claims: dict[str, Any]) -> None:
    browser.provider.claims = claims

    assert browser.sign_in().status == 303


@pytest.mark.shows("9.1.1", "9.1.2", "9.1.3", "9.2.2", "T121")
@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"key": rsa_key("thief")}, "wrong signature"),
        ({"algorithm": "RS512"}, "wrong algorithm"),
        ({"algorithm": "HS256", "key": b"s" * 32}, "wrong algorithm"),
        ({"algorithm": "none", "key": None}, "wrong algorithm"),
        ({"algorithm": "ES256", "key": ec_key()}, "wrong algorithm"),
        ({"header": {"kid": "unknown"}}, "unknown key"),
        ({"header": {"kid": "unknown", "jku": "https://evil.example/keys"}}, "unknown key"),
        ({"key": rsa_key("thief"), "header": {"kid": "first", "jwk": jwk(rsa_key("thief"), "first")}}, "signature"),
        ({"header": {}}, "malformed"),
        ({"header": {"kid": "first", "typ": "at+jwt"}}, "wrong kind"),
        ({"header": {"kid": "first", "typ": "logout+jwt"}}, "wrong kind"),
        ({"header": {"kid": "first", "crit": ["exp"]}}, "malformed"),
    ],
)
def test_a_token_that_is_not_signed_as_agreed_is_refused(
    browser: Browser, caplog: pytest.LogCaptureFixture, changed: dict[str, Any], refusal: str
) -> None:
    for name, value in changed.items():
        setattr(browser.provider, name, value)

    assert refused(browser, browser.sign_in()) == (502, "sign-in-failed")
    assert refusal in caplog.text


@pytest.mark.shows("9.1.1", "T121")
def test_the_signature_is_looked_at_before_the_claims(browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    browser.provider.key = rsa_key("thief")
    browser.provider.claims = {"iss": "https://evil.example", "exp": 1, "nonce": "x"}

    assert refused(browser, browser.sign_in()) == (502, "sign-in-failed")
    assert "wrong signature" in caplog.text


def test_es256_is_accepted_where_it_is_configured_and_rs256_is_not(client: Client) -> None:
    browser = client(algorithm="ES256")
    assert refused(browser, browser.sign_in()) == (502, "sign-in-failed")
    browser.provider.key, browser.provider.algorithm = ec_key(), "ES256"
    browser.provider.keys = [jwk(ec_key(), "second")]
    browser.provider.header = {"kid": "second"}

    assert browser.sign_in().status == 303


def test_a_key_that_was_rotated_in_mid_flight_is_found(browser: Browser, session_clock: MovableClock) -> None:
    assert browser.sign_in().status == 303
    location = browser.login().headers["location"]
    browser.provider.key, browser.provider.header = rsa_key("new"), {"kid": "second"}
    browser.provider.keys = [jwk(rsa_key("new"), "second")]
    session_clock.advance(1)

    assert browser.callback(browser.provider.authorize(location)).status == 303
    assert browser.provider.paths.count("/keys") == 2


# The answer in the browser


@pytest.mark.shows("10.1.2", "10.2.1", "T116")
def test_an_answer_to_a_login_of_another_browser_is_refused_without_asking_the_provider(
    browser: Browser, client: Client
) -> None:
    thief = client()
    answer = browser.provider.authorize(thief.login().headers["location"])

    assert refused(browser, browser.callback(answer)) == (400, "sign-in-not-begun")
    assert "/token" not in browser.provider.paths


@pytest.mark.shows("10.5.1", "T118")
def test_an_answer_is_used_once(browser: Browser, session_store: SessionStore) -> None:
    location = browser.login().headers["location"]
    jar = dict(browser.cookies)
    answer = browser.provider.authorize(location)
    assert browser.callback(answer).status == 303
    token = browser.cookies.pop(DEFAULT_COOKIE_NAME)

    assert refused(browser, browser.callback(answer)) == (400, "sign-in-not-begun")
    browser.cookies = jar  # even a browser that kept the cookie has a code that was used
    assert refused(browser, browser.callback(answer)) == (502, "sign-in-failed")
    assert session_store.validate(token).customer_id == "kit:ana"


@pytest.mark.shows("10.5.1", "T118")
def test_two_answers_at_once_with_one_code_make_one_session(browser: Browser, session_store: SessionStore) -> None:
    answer = browser.provider.authorize(browser.login().headers["location"])
    copies = [replace(browser, cookies=dict(browser.cookies)) for _ in range(4)]

    with ThreadPoolExecutor(4) as threads:
        statuses = list(threads.map(lambda each: each.callback(answer).status, copies))

    assert sorted(statuses) == [303, 502, 502, 502]
    assert len(session_store.get_customer_sessions("kit:ana").sessions) == 1


@pytest.mark.shows("10.1.2", "T117")
def test_a_code_of_another_login_of_the_same_browser_is_refused(browser: Browser) -> None:
    """Its challenge, and so its verifier, is another one."""
    first, second = (browser.provider.authorize(browser.login().headers["location"]) for _ in range(2))

    assert browser.callback({**first, "code": second["code"]}).outcome == (502, "sign-in-failed")


@pytest.mark.parametrize("change", ["", "x", "é", "0" * 17 + ".x", "__Host-session", "a\r\nSet-Cookie: b=c"])
def test_a_state_that_is_none_is_refused(browser: Browser, change: str) -> None:
    answer = browser.provider.authorize(browser.login().headers["location"], state=change)

    assert browser.callback(answer).outcome == (400, "sign-in-not-begun")
    assert DEFAULT_COOKIE_NAME not in browser.cookies


def test_a_state_with_another_secret_under_the_same_name_is_refused(browser: Browser) -> None:
    answer = browser.provider.authorize(browser.login().headers["location"])
    name = answer["state"].partition(".")[0]

    assert refused(browser, browser.callback({**answer, "state": f"{name}.{'A' * 43}"})) == (400, "sign-in-not-begun")


@pytest.mark.shows("T118")
def test_an_attempt_lasts_ten_minutes(browser: Browser, session_clock: MovableClock) -> None:
    first, second = (browser.provider.authorize(browser.login().headers["location"]) for _ in range(2))
    session_clock.advance(600)
    assert browser.callback(first).status == 303
    del browser.cookies[DEFAULT_COOKIE_NAME]
    session_clock.advance(1)

    assert refused(browser, browser.callback(second)) == (400, "sign-in-not-begun")


@pytest.mark.shows("T118")
@pytest.mark.parametrize("change", [lambda text: "".join(reversed(text)), lambda _: "", "x".join, "!".join])
def test_a_cookie_that_was_changed_is_refused(browser: Browser, change: Callable[[str], str]) -> None:
    answer = browser.provider.authorize(browser.login().headers["location"])
    ((name, value),) = browser.cookies.items()
    browser.cookies[name] = change(value)

    assert refused(browser, browser.callback(answer)) == (400, "sign-in-not-begun")


@pytest.mark.shows("10.1.2", "T117")
def test_a_cookie_of_another_attempt_or_client_does_not_open(client: Client) -> None:
    browser, other = client(), client(redirect_uri="https://shop.example.com/other/callback")
    first, second = (browser.provider.authorize(browser.login().headers["location"]) for _ in range(2))
    one, two = browser.cookies
    browser.cookies[one] = browser.cookies[two]
    assert browser.callback(first).outcome == (400, "sign-in-not-begun")
    other.cookies = browser.cookies

    assert other.callback(second).outcome == (400, "sign-in-not-begun")


@pytest.mark.shows("10.2.2", "T117")
@pytest.mark.parametrize("issuer", ["https://evil.example", "", None])
def test_an_answer_of_another_issuer_is_refused_before_its_code_is_used(browser: Browser, issuer: str | None) -> None:
    answer = browser.provider.authorize(browser.login().headers["location"], iss=issuer)

    assert refused(browser, browser.callback(answer)) == (502, "sign-in-failed")
    assert "/token" not in browser.provider.paths


def test_an_answer_without_issuer_is_accepted_of_a_provider_that_never_sends_it(browser: Browser) -> None:
    browser.provider.metadata = {"authorization_response_iss_parameter_supported": None}
    answer = browser.provider.authorize(browser.login().headers["location"], iss=None)

    assert browser.callback(answer).status == 303


@pytest.mark.parametrize(
    ("error", "logged"), [("access_denied", "access_denied"), ("login_required", "login_required"), ("<eyJ>", "other")]
)
def test_an_error_of_the_provider_is_a_problem(
    browser: Browser, caplog: pytest.LogCaptureFixture, error: str, logged: str
) -> None:
    location = browser.login().headers["location"]
    answer = browser.provider.authorize(location, code=None, error=error, error_description="eyJ <script>")

    assert refused(browser, browser.callback(answer)) == (403, "sign-in-refused")
    assert f"the provider answered {logged}" in caplog.text


def test_an_error_without_a_login_of_this_browser_says_nothing_about_the_provider(browser: Browser) -> None:
    assert refused(browser, browser.callback({"error": "access_denied"})) == (400, "sign-in-not-begun")


@pytest.mark.parametrize("code", [None, "", "x" * 5000])
def test_an_answer_without_a_usable_code_is_refused(browser: Browser, code: str | None) -> None:
    answer = browser.provider.authorize(browser.login().headers["location"], code=code)

    assert refused(browser, browser.callback(answer)) == (502, "sign-in-failed")
    assert "/token" not in browser.provider.paths


@pytest.mark.parametrize("text", ["code=a&code=b", "state=a&state=a", "&".join(f"a{n}=1" for n in range(40))])
def test_a_parameter_that_stands_twice_is_bad_input(browser: Browser, text: str) -> None:
    assert browser.get("/auth/callback", text).outcome == (400, "invalid-input")


# The provider's servers

BAD_ANSWERS = [
    (Answer(500), "500"),
    (Answer(429), "429"),
    (Answer(302, headers={"Location": "/elsewhere"}), "302"),
    (Answer(307, headers={"Location": "https://evil.example"}), "307"),
    (Answer(body="<html>eyJ"), "not JSON"),
    (Answer(body="[]"), "not a JSON object"),
    (Answer(body='{"eyJ": "' + "x" * 5_000_000 + '"}'), "larger"),
    (Answer(body="{}", headers={"Content-Length": "9999"}), "cut off"),
]
PATHS = ("/.well-known/openid-configuration", "/keys", "/token")


@pytest.mark.shows("T124")
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("answer", "cause"), BAD_ANSWERS, ids=[cause for _, cause in BAD_ANSWERS])
def test_an_answer_that_cannot_be_read_is_a_fault_and_is_asked_for_once(
    browser: Browser, caplog: pytest.LogCaptureFixture, path: str, answer: Answer, cause: str
) -> None:
    browser.provider.answers[path] = lambda: answer

    reply = browser.login() if "known" in path else browser.sign_in()

    assert refused(browser, reply) == (503, "identity-provider-unavailable")
    assert reply.headers["retry-after"] == "1"
    assert cause in caplog.text
    assert browser.provider.paths.count(path) == 1


@pytest.mark.shows("T124")
@pytest.mark.parametrize("path", PATHS)
def test_a_provider_that_is_slow_is_a_fault_in_time(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(fetching, "_TIMEOUT", 0.05)
    location = "" if "known" in path else browser.login().headers["location"]

    def slowly() -> Answer:
        time.sleep(0.15)
        return Answer(body="{}")

    browser.provider.answers[path] = slowly
    reply = browser.callback(browser.provider.authorize(location)) if location else browser.login()

    assert refused(browser, reply) == (503, "identity-provider-unavailable")


def test_a_provider_that_is_dead_is_a_fault(client: Client) -> None:
    browser = client(issuer="http://127.0.0.1:9")

    assert refused(browser, browser.login()) == (503, "identity-provider-unavailable")


@pytest.mark.parametrize(
    ("fields", "status", "outcome"),
    [
        ('{"error": "invalid_grant", "error_description": "eyJ"}', 400, (502, "sign-in-failed")),
        ('{"error": "eyJ"}', 400, (502, "sign-in-failed")),
        ("{}", 401, (502, "sign-in-failed")),
        ('{"error": "invalid_client"}', 401, (503, "misconfigured")),
        ('{"error": "unauthorized_client"}', 400, (503, "misconfigured")),
        ("{}", 200, (502, "sign-in-failed")),
        ('{"id_token": "eyJ", "token_type": "DPoP"}', 200, (502, "sign-in-failed")),
        ('{"id_token": 7, "token_type": "Bearer"}', 200, (502, "sign-in-failed")),
        ('{"id_token": "eyJ.eyJ.x", "token_type": "Bearer"}', 200, (502, "sign-in-failed")),
    ],
)
def test_an_answer_of_the_token_endpoint_without_a_good_token_is_refused(
    browser: Browser, fields: str, status: int, outcome: tuple[int, str]
) -> None:
    browser.provider.answers["/token"] = lambda: Answer(status, fields)

    assert refused(browser, browser.sign_in()) == outcome


def test_a_wrong_client_secret_is_a_fault_of_the_configuration(client: Client) -> None:
    browser = client(client_secret=lambda: "a secret of another client")

    assert refused(browser, browser.sign_in()) == (503, "misconfigured")


@pytest.mark.shows("10.5.3", "T125")
@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"authorization_endpoint": None},
        {"authorization_endpoint": "http://provider.example/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "file:///etc/passwd"},
        {"token_endpoint": "http://169.254.169.254/latest"},
        {"token_endpoint": "https://user:password@provider.example/token"},
        {"token_endpoint": "https://provider.example:65536/token"},
        {"token_endpoint": "https://[:1e40:1]/token"},
        {"jwks_uri": 7},
        {"end_session_endpoint": "http://provider.example/end"},
        {"revocation_endpoint": "http://provider.example/revoke"},
        {"response_types_supported": ["token"]},
        {"code_challenge_methods_supported": ["plain"]},
        {"id_token_signing_alg_values_supported": ["HS256"]},
        {"id_token_signing_alg_values_supported": "RS256"},
    ],
    ids=str,
)
def test_metadata_that_is_not_acceptable_is_a_fault(browser: Browser, changed: dict[str, Any]) -> None:
    browser.provider.metadata = changed

    assert refused(browser, browser.login()) == (503, "identity-provider-unavailable")


def test_metadata_is_good_for_a_day_while_the_provider_does_not_give_it(
    browser: Browser, session_clock: MovableClock
) -> None:
    path = PATHS[0]
    assert browser.login().status == 303
    browser.provider.answers[path] = lambda: Answer(503)
    session_clock.advance(24 * HOUR)
    assert browser.login().status == 303
    assert browser.provider.paths.count(path) == 2
    session_clock.advance(1)

    assert browser.login().outcome == (503, "identity-provider-unavailable")


# For those who call it without the routes


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"state": "x"}, SignInNotBegunError),
        ({"error": "access_denied"}, ProviderRefusedError),
        ({"iss": "https://evil.example"}, ProviderAnswerError),
        ({"code": "of my own"}, ProviderAnswerError),
    ],
)
def test_each_fault_is_a_typed_error_without_a_secret(
    provider: Provider,
    signing_in: Callable[..., OidcSignIn],
    change: dict[str, str],
    error: type[SessionStoreError],
) -> None:
    sign_in = signing_in()
    begun = sign_in.begin([])
    answer = provider.authorize(begun.location)

    with pytest.raises(error) as caught:
        sign_in.finish([begun.cookies[0].partition(";")[0]], {**answer, **change})

    assert not isinstance(caught.value, InvalidTokenError)  # it is nothing about a session's token
    assert caught.value.__context__ is None or not str(caught.value.__context__)
    assert not [value for value in {**answer, **change}.values() if len(value) > 15 and value in str(caught.value)]


def test_a_dead_provider_is_a_fault_of_the_same_kind_as_the_stores(signing_in: Callable[..., OidcSignIn]) -> None:
    with pytest.raises(ProviderUnavailableError, match="GET of the provider's metadata: there was no answer"):
        signing_in(issuer="http://127.0.0.1:9").begin([])


def test_an_id_token_that_is_garbage_is_refused(browser: Browser) -> None:
    header = part({"alg": "RS256", "kid": "first"})
    for token in ("x", "a.b.c", f"{header}.{encoded(b'[]')}.x", f"{header}.{header}.{'x' * 20_000}"):
        body = '{"token_type": "bearer", "id_token": "' + token + '"}'
        browser.provider.answers["/token"] = partial(Answer, body=body)
        assert refused(browser, browser.sign_in()) == (502, "sign-in-failed")
