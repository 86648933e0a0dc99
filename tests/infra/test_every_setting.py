"""A setting of the store is one all the way: an argument, a variable, a prop, a setting of an environment."""

from __future__ import annotations

import inspect
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest
from aws_cdk import Duration

from session_store import SessionStore
from session_store.cdk import SessionService, SessionSettings
from session_store.settings import Settings
from stacks.environments import Environment

PROPS = [field.name for field in fields(SessionSettings)]
# Props are flat; and which table it is, the construct knows.
ARGUMENTS = {field.name for field in fields(Settings)} - {"table_name"}
FLAT = {"timeouts": {"idle_timeout", "absolute_timeout"}}
OTHER_VALUES: dict[str, Any] = {
    "idle_timeout": Duration.minutes(7),
    "absolute_timeout": Duration.days(3),
    "retention": Duration.days(5),
    "rotation_grace": Duration.seconds(45),
    "rotation_interval": Duration.hours(2),
    "max_sessions_per_customer": 4,
    "not_before": datetime(2026, 1, 31, tzinfo=UTC),
}


def parameters(made: Any) -> set[str]:
    return set(inspect.signature(made).parameters)


def test_every_setting_that_a_function_reads_is_an_argument_of_the_store() -> None:
    assert parameters(SessionStore) >= ARGUMENTS


def test_every_setting_that_a_function_reads_is_a_prop_of_the_rules() -> None:
    assert set(PROPS) == set[str]().union(*(FLAT.get(name, {name}) for name in ARGUMENTS))


@pytest.mark.parametrize("prop", PROPS)
def test_every_prop_of_the_rules_reaches_the_functions(prop: str) -> None:
    changed = SessionSettings(**{prop: OTHER_VALUES[prop]})

    assert changed.environment() != SessionSettings().environment()


def test_every_prop_of_the_rules_is_one_of_the_service_and_a_setting_of_an_environment() -> None:
    assert parameters(SessionService.__init__) >= set(PROPS)
    assert {field.name for field in fields(Environment)} >= set(PROPS)
