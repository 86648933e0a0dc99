"""Settings from the environment of a function."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from session_store import InvalidInputError, SessionStore, StoreConfigurationError, Timeouts, settings
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


@pytest.mark.parametrize("environment", [{}, {settings.TABLE_NAME: ""}])
def test_a_missing_table_name_says_which_variable_to_set(environment: dict[str, str]) -> None:
    with pytest.raises(StoreConfigurationError, match=settings.TABLE_NAME):
        Settings.from_environment(environment)


@pytest.mark.parametrize(
    "name", [settings.IDLE_TIMEOUT, settings.RETENTION, settings.NOT_BEFORE, settings.MAX_SESSIONS]
)
def test_a_malformed_number_names_its_variable(name: str) -> None:
    with pytest.raises(StoreConfigurationError, match=f"{name}.*half an hour"):
        Settings.from_environment({settings.TABLE_NAME: "sessions", name: "half an hour"})


def test_timeouts_out_of_range_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="idle"):
        Settings.from_environment({settings.TABLE_NAME: "sessions", settings.IDLE_TIMEOUT: "0"})


def test_a_store_is_made_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(settings.TABLE_NAME, raising=False)
    with pytest.raises(StoreConfigurationError):
        SessionStore.from_environment()

    monkeypatch.setenv(settings.TABLE_NAME, "sessions")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert isinstance(SessionStore.from_environment(), SessionStore)
