"""A sign-in described by environment variables, as `OidcRoutes` writes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from session_store import InvalidInputError, SessionStore, StoreConfigurationError, Timeouts
from session_store.oidc import (
    AppleClientSecret,
    LogoutVerifier,
    OidcSignIn,
    ProviderSignIn,
    StepUp,
    backchannel_logout_handler,
    sign_in_handler_from_environment,
)
from session_store.oidc.from_settings import sign_in_arguments
from session_store.oidc.provider_settings import ProviderSettings
from session_store.oidc.settings import SignInSettings
from tests.support.provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, Browser, Provider

NEEDED: dict[str, Any] = {
    "issuer": "https://login.example.com",
    "client_id": CLIENT_ID,
    "customer_prefix": "kit:",
    "redirect_uri": REDIRECT_URI,
    "client_secret": "oidc/kit",
}
OTHERS: dict[str, dict[str, Any]] = {
    "issuer": {"issuer": "https://login.example.com/tenant/"},
    "client_id": {"client_id": "1234.apps.example.com"},
    "customer_prefix": {"customer_prefix": "other|"},
    "algorithm": {"algorithm": "ES256"},
    "leeway": {"leeway": timedelta(minutes=5)},
    "logout_token_life": {"logout_token_life": timedelta(hours=1)},
    "discovery_url": {"discovery_url": "http://localhost:9/.well-known/openid-configuration"},
    "redirect_uri": {"redirect_uri": "http://localhost:8000/auth/callback"},
    "client_secret": {"client_secret": f"arn:aws:secretsmanager:eu-central-1:123456789012:secret:{'x' * 200}-AbCdEf"},
    "client_secret_key": {"client_secret_key": "secret"},
    "cookie_secret": {"cookie_secret": "oidc/cookies", "client_secret": None},
    "cookie_secret_key": {"cookie_secret_key": "cookies", "cookie_secret": "oidc/cookies"},
    "apple_team_id": {"apple_team_id": "ABCDE12345", "apple_key_id": "FGHIJ67890"},
    "apple_key_id": {"apple_team_id": "ABCDE12345", "apple_key_id": "FGHIJ67890"},
    "scopes": {"scopes": ("openid", "email")},
    "response_mode": {"response_mode": "form_post"},
    "step_ups": {"step_ups": {"a": StepUp(max_age=timedelta(0)), "b": StepUp(acr_values=("gold", "silver"))}},
    "sign_in_counts": {"sign_in_counts": True},
    "authorization_parameters": {"authorization_parameters": {"prompt": "login"}},
    "post_logout_redirect_uri": {"post_logout_redirect_uri": "https://shop.example.com/bye"},
    "logout": {"logout": "cognito"},
    "prefix": {"prefix": "/api/auth"},
    "carry_data": {"carry_data": True},
    "kept_claims": {"kept_claims": ("email", "cognito:groups")},
    "after_logout": {"after_logout": "/bye?from=shop"},
    "idle_timeout": {"idle_timeout": timedelta(minutes=5), "absolute_timeout": timedelta(hours=1)},
    "absolute_timeout": {"idle_timeout": timedelta(minutes=5), "absolute_timeout": timedelta(hours=1)},
    "ends_with_browser": {"ends_with_browser": True},
}


def variable(name: str) -> str:
    return SignInSettings.kinds()[name].variable


def test_every_setting_is_tried_here() -> None:
    assert OTHERS.keys() == SignInSettings.kinds().keys()


@pytest.mark.parametrize("name", OTHERS)
def test_a_setting_comes_back_from_the_environment(name: str) -> None:
    settings = SignInSettings(**NEEDED | OTHERS[name])

    found = SignInSettings.from_environment(settings.environment())
    assert found == settings
    assert getattr(found, name) == OTHERS[name][name] != SignInSettings.default(name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("issuer", "http://login.example.com"),
        ("issuer", ""),
        ("client_id", ""),
        ("customer_prefix", "kit"),
        ("redirect_uri", "http://shop.example.com/auth/callback"),
        ("algorithm", "HS256"),
        ("leeway", "301"),
        ("leeway", "half a minute"),
        ("discovery_url", "https://evil.example/.well-known/openid-configuration"),
        ("client_secret", "a secret as a text"),
        ("apple_team_id", "ABCDE12345"),
        ("scopes", "openid"),
        ("scopes", '{"openid": 1}'),
        ("response_mode", "fragment"),
        ("step_ups", "["),
        ("step_ups", "[]"),
        ("step_ups", '{"pay": 5}'),
        ("step_ups", '{"pay": {}}'),
        ("step_ups", '{"pay": {"max_age": "5"}}'),
        ("step_ups", '{"pay": {"max_age": -1}}'),
        ("step_ups", '{"pay": {"max_age": 1e99}}'),
        ("step_ups", '{"pay": {"max_age": true}}'),
        ("step_ups", '{"pay": {"max_age": 5, "acr": "gold"}}'),
        ("step_ups", '{"pay": {"acr_values": "gold"}}'),
        ("authorization_parameters", '{"state": "x"}'),
        ("authorization_parameters", '{"max": 5}'),
        ("authorization_parameters", '["prompt"]'),
        ("after_logout", "//evil.example"),
        ("carry_data", "yes"),
        ("idle_timeout", "300"),
        ("prefix", "auth"),
    ],
)
def test_a_mistaken_variable_is_named(name: str, text: str) -> None:
    environment = SignInSettings(**NEEDED).environment() | {variable(name): text}

    with pytest.raises(StoreConfigurationError) as caught:
        SignInSettings.from_environment(environment)
    named = {"apple_team_id": "apple_key_id", "idle_timeout": "absolute_timeout"}.get(name, name)
    assert str(caught.value).startswith(f"environment variable {variable(named)}: ")


def test_a_secret_has_to_be_said_and_an_idle_timeout_may_not_be_the_longer_one() -> None:
    with pytest.raises(InvalidInputError, match="cookie_secret: must be given where client_secret is not"):
        SignInSettings(**NEEDED | {"client_secret": None})
    with pytest.raises(InvalidInputError, match="idle_timeout: must not be longer than the absolute timeout"):
        SignInSettings(**NEEDED, idle_timeout=timedelta(hours=2), absolute_timeout=timedelta(hours=1))


@pytest.mark.parametrize("name", sorted(ProviderSettings.kinds()))
def test_the_providers_logouts_need_no_more_than_their_own_settings(name: str) -> None:
    settings = ProviderSettings(issuer="https://login.example.com", client_id="shop", customer_prefix="kit:")
    assert variable(name) == ProviderSettings.kinds()[name].variable
    assert ProviderSettings.from_environment(settings.environment()) == settings


def test_apples_ids_make_a_client_secret_of_apples_key() -> None:
    settings = SignInSettings(**NEEDED | OTHERS["apple_key_id"])
    assert isinstance(sign_in_arguments(settings, None)["client_secret"], AppleClientSecret)


# The whole way


@pytest.fixture
def environment(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """A function's, with a secret in Secrets Manager."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with mock_aws():
        secret = json.dumps({"client": CLIENT_SECRET})
        boto3.client("secretsmanager").create_secret(Name="oidc/kit", SecretString=secret)
        yield SignInSettings(**NEEDED | {"issuer": provider.url, "client_secret_key": "client"}).environment()


def test_a_user_signs_in_as_the_environment_says(
    provider: Provider, session_store: SessionStore, environment: dict[str, str]
) -> None:
    def with_role(found: ProviderSignIn) -> dict[str, object]:
        return {"role": "customer", "name": found.customer_id}

    further = {
        variable("prefix"): "/in",
        variable("idle_timeout"): "300",
        variable("absolute_timeout"): "3600",
        variable("ends_with_browser"): "true",
    }
    handler = sign_in_handler_from_environment(
        store=session_store, on_sign_in=with_role, environment=environment | further
    )
    browser = Browser(handler, provider)
    begun = browser.get("/in/login")
    done = browser.get("/in/callback", provider.authorize(begun.headers["location"]))

    session = session_store.validate(browser.cookies["__Host-session"])
    assert (done.status, session.customer_id, session.data["role"]) == (303, "kit:ana", "customer")
    assert session.absolute_expires_at - session.created_at == Timeouts(absolute=timedelta(hours=1)).absolute
    assert "Max-Age" not in next(each for each in done.set_cookies if each.startswith("__Host-session"))


def test_a_logout_is_verified_without_any_secret(
    provider: Provider, session_store: SessionStore, environment: dict[str, str]
) -> None:
    known = {kind.variable for kind in ProviderSettings.kinds().values()}
    variables = {name: text for name, text in environment.items() if name in known}
    session_store.create_session("kit:ana")

    handler = backchannel_logout_handler(LogoutVerifier.from_environment(variables), store=session_store)
    form = {"logout_token": provider.logout_token()}

    assert Browser(handler, provider).post("/auth/backchannel-logout", form).status == 200
    assert session_store.get_customer_sessions("kit:ana").sessions == ()
    with pytest.raises(StoreConfigurationError, match="SESSION_OIDC_COOKIE_SECRET"):
        OidcSignIn.from_environment(variables)
