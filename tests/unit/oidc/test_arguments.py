"""Arguments that would make a sign-in unsafe are refused by their names. Secrets come from Secrets Manager."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from session_store import InvalidInputError, StoreConfigurationError, StoreUnavailableError
from session_store.oidc import OidcSignIn, ProviderUnavailableError, SecretsManagerSecret, metadata, sign_in_handler
from session_store.oidc.addresses import origin_of
from session_store.testing import MovableClock
from tests.support.provider import CLIENT_SECRET, Browser, Provider
from tests.unit.oidc.conftest import Client


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("issuer", "http://accounts.example.com"),
        ("issuer", "https://user:password@accounts.example.com"),
        ("issuer", "https://accounts.example.com//"),
        ("issuer", "https://accounts.example.com/?a=b"),
        ("issuer", None),
        ("discovery_url", "https://other.example.com/.well-known/openid-configuration"),
        ("discovery_url", "http://10.0.0.1/.well-known/openid-configuration"),
        ("discovery_url", "http://localhost.evil.example/x"),
        ("client_id", ""),
        ("client_secret", "a secret as a text"),
        ("client_secret", None),  # a public client has to give a secret for its cookies
        ("redirect_uri", "http://shop.example.com/auth/callback"),
        ("redirect_uri", "https://shop.example.com"),
        ("redirect_uri", "https://shop.example.com/auth/callback#x"),
        ("redirect_uri", "/auth/callback"),
        ("post_logout_redirect_uri", "javascript:alert(1)"),
        ("customer_prefix", ""),
        ("customer_prefix", "google"),
        ("customer_prefix", "a:b:"),
        ("customer_prefix", "x" * 65 + ":"),
        ("scopes", "openid email"),
        ("scopes", ["openid email"]),
        ("algorithm", "HS256"),
        ("algorithm", "none"),
        ("response_mode", "fragment"),
        ("logout", "other"),
        ("authorization_parameters", {"redirect_uri": "https://evil.example"}),
        ("authorization_parameters", {"state": "x"}),
        ("leeway", timedelta(minutes=6)),
        ("leeway", 30),
        ("logout_token_life", timedelta(0)),
        ("logout_token_life", timedelta(hours=2)),
    ],
)
def test_an_argument_that_would_make_it_unsafe_is_refused(
    signing_in: Callable[..., OidcSignIn], name: str, value: Any
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        signing_in(**{name: value})

    assert caught.value.field == ("cookie_secret" if (name, value) == ("client_secret", None) else name)
    assert "password" not in str(caught.value)


@pytest.mark.parametrize(
    "arguments",
    [
        {"prefix": "auth"},
        {"after_logout": "//evil.example"},
        {"on_sign_in": 7},
        {"on_sign_out": 7},
        {"carry_data": 1},
        {"timeouts": 30},
    ],
    ids=str,
)
def test_an_argument_of_the_handler_that_is_wrong_is_refused(
    signing_in: Callable[..., OidcSignIn], arguments: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInputError):
        sign_in_handler(signing_in(), **arguments)


def test_a_discovery_address_of_this_machine_stands_for_any_issuer(client: Client, provider: Provider) -> None:
    """As the embedded Cognito needs it."""
    url = f"{provider.url}/.well-known/openid-configuration"
    browser = client(issuer="https://accounts.example.com/", discovery_url=url)
    provider.metadata = {"issuer": "https://accounts.example.com/"}
    provider.claims = {"iss": "https://accounts.example.com/"}
    location = browser.login().headers["location"]

    answer = browser.provider.authorize(location, iss="https://accounts.example.com/")
    assert browser.callback(answer).status == 303


@pytest.mark.shows("T125")
@pytest.mark.parametrize(
    "name", ["authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint", "revocation_endpoint"]
)
@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1:9/x", "https://127.0.0.1:9/x", "https://localhost/x", "https://[::1]/x"),
        *(
            "https://LocalHost/x",
            "https://localhost?x",
            "https://127.0.0.2/x",
            "https://127.1/x",
            "https://0x7f.1/x",
            "https://2130706433/x",
        ),
        *(
            "https://0/x",
            "https://0.0.0.0/x",
            "https://[::]/x",
            "https://[::ffff:7f00:1]/x",
            "https://169.254.169.254/x",
        ),
    ],
)
def test_a_provider_elsewhere_cannot_name_an_address_of_this_machine(
    signing_in: Callable[..., OidcSignIn], monkeypatch: pytest.MonkeyPatch, name: str, url: str
) -> None:
    provider = Provider("https://accounts.example.com")
    monkeypatch.setattr(metadata, "fetch_json", lambda _: provider.document())
    assert signing_in(issuer=provider.url).begin([]).location.startswith(provider.url)
    provider.metadata = {name: url}

    with pytest.raises(ProviderUnavailableError, match=name):
        signing_in(issuer=provider.url).begin([])


def test_a_path_that_is_none_of_the_routes_is_not_found(browser: Browser) -> None:
    assert browser.get("/auth/other").outcome == (404, "no-such-route")
    assert browser.get("/other/auth/logins").outcome == (404, "no-such-route")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://a.example/x", "https://a.example"),
        ("https://a.example:443/x", "https://a.example"),
        ("https://A.example:8443", "https://a.example:8443"),
        ("http://[::1]:80/x", "http://[::1]"),
    ],
)
def test_the_origin_of_an_address_is_as_browsers_send_it(url: str, origin: str) -> None:
    assert origin_of(url) == origin


# Secrets


class SecretsManager:
    """Counts its calls, and fails as told."""

    def __init__(self, text: str | None) -> None:
        self.text = text
        self.fault = ""
        self.calls = 0

    def get_secret_value(self, **_: str) -> dict[str, Any]:
        self.calls += 1
        if self.fault:
            raise ClientError({"Error": {"Code": self.fault, "Message": self.text or ""}}, "GetSecretValue")
        return {"SecretString": self.text} if self.text else {"SecretBinary": b"x"}


@pytest.mark.shows("T127")
def test_a_secret_is_read_once_in_five_minutes_and_then_anew(session_clock: MovableClock) -> None:
    service = SecretsManager("old")
    secret = SecretsManagerSecret("oidc/shop", client=service, clock=session_clock)
    assert [secret() for _ in range(3)] == ["old"] * 3
    service.text = "new"
    session_clock.advance(300)
    assert (secret(), service.calls) == ("old", 1)
    session_clock.advance(1)

    assert (secret(), service.calls) == ("new", 2)


@pytest.mark.shows("T127")
def test_a_sign_in_under_way_while_the_clients_secret_changes_has_to_be_begun_again(client: Client) -> None:
    secrets = [CLIENT_SECRET]
    browser = client(client_secret=lambda: secrets[-1])
    location = browser.login().headers["location"]
    secrets.append("a new secret of the client")
    browser.provider.client_secret = secrets[-1]

    assert browser.callback(browser.provider.authorize(location)).outcome == (400, "sign-in-not-begun")
    assert browser.sign_in().status == 303


def test_the_last_secret_is_good_for_an_hour_while_it_cannot_be_read(session_clock: MovableClock) -> None:
    service = SecretsManager("old")
    secret = SecretsManagerSecret("oidc/shop", client=service, clock=session_clock)
    assert secret() == "old"
    service.fault = "ThrottlingException"
    session_clock.advance(3500)
    assert secret() == "old"
    session_clock.advance(101)

    with pytest.raises(StoreUnavailableError, match="throttled"):
        secret()


def test_a_secret_may_stand_under_a_key(session_clock: MovableClock) -> None:
    service = SecretsManager(json.dumps({"client_secret": "text"}))

    assert SecretsManagerSecret("oidc/shop", key="client_secret", client=service)() == "text"


@pytest.mark.parametrize("text", [None, "not JSON", "[]", "{}", '{"client_secret": 7}', '{"client_secret": ""}'])
def test_a_secret_that_is_no_text_is_a_fault_of_the_configuration(text: str | None) -> None:
    with pytest.raises(StoreConfigurationError, match="must hold a text") as caught:
        SecretsManagerSecret("oidc/shop", key="client_secret", client=SecretsManager(text))()
    assert caught.value.__context__ is None


def test_a_secret_that_may_not_be_read_is_a_fault_of_the_configuration(client: Client) -> None:
    service = SecretsManager("quoted by the service")
    service.fault = "AccessDeniedException"
    browser = client(client_secret=SecretsManagerSecret("oidc/shop", client=service))

    reply = browser.login()

    assert reply.outcome == (503, "misconfigured")
    assert "quoted" not in reply.text


def test_a_secret_that_is_too_short_to_seal_a_cookie_is_a_fault_of_the_configuration(client: Client) -> None:
    assert client(client_secret=lambda: "x" * 15).login().outcome == (503, "misconfigured")
