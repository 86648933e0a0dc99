"""All functions on one table go by the same rules: no construct has any of its own, none is left out."""

from __future__ import annotations

import inspect
import runpy
from typing import Any, Final

import pytest
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk.aws_apigatewayv2_integrations import HttpUrlIntegration

from local.paths import ROOT
from session_store import SessionSettings, cdk
from session_store.catalog.access_tokens import BY_KEY
from session_store.catalog.routes import BACKEND_FUNCTIONS, USER_FUNCTIONS
from session_store.catalog.sign_in import SIGN_IN_FUNCTIONS
from session_store.cdk import (
    CognitoSignIn,
    OidcRoutes,
    SessionAuthorizer,
    SessionFunction,
    SessionIssuer,
    SessionService,
    SessionUserRoutes,
)
from tests.infra.templates import FUNCTION, TABLE, Template, deployment, new_function, new_stack, template_of
from tests.support.setting_values import OF_SESSIONS

RULES: Final = SessionSettings(**{each.name: each.other for each in OF_SESSIONS})
OWN: Final = "OWN"  # a variable that the consumer's function has already


@pytest.fixture(scope="module")
def template() -> Template:
    """Every function that there is a construct for, and a consumer's own, on one table."""
    stack = new_stack()
    service = SessionService(stack, "Sessions", settings=RULES)
    api = apigateway.HttpApi(stack, "Api")
    authorizer = SessionAuthorizer(stack, "Authorizer", table=service.table, settings=service.settings)
    api.add_routes(path="/", integration=HttpUrlIntegration("Back", "https://example.com"), authorizer=authorizer)
    SessionUserRoutes(stack, "UserRoutes", api=api, table=service.table, settings=service.settings)
    SessionIssuer(
        stack, "Issuer", api=api, table=service.table, settings=service.settings, audiences=["orders"], back_end=api
    )
    OidcRoutes(
        stack,
        "SignIn",
        api=api,
        table=service.table,
        settings=service.settings,
        issuer="https://accounts.example.com",
        client_id="shop",
        customer_prefix="kit:",
        backchannel_logout=True,
        bundle_libraries=False,
    )
    own = new_function(stack, environment={OWN: "kept", "SESSION_NOT_BEFORE": "0", "TABLE_NAME": "other"})
    service.table.connect(own, service.settings)
    return template_of(stack)


@pytest.fixture(scope="module")
def variables(template: Template) -> dict[str, dict[str, Any]]:
    """A function's environment, by its handler."""
    return {found["Handler"]: found["Environment"]["Variables"] for found in template.properties(FUNCTION)}


def test_every_function_on_a_table_reads_back_the_rules_of_its_service(variables: dict[str, dict[str, Any]]) -> None:
    of_routes = (*BACKEND_FUNCTIONS, *USER_FUNCTIONS, *BY_KEY, *SIGN_IN_FUNCTIONS)
    functions = {f"{function.value}.handler" for function in of_routes}
    assert variables.keys() == functions | {"authorizer.handler", "own.handler"}
    for environment in variables.values():
        assert SessionSettings.from_environment(environment) == RULES


def test_every_function_of_a_table_reads_its_name(template: Template, variables: dict[str, dict[str, Any]]) -> None:
    assert {environment["TABLE_NAME"]["Ref"] for environment in variables.values()} == {template.only(TABLE)[0]}


def test_a_consumers_function_keeps_its_own_variables(variables: dict[str, dict[str, Any]]) -> None:
    assert variables["own.handler"][OWN] == "kept"


def test_no_construct_has_a_default_for_the_rules() -> None:
    """A left-out `settings` would be the library's defaults: old tokens accepted, honest users taken for thieves."""
    constructs = [found for name in cdk.__all__ if inspect.isclass(found := getattr(cdk, name))]
    parameters = {construct: inspect.signature(construct.__init__).parameters for construct in constructs}
    defaults = {construct: taken["settings"].default for construct, taken in parameters.items() if "settings" in taken}
    without = dict.fromkeys(
        (CognitoSignIn, OidcRoutes, SessionFunction, SessionAuthorizer, SessionIssuer, SessionUserRoutes),
        inspect.Parameter.empty,
    )
    assert defaults == without | {SessionService: None}  # which has a table of its own, and hands its rules on


def test_the_example_on_an_imported_table_restates_the_rules_of_the_service_beside_it() -> None:
    example = runpy.run_path(str(ROOT / "examples" / "protected_api" / "app.py"))
    of_service, *_ = deployment("local").properties(FUNCTION)
    assert example["SETTINGS"] == SessionSettings.from_environment(of_service["Environment"]["Variables"])
