"""The functions' code and settings. `tests/least_privilege` shows what their roles allow."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from session_store import SessionSettings
from session_store.catalog.functions import Function
from session_store.catalog.routes import BACKEND_FUNCTIONS
from session_store.cdk import SessionFunction, SessionTable
from tests.infra.templates import CONTEXT, ENVIRONMENTS, FUNCTION, LOG_GROUP, deployment, new_stack, template_of

EVERY_ENVIRONMENT = pytest.mark.parametrize("environment", ENVIRONMENTS)


@pytest.mark.shows("Lambda.2")
@EVERY_ENVIRONMENT
def test_a_function_runs_python_on_arm_and_logs_json_to_its_own_group(environment: str) -> None:
    functions = deployment(environment).properties(FUNCTION)
    level = CONTEXT["environments"][environment].get("log_level", "INFO")
    for function in functions:
        assert (function["Runtime"], function["Architectures"]) == ("python3.13", ["arm64"])
        logging = function["LoggingConfig"]
        assert (logging["LogFormat"], logging["ApplicationLogLevel"]) == ("JSON", level)
        assert [other["LoggingConfig"]["LogGroup"] for other in functions].count(logging["LogGroup"]) == 1


@EVERY_ENVIRONMENT
def test_there_is_nothing_but_the_routes_functions_and_that_of_lifecycle_events(environment: str) -> None:
    handlers = [function["Handler"] for function in deployment(environment).properties(FUNCTION)]
    of_events = [Function.LIFECYCLE_EVENTS] if "events" in CONTEXT["environments"][environment] else []
    assert sorted(handlers) == sorted(f"{function.value}.handler" for function in (*BACKEND_FUNCTIONS, *of_events))


def test_a_function_alone_takes_its_resources_as_props() -> None:
    stack = new_stack()
    size: dict[str, Any] = {"memory_size": 256, "timeout": Duration.seconds(6), "reserved_concurrent_executions": 2}
    log: dict[str, Any] = {"log_level": lambda_.ApplicationLogLevel.WARN, "log_retention": logs.RetentionDays.ONE_DAY}
    table = SessionTable(stack, "Table")
    SessionFunction(stack, "Read", table=table, function=Function.READ, settings=SessionSettings(), **size, **log)
    template = template_of(stack)
    (function,) = template.properties(FUNCTION)
    assert (function["MemorySize"], function["Timeout"], function["ReservedConcurrentExecutions"]) == (256, 6, 2)
    assert function["LoggingConfig"]["ApplicationLogLevel"] == "WARN"
    assert template.properties(LOG_GROUP) == [{"RetentionInDays": 1}]
