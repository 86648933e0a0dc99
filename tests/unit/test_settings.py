"""Settings from the environment of a function."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from session_store import InvalidInputError, SessionStore, StoreConfigurationError, Timeouts, settings
from session_store.kernel import web_settings
from session_store.kernel.web_settings import AuthorizerSettings, UserRouteSettings
from session_store.settings import Settings


def test_only_the_tables_name_is_needed() -> None:
    read = Settings.from_environment({settings.TABLE_NAME: "sessions"})

    assert read == Settings(table_name="sessions")
    assert read.timeouts == Timeouts()
    assert read.retention == timedelta(days=30)


def test_every_setting_is_read() -> None:
    read = Settings.from_environment(
        {
            settings.TABLE_NAME: "sessions",
            settings.IDLE_TIMEOUT: "60",
            settings.ABSOLUTE_TIMEOUT: "3600",
            settings.RETENTION: "0",
            settings.ROTATION_GRACE: "5",
            settings.ROTATION_INTERVAL: "900",
            settings.MAX_SESSIONS: "3",
            settings.NOT_BEFORE: "1683891000",
        }
    )

    assert read == Settings(
        table_name="sessions",
        timeouts=Timeouts(idle=timedelta(minutes=1), absolute=timedelta(hours=1)),
        retention=timedelta(0),
        rotation_grace=timedelta(seconds=5),
        rotation_interval=timedelta(minutes=15),
        max_sessions_per_customer=3,
        not_before=datetime(2023, 5, 12, 11, 30, tzinfo=UTC),
    )
    default = Settings(table_name="another")
    assert not [field.name for field in fields(Settings) if getattr(read, field.name) == getattr(default, field.name)]


@pytest.mark.parametrize("environment", [{}, {settings.TABLE_NAME: ""}])
def test_a_missing_table_name_says_which_variable_to_set(environment: dict[str, str]) -> None:
    with pytest.raises(StoreConfigurationError, match=settings.TABLE_NAME):
        Settings.from_environment(environment)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (settings.IDLE_TIMEOUT, "half an hour"),
        (settings.IDLE_TIMEOUT, "0"),
        (settings.IDLE_TIMEOUT, "99999"),  # longer than the absolute timeout
        (settings.IDLE_TIMEOUT, "9" * 30),
        (settings.ABSOLUTE_TIMEOUT, "-1"),
        (settings.RETENTION, "1.5"),
        (settings.RETENTION, str(366 * 86400)),
        (settings.ROTATION_GRACE, "9999"),
        (settings.ROTATION_INTERVAL, "5"),
        (settings.MAX_SESSIONS, "0"),
        (settings.MAX_SESSIONS, "many"),
        (settings.NOT_BEFORE, "2026-01-01"),
        (settings.NOT_BEFORE, "9" * 17),
        (settings.NOT_BEFORE, "9" * 40),
        (settings.TABLE_NAME, "my sessions"),
    ],
)
def test_what_is_not_acceptable_names_its_variable(name: str, text: str) -> None:
    with pytest.raises(StoreConfigurationError, match=f"^environment variable {name}: .*got "):
        Settings.from_environment({settings.TABLE_NAME: "sessions", name: text})


def test_the_message_says_what_is_allowed() -> None:
    with pytest.raises(StoreConfigurationError) as error:
        Settings.from_environment({settings.TABLE_NAME: "sessions", settings.RETENTION: str(366 * 86400)})

    assert str(error.value) == (
        "environment variable SESSION_RETENTION: must be whole seconds from 0 s to 365 days (got '366 days')"
    )


@pytest.mark.parametrize(
    ("kind", "name", "text"),
    [
        (UserRouteSettings, web_settings.ALLOWED_ORIGINS, "https://app.example.com"),
        (UserRouteSettings, web_settings.ALLOWED_ORIGINS, '"https://app.example.com"'),
        (UserRouteSettings, web_settings.ALLOWED_ORIGINS, '["https://app.example.com/"]'),
        (UserRouteSettings, web_settings.MAX_AUTH_AGE, '"60"'),
        (UserRouteSettings, web_settings.MAX_AUTH_AGE, "-1"),
        (UserRouteSettings, web_settings.MAX_AUTH_AGE, "1e300"),
        (UserRouteSettings, web_settings.MAX_AUTH_AGE, "NaN"),
        (UserRouteSettings, web_settings.MAX_AUTH_AGE, "Infinity"),
        (UserRouteSettings, web_settings.ALLOWED_ORIGINS, '{"https://app.example.com": 1}'),
        (UserRouteSettings, web_settings.DATA_KEYS, '"cart"'),
        (UserRouteSettings, web_settings.DATA_KEYS, "5"),
        (UserRouteSettings, web_settings.DATA_KEYS, "[5]"),
        (UserRouteSettings, web_settings.DATA_KEYS, '{"cart": 1}'),
        (AuthorizerSettings, web_settings.ALLOWED_ORIGINS, "{"),
        (AuthorizerSettings, web_settings.CONTEXT_DATA_KEYS, '"role"'),
        (AuthorizerSettings, web_settings.CONTEXT_DATA_KEYS, '["customer_id"]'),
        (AuthorizerSettings, web_settings.CONTEXT_DATA_KEYS, '{"role": 1}'),
        (AuthorizerSettings, web_settings.STRICT, '"false"'),
        (AuthorizerSettings, web_settings.BEARER_ONLY, "0"),
        (AuthorizerSettings, web_settings.ALLOW_ANONYMOUS, "null"),
    ],
)
def test_what_is_not_acceptable_in_the_web_layer_names_its_variable(
    kind: type[UserRouteSettings | AuthorizerSettings], name: str, text: str
) -> None:
    with pytest.raises(StoreConfigurationError, match=f"^environment variable {name}: "):
        kind.from_environment({name: text})


@pytest.mark.parametrize("field", ["allowed_origins", "data_keys"])
@pytest.mark.parametrize("bad", ["https://app.example.com", b"cart", 5, [""], [None]], ids=repr)
def test_several_names_are_not_one_text(field: str, bad: Any) -> None:
    with pytest.raises(InvalidInputError) as error:
        UserRouteSettings(**{field: bad})

    assert error.value.field == field


def test_a_store_is_made_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(settings.TABLE_NAME, raising=False)
    with pytest.raises(StoreConfigurationError):
        SessionStore.from_environment()

    monkeypatch.setenv(settings.TABLE_NAME, "sessions")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert isinstance(SessionStore.from_environment(), SessionStore)
