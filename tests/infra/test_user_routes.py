"""The user routes on an application's own HTTP API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk.aws_apigatewayv2_authorizers import HttpIamAuthorizer
from aws_cdk.aws_apigatewayv2_integrations import HttpUrlIntegration

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


def test_the_routes_are_open_at_the_gateway_with_any_default_of_the_api(template: Template) -> None:
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
    rules: dict[str, Any] = {
        "allowed_origins": origins,
        "data_keys": keys,
        "max_data_bytes": 2_000,
        "cookie_only": True,
    }
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


# A prefix


def test_with_a_prefix_the_api_has_the_routes_below_it_and_the_functions_know_it() -> None:
    stack = new_stack()
    add_user_routes(stack, prefix="/api/v1")
    template = template_of(stack)
    assert {route["RouteKey"] for route in template.properties(ROUTE)} == {
        route.under("/api/v1").key for route in USER_ROUTES
    }
    assert UserRouteSettings.from_environment(environment_of(template)).prefix == "/api/v1"


def test_without_a_prefix_no_function_has_a_line_about_it(template: Template) -> None:
    assert "SESSION_ROUTE_PREFIX" not in environment_of(template)


@pytest.mark.parametrize("prefix", ["", "/", "api", "/api/", "//api", "/{tenant}", "/..", "/a/./b", "/ä", "/a?b", 5])
def test_a_prefix_that_is_no_path_is_refused(prefix: Any) -> None:
    with pytest.raises(InvalidInputError, match=r"^prefix: must be a path like /api"):
        add_user_routes(new_stack(), prefix=prefix)


def with_route_of_the_application(path: str, method: str = "GET", api: str = "Api") -> Stack:
    """User routes on an API, and a route of the application on this API or another."""
    stack = new_stack()
    add_user_routes(stack)
    own = stack.node.find_child("Api") if api == "Api" else apigateway.HttpApi(stack, api)
    assert isinstance(own, apigateway.HttpApi)
    integration = HttpUrlIntegration("Back", "https://example.com")
    own.add_routes(path=path, methods=[apigateway.HttpMethod[method]], integration=integration)
    return stack


@pytest.mark.parametrize("path", ["/session", "/me/sessions"])
def test_a_route_of_the_application_that_is_one_of_them_fails_at_synthesis(path: str) -> None:
    with pytest.raises(RuntimeError, match=f"the route GET {path} is made at Stack/Api/.*another path .prefix="):
        template_of(with_route_of_the_application(path))


def test_a_parameters_name_makes_no_other_route() -> None:
    with pytest.raises(RuntimeError, match=r"the route DELETE /me/sessions/\{id\} is made at"):
        template_of(with_route_of_the_application("/me/sessions/{id}", "DELETE"))


@pytest.mark.parametrize(
    ("path", "method", "api"), [("/session", "PUT", "Api"), ("/session", "ANY", "Api"), ("/session", "GET", "Other")]
)
def test_another_method_or_api_is_another_route(path: str, method: str, api: str) -> None:
    assert len(template_of(with_route_of_the_application(path, method, api)).resources(ROUTE)) == len(USER_ROUTES) + 1


def test_the_routes_work_on_the_api_and_the_table_of_other_stacks() -> None:
    app = new_app()
    table = SessionTable(Stack(app, "Data"), "Table")
    api = apigateway.HttpApi(Stack(app, "Application"), "Api")
    stack = Stack(app, "Users")
    SessionUserRoutes(stack, "UserRoutes", api=api, table=table, settings=SessionSettings())
    template = template_of(stack)
    assert len(template.properties(ROUTE)) == len(USER_ROUTES)
    assert not template.resources(API)
