"""The place of the cache: arguments, environment variables, and the sign-in of ElastiCache."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import pytest

from session_store import InvalidInputError, SessionStore, StoreConfigurationError
from session_store.validation_cache import ElastiCacheIam, ValidationCache
from session_store.validation_cache.settings import ValidationCacheSettings

VARIABLES = {
    "SESSION_VALIDATION_CACHE_HOST": "shop.cache.amazonaws.com",
    "SESSION_VALIDATION_CACHE_PORT": "6380",
    "SESSION_VALIDATION_CACHE_TLS": "false",
    "SESSION_VALIDATION_CACHE_NAME": "shop",
    "SESSION_VALIDATION_CACHE_USER": "app",
}


def test_the_settings_travel_through_the_environment() -> None:
    settings = ValidationCacheSettings(host="shop.cache.amazonaws.com", port=6380, tls=False, name="shop", user="app")

    assert settings.environment() == VARIABLES
    assert ValidationCacheSettings.from_environment(VARIABLES) == settings
    assert ValidationCache.from_environment(VARIABLES).server is not None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"HOST": "rediss://host"}, "_HOST: must be the name or the address of a host"),
        ({"HOST": ""}, "_HOST: must be given"),
        ({"PORT": "0"}, "_PORT: must be a whole number of port from 1 to 65535"),
        ({"TLS": "yes"}, "_TLS: must be true or false"),
        ({"NAME": ""}, "_NAME: must be given, too"),
        ({"USER": ""}, "_USER: must be given, too"),
        ({"USER": "a b"}, "_USER: must be a letter"),
    ],
    ids=str,
)
def test_a_mistaken_variable_is_named(changed: dict[str, str], said: str) -> None:
    variables = VARIABLES | {f"SESSION_VALIDATION_CACHE_{name}": value for name, value in changed.items()}

    with pytest.raises(StoreConfigurationError, match=said):
        ValidationCache.from_environment(variables)


@pytest.mark.parametrize(
    "given", [{"host": "a/b"}, {"port": "6379"}, {"tls": 1}, {"credentials": ("user", "password")}], ids=str
)
def test_a_mistaken_argument_is_named(given: dict[str, Any]) -> None:
    (name,) = given

    with pytest.raises(InvalidInputError) as mistaken:
        ValidationCache(**{"host": "127.0.0.1"} | given)

    assert mistaken.value.field == name


def test_a_store_of_the_environment_has_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {"TABLE_NAME": "sessions", "SESSION_VALIDATION_CACHE_HOST": "127.0.0.1"}
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    assert SessionStore.from_environment(variables)._context.cached is not None
    assert SessionStore.from_environment({"TABLE_NAME": "sessions"})._context.cached is None


@pytest.mark.parametrize("serverless", [True, False])
def test_a_role_signs_in_with_a_token_of_15_minutes(monkeypatch: pytest.MonkeyPatch, serverless: object) -> None:
    for name, value in {"ACCESS_KEY_ID": "AKID", "SECRET_ACCESS_KEY": "secret", "SESSION_TOKEN": "token"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    user, token = ElastiCacheIam("Shop", "app", serverless=bool(serverless)).get_credentials()

    host, _, query = token.partition("/?")
    said = {name: value for name, (value,) in parse_qs(query).items()}
    assert (user, host, said["Action"], said["User"]) == ("app", "shop", "connect", "app")
    assert said.get("ResourceType") == ("ServerlessCache" if serverless else None)
    assert said["X-Amz-Expires"] == "900"
    assert said["X-Amz-Credential"].startswith("AKID/")
    assert said["X-Amz-Credential"].endswith("/eu-west-1/elasticache/aws4_request")
    assert said["X-Amz-SignedHeaders"] == "host"
    assert len(said["X-Amz-Signature"]) == 64
    assert "secret" not in token


def test_a_role_without_credentials_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")

    with pytest.raises(StoreConfigurationError, match="AWS credentials"):
        ElastiCacheIam("shop", "app").get_credentials()
