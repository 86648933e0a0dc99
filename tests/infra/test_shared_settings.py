"""All functions on one table go by the same rules: no construct has any of its own, none is left out."""

from __future__ import annotations

import inspect
import runpy
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_apigatewayv2_integrations import HttpUrlIntegration

from local.paths import ROOT
from session_store import cdk
from session_store.catalog.routes import BACKEND_FUNCTIONS, USER_FUNCTIONS
from session_store.cdk import SessionAuthorizer, SessionFunction, SessionService, SessionUserRoutes
from session_store.model import Timeouts
from session_store.settings import Settings
from tests.infra.templates import FUNCTION, Template, deployment, new_stack, template_of

RULES: Final[dict[str, Any]] = {
    "idle_timeout": Duration.minutes(5),
    "absolute_timeout": Duration.hours(1),
    "retention": Duration.days(2),
    "rotation_grace": Duration.minutes(2),
    "not_before": datetime(2026, 1, 31, tzinfo=UTC),
    "rotation_interval": Duration.minutes(10),
    "max_sessions_per_customer": 5,
}
READ_BACK: Final = Settings(
    table_name="t",
    timeouts=Timeouts(idle=timedelta(minutes=5), absolute=timedelta(hours=1)),
    retention=timedelta(days=2),
    rotation_grace=timedelta(minutes=2),
    not_before=RULES["not_before"],
    rotation_interval=timedelta(minutes=10),
    max_sessions_per_customer=5,
)
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
    service = SessionService(stack, "Sessions", **RULES)
    api = apigateway.HttpApi(stack, "Api")
    authorizer = SessionAuthorizer(stack, "Authorizer", table=service.table, settings=service.settings)
    back = HttpUrlIntegration("Back", "https://example.com")
    api.add_routes(path="/orders", integration=back, authorizer=authorizer)
    SessionUserRoutes(stack, "UserRoutes", api=api, table=service.table, settings=service.settings)
    service.settings.add_to(new_own_function(stack), service.table)
    return variables_by_handler(template_of(stack))


def test_every_function_on_a_table_reads_back_the_rules_of_its_service(variables: dict[str, dict[str, Any]]) -> None:
    functions = {f"{function.value}.handler" for function in (*BACKEND_FUNCTIONS, *USER_FUNCTIONS)}
    assert variables.keys() == functions | {"authorizer.handler", "index.handler"}
    for environment in variables.values():
        assert Settings.from_environment({**environment, "TABLE_NAME": "t"}) == READ_BACK


def test_every_function_of_a_table_reads_its_name(variables: dict[str, dict[str, Any]]) -> None:
    (name,) = {environment["TABLE_NAME"]["Ref"] for environment in variables.values()}
    assert name


def test_a_consumers_function_keeps_its_own_variables(variables: dict[str, dict[str, Any]]) -> None:
    assert variables["index.handler"][OWN] == "kept"


def takes_settings(construct: object) -> bool:
    return inspect.isclass(construct) and "settings" in inspect.signature(construct.__init__).parameters


def test_no_construct_has_a_default_for_the_rules() -> None:
    """A left-out `settings` would be the library's defaults: old tokens accepted, honest users taken for thieves."""
    constructs = [found for name in cdk.__all__ if takes_settings(found := getattr(cdk, name))]
    assert set(constructs) == {SessionFunction, SessionAuthorizer, SessionUserRoutes}
    for construct in constructs:
        assert inspect.signature(construct.__init__).parameters["settings"].default is inspect.Parameter.empty


def test_the_example_on_an_imported_table_restates_the_rules_of_the_service_beside_it() -> None:
    example = runpy.run_path(str(ROOT / "examples" / "protected_api" / "app.py"))
    of_service, *_ = deployment("local").properties(FUNCTION)
    restated = Settings.from_environment(example["SETTINGS"].environment() | {"TABLE_NAME": "t"})
    assert restated == Settings.from_environment(of_service["Environment"]["Variables"] | {"TABLE_NAME": "t"})
