"""A setting of the store is declared once: from there it is one of an environment."""

from __future__ import annotations

from typing import Any

import pytest

from session_store import SessionSettings
from stacks.environments import EnvironmentSettingsError
from tests.infra.environments import environment_of
from tests.support.setting_values import OF_SESSIONS, Declared, name_of

EVERY_SETTING = pytest.mark.parametrize("declared", OF_SESSIONS, ids=name_of)


def environment(settings: Any) -> SessionSettings:
    return environment_of(settings=settings).settings


@EVERY_SETTING
def test_every_setting_is_one_of_an_environment(declared: Declared) -> None:
    beside = {"idle_timeout": "PT1S"} if declared.name == "absolute_timeout" else {}

    assert getattr(environment(beside | {declared.name: declared.in_json}), declared.name) == declared.other


def test_an_environment_without_settings_has_the_defaults() -> None:
    assert environment(None) == environment({}) == SessionSettings()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"idle": "PT5M"}, "'x': unknown setting 'settings.idle', use one of idle_timeout, "),
        ({"idle_timeout": "30 minutes"}, "'x': settings.idle_timeout must be an ISO 8601 duration like PT30M"),
        ({"idle_timeout": 30}, "'x': settings.idle_timeout must be a text, got 30"),
        ({"not_before": "yesterday"}, "'x': settings.not_before must be an ISO 8601 time"),
        ({"max_sessions_per_customer": "3"}, "'x': settings.max_sessions_per_customer must be a whole number"),
        (["PT5M"], "'x': settings must be an object of settings"),
    ],
)
def test_a_mistaken_setting_of_an_environment_is_named(settings: Any, expected: str) -> None:
    with pytest.raises(EnvironmentSettingsError) as error:
        environment(settings)

    assert f"environment {expected}" in str(error.value)
