"""The functions: what they run, with which settings, and what their roles allow."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from session_store import SessionSettings
from session_store.catalog.access_patterns import LIMIT_SESSIONS
from session_store.catalog.functions import Function
from session_store.catalog.permissions import permissions_of
from session_store.catalog.routes import BACKEND_FUNCTIONS
from session_store.cdk import SessionFunction, SessionService, SessionTable
from tests.infra.templates import (
    CONTEXT,
    ENVIRONMENTS,
    FUNCTION,
    LOG_GROUP,
    TABLE,
    Template,
    deployment,
    logical_id,
    new_stack,
    template_of,
)

EVERY_FUNCTION = pytest.mark.parametrize("function", BACKEND_FUNCTIONS)
EVERY_ENVIRONMENT = pytest.mark.parametrize("environment", ENVIRONMENTS)


def _properties(template: Template, function: Function) -> dict[str, Any]:
    (properties,) = (
        properties
        for properties in template.properties(FUNCTION)
        if properties["Handler"] == f"{function.value}.handler"
    )
    return properties


@EVERY_ENVIRONMENT
@EVERY_FUNCTION
def test_a_function_runs_python_on_arm_and_logs_json_to_its_own_group(environment: str, function: Function) -> None:
    template = deployment(environment)
    properties = _properties(template, function)
    assert properties["Runtime"] == "python3.13"
    assert properties["Architectures"] == ["arm64"]
    assert properties["LoggingConfig"]["LogFormat"] == "JSON"
    assert properties["LoggingConfig"]["ApplicationLogLevel"] == CONTEXT["environments"][environment].get(
        "log_level", "INFO"
    )
    log_groups = [logical_id(other["LoggingConfig"]["LogGroup"]) for other in template.properties(FUNCTION)]
    assert len(set(log_groups)) == len(BACKEND_FUNCTIONS)


@EVERY_ENVIRONMENT
def test_there_is_nothing_but_the_routes_functions(environment: str) -> None:
    handlers = {properties["Handler"] for properties in deployment(environment).properties(FUNCTION)}
    assert handlers == {f"{function.value}.handler" for function in BACKEND_FUNCTIONS}


@EVERY_ENVIRONMENT
@EVERY_FUNCTION
def test_a_role_allows_exactly_what_its_functions_routes_need(environment: str, function: Function) -> None:
    template = deployment(environment)
    properties = _properties(template, function)
    log_group_arn = json.dumps({"Fn::GetAtt": [logical_id(properties["LoggingConfig"]["LogGroup"]), "Arn"]})
    logging = {(action, log_group_arn) for action in ("logs:CreateLogStream", "logs:PutLogEvents")}
    role = logical_id(properties["Role"])
    assert template.permissions(role) == template.table_permissions(permissions_of(function)) | logging


@EVERY_ENVIRONMENT
@EVERY_FUNCTION
def test_a_role_has_no_managed_policy_no_wildcard_and_no_other_user(environment: str, function: Function) -> None:
    template = deployment(environment)
    role_id = logical_id(_properties(template, function)["Role"])
    role = template.content["Resources"][role_id]["Properties"]
    assert set(role) <= {"AssumeRolePolicyDocument", "Tags"}
    assert "*" not in json.dumps(template.statements(role_id))
    users = [logical_id(other["Role"]) for other in template.properties(FUNCTION)]
    assert users.count(role_id) == 1


@EVERY_ENVIRONMENT
def test_a_function_reads_back_the_settings_that_the_constructs_wrote(environment: str) -> None:
    template = deployment(environment)
    for properties in template.properties(FUNCTION):
        variables = dict(properties["Environment"]["Variables"])
        assert variables.pop("TABLE_NAME") == {"Ref": template.only(TABLE)[0]}
        assert SessionSettings.from_environment(variables) == SessionSettings()


def test_a_limit_on_sessions_lets_only_their_creation_end_others() -> None:
    stack = new_stack()
    SessionService(stack, "Sessions", settings=SessionSettings(max_sessions_per_customer=3))
    template = template_of(stack)
    for function in BACKEND_FUNCTIONS:
        permissions = template.permissions(logical_id(_properties(template, function)["Role"]))
        allowed = {permission for permission in permissions if permission[0].startswith("dynamodb:")}
        more = LIMIT_SESSIONS.permissions() if function is Function.CREATE else frozenset()
        assert allowed == template.table_permissions(permissions_of(function) | more)


def test_a_function_alone_takes_its_resources_as_props() -> None:
    stack = new_stack()
    SessionFunction(
        stack,
        "Read",
        table=SessionTable(stack, "Table"),
        function=Function.READ,
        settings=SessionSettings(),
        memory_size=256,
        timeout=Duration.seconds(6),
        log_level=lambda_.ApplicationLogLevel.WARN,
        log_retention=logs.RetentionDays.TWO_WEEKS,
        reserved_concurrent_executions=20,
    )
    template = template_of(stack)
    (properties,) = template.properties(FUNCTION)
    assert (properties["MemorySize"], properties["Timeout"], properties["ReservedConcurrentExecutions"]) == (256, 6, 20)
    assert properties["LoggingConfig"]["ApplicationLogLevel"] == "WARN"
    assert template.properties(LOG_GROUP) == [{"RetentionInDays": 14}]
