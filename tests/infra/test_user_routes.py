"""The user routes on an application's own HTTP API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk.aws_apigatewayv2_authorizers import HttpIamAuthorizer

from session_store import SessionSettings
from session_store.catalog.functions import Function
from session_store.catalog.pattern import Resource
from session_store.catalog.permissions import permissions_of
from session_store.catalog.routes import USER_FUNCTIONS, USER_ROUTES
from session_store.cdk import SessionTable, SessionUserRoutes
from session_store.errors import InvalidInputError
from session_store.kernel.web_settings import UserRouteSettings
from tests.infra.templates import API, FUNCTION, ROUTE, Template, new_app, new_stack, template_of

ORIGIN = "https://app.example.com"
FAR_FROM_EXACT = ("https://app.example.com/", "https://*.example.com", "*", "null", "app.example.com", "HTTPS://A.EU")


def add_user_routes(stack: Stack, **props: Any) -> SessionUserRoutes:
    api = apigateway.HttpApi(stack, "Api", default_authorizer=HttpIamAuthorizer())
    table = SessionTable(stack, "Table")
    return SessionUserRoutes(stack, "UserRoutes", api=api, table=table, **({"settings": SessionSettings()} | props))


@pytest.fixture(scope="module")
def template() -> Template:
    stack = new_stack()
    add_user_routes(stack)
    return template_of(stack)


def environment_of(template: Template) -> dict[str, str]:
    """Variables of the first function."""
    variables: dict[str, str] = template.properties(FUNCTION)[0]["Environment"]["Variables"]
    return variables


def test_the_api_gets_every_user_route_and_no_other(template: Template) -> None:
    keys = sorted(route["RouteKey"] for route in template.properties(ROUTE))
    assert keys == sorted(route.key for route in USER_ROUTES)


def test_the_routes_are_open_at_the_gateway_whatever_the_apis_default_is(template: Template) -> None:
    assert {route["AuthorizationType"] for route in template.properties(ROUTE)} == {"NONE"}
    assert {route.authorization.value for route in USER_ROUTES} == {"NONE"}


def test_only_the_function_behind_my_sessions_may_read_the_index() -> None:
    may = {function for function in USER_FUNCTIONS if ("dynamodb:Query", Resource.INDEX) in permissions_of(function)}
    assert may == {Function.USER_SESSIONS}


def test_no_user_function_may_create_or_delete_anything() -> None:
    actions = {action for function in USER_FUNCTIONS for action, _ in permissions_of(function)}
    assert actions == {f"dynamodb:{name}" for name in ("Query", "GetItem", "UpdateItem", "BatchGetItem")}


def test_the_functions_read_back_the_rules_that_the_construct_wrote() -> None:
    stack = new_stack()
    origins, keys = (ORIGIN, "http://localhost:5173"), ("theme", "Größe, in cm")
    rules: dict[str, Any] = {"allowed_origins": origins, "data_keys": keys, "max_data_bytes": 2_000}
    add_user_routes(stack, max_auth_age=Duration.minutes(5), **rules)
    expected = UserRouteSettings(max_auth_age=timedelta(minutes=5), **rules)
    assert UserRouteSettings.from_environment(environment_of(template_of(stack))) == expected


def test_without_props_the_functions_have_the_defaults(template: Template) -> None:
    assert UserRouteSettings.from_environment(environment_of(template)) == UserRouteSettings()
    assert UserRouteSettings().max_auth_age == timedelta(minutes=15)
    assert (UserRouteSettings().data_keys, UserRouteSettings().max_data_bytes) == ((), 16_384)


@pytest.mark.parametrize("origin", FAR_FROM_EXACT)
def test_an_origin_that_no_browser_sends_is_refused(origin: str) -> None:
    with pytest.raises(InvalidInputError, match="allowed_origins"):
        add_user_routes(new_stack(), allowed_origins=[origin])
    with pytest.raises(InvalidInputError, match="allowed_origins"):
        SessionUserRoutes.cors_preflight([origin])


@pytest.mark.parametrize(
    ("rule", "value"), [("max_auth_age", Duration.days(401)), ("max_data_bytes", 1_023), ("max_data_bytes", "2000")]
)
def test_a_rule_out_of_range_is_refused(rule: str, value: Any) -> None:
    with pytest.raises(InvalidInputError, match=rule):
        add_user_routes(new_stack(), **{rule: value})


def test_the_application_may_allow_credentialed_requests_from_its_origins() -> None:
    stack = new_stack()
    cors = SessionUserRoutes.cors_preflight([ORIGIN], further_headers=["x-request-id"])
    apigateway.HttpApi(stack, "Api", cors_preflight=cors)
    _, api = template_of(stack).only(API)
    assert api["Properties"]["CorsConfiguration"] == {
        "AllowCredentials": True,
        "AllowHeaders": ["authorization", "content-type", "if-match", "session-binding", "x-request-id"],
        "AllowMethods": ["GET", "POST", "PUT", "PATCH", "DELETE"],
        "AllowOrigins": [ORIGIN],
        "ExposeHeaders": ["etag", "retry-after", "www-authenticate"],
        "MaxAge": 7200,
    }


def test_the_routes_work_on_the_api_and_the_table_of_other_stacks() -> None:
    app = new_app()
    table = SessionTable(Stack(app, "Data"), "Table")
    api = apigateway.HttpApi(Stack(app, "Application"), "Api")
    stack = Stack(app, "Users")
    SessionUserRoutes(stack, "UserRoutes", api=api, table=table, settings=SessionSettings())
    template = template_of(stack)
    assert len(template.properties(ROUTE)) == len(USER_ROUTES)
    assert not template.resources(API)
