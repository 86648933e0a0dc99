"""All functions on one table go by the same rules: no construct has any of its own, none is left out."""

from __future__ import annotations

import inspect
import runpy
from typing import Any, Final

import pytest
from aws_cdk import Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_apigatewayv2_integrations import HttpUrlIntegration

from local.paths import ROOT
from session_store import SessionSettings, cdk
from session_store.catalog.routes import BACKEND_FUNCTIONS, USER_FUNCTIONS
from session_store.cdk import SessionAuthorizer, SessionFunction, SessionService, SessionUserRoutes
from tests.infra.templates import FUNCTION, Template, deployment, new_stack, template_of
from tests.support.setting_values import OF_SESSIONS

RULES: Final = SessionSettings(**{each.name: each.other for each in OF_SESSIONS})
OWN: Final = "OWN"  # a variable that the consumer's function has already


def new_own_function(stack: Stack) -> lambda_.Function:
    return lambda_.Function(
        stack,
        "Own",
        runtime=lambda_.Runtime.PYTHON_3_13,
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
        handler="index.handler",
        environment={OWN: "kept", "SESSION_NOT_BEFORE": "0", "TABLE_NAME": "replaced"},
    )


def variables_by_handler(template: Template) -> dict[str, dict[str, Any]]:
    return {found["Handler"]: found["Environment"]["Variables"] for found in template.properties(FUNCTION)}


@pytest.fixture(scope="module")
def variables() -> dict[str, dict[str, Any]]:
    """The environment of every function that there is a construct for, and of a consumer's own, on one table."""
    stack = new_stack()
    service = SessionService(stack, "Sessions", settings=RULES)
    api = apigateway.HttpApi(stack, "Api")
    authorizer = SessionAuthorizer(stack, "Authorizer", table=service.table, settings=service.settings)
    back = HttpUrlIntegration("Back", "https://example.com")
    api.add_routes(path="/orders", integration=back, authorizer=authorizer)
    SessionUserRoutes(stack, "UserRoutes", api=api, table=service.table, settings=service.settings)
    service.table.connect(new_own_function(stack), service.settings)
    return variables_by_handler(template_of(stack))


def test_every_function_on_a_table_reads_back_the_rules_of_its_service(variables: dict[str, dict[str, Any]]) -> None:
    functions = {f"{function.value}.handler" for function in (*BACKEND_FUNCTIONS, *USER_FUNCTIONS)}
    assert variables.keys() == functions | {"authorizer.handler", "index.handler"}
    for environment in variables.values():
        assert SessionSettings.from_environment(environment) == RULES


def test_every_function_of_a_table_reads_its_name(variables: dict[str, dict[str, Any]]) -> None:
    (name,) = {environment["TABLE_NAME"]["Ref"] for environment in variables.values()}
    assert name


def test_a_consumers_function_keeps_its_own_variables(variables: dict[str, dict[str, Any]]) -> None:
    assert variables["index.handler"][OWN] == "kept"


def takes_settings(construct: object) -> bool:
    return inspect.isclass(construct) and "settings" in inspect.signature(construct.__init__).parameters


def test_no_construct_has_a_default_for_the_rules() -> None:
    """A left-out `settings` would be the library's defaults: old tokens accepted, honest users taken for thieves."""
    defaults = {
        construct: inspect.signature(construct.__init__).parameters["settings"].default
        for name in cdk.__all__
        if takes_settings(construct := getattr(cdk, name))
    }
    assert defaults == {
        SessionService: None,  # which has a table of its own, and hands its rules on
        **dict.fromkeys((SessionFunction, SessionAuthorizer, SessionUserRoutes), inspect.Parameter.empty),
    }


def test_the_example_on_an_imported_table_restates_the_rules_of_the_service_beside_it() -> None:
    example = runpy.run_path(str(ROOT / "examples" / "protected_api" / "app.py"))
    of_service, *_ = deployment("local").properties(FUNCTION)
    assert example["SETTINGS"] == SessionSettings.from_environment(of_service["Environment"]["Variables"])
