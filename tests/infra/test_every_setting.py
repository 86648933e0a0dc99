"""A setting of the store is declared once: from there it reaches every function, and is one of an environment."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_lambda as lambda_

from session_store import SessionSettings
from session_store.cdk import SessionService
from stacks.environments import EnvironmentSettingsError, chosen_environment
from tests.infra.templates import FUNCTION, new_app, new_stack, template_of
from tests.support.setting_values import OF_SESSIONS, Declared, name_of

EVERY_SETTING = pytest.mark.parametrize("declared", OF_SESSIONS, ids=name_of)
REQUIRED = {"region": "eu-west-1", "removal_policy": "RETAIN", "deletion_protection": True}


def new_function(stack: Stack) -> lambda_.Function:
    return lambda_.Function(
        stack,
        "Own",
        runtime=lambda_.Runtime.PYTHON_3_13,
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
        handler="index.handler",
    )


def test_every_setting_reaches_the_services_functions_and_those_of_an_application() -> None:
    stack = new_stack()
    settings = SessionSettings(**{each.name: each.other for each in OF_SESSIONS})
    service = SessionService(stack, "Sessions", settings=settings)
    service.table.connect(new_function(stack), service.settings)

    written = [properties["Environment"]["Variables"] for properties in template_of(stack).properties(FUNCTION)]

    assert len(written) == len(service.functions) + 1
    for variables in written:
        assert {each.kind.variable for each in OF_SESSIONS} < variables.keys()
        assert SessionSettings.from_environment(variables) == settings


def environment(settings: Any) -> SessionSettings:
    given = REQUIRED | {"point_in_time_recovery": True, "settings": settings}
    return chosen_environment(new_app({"env": "x", "environments": {"x": given}}).node).settings


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
