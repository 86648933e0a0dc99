"""The authorizer on any route of any HTTP API."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk.aws_apigatewayv2_integrations import HttpUrlIntegration
from constructs import Construct

from session_store import SessionSettings
from session_store.cdk import SessionAuthorizer, SessionTable
from session_store.errors import InvalidInputError
from session_store.kernel.web_settings import AuthorizerSettings
from tests.infra.templates import FUNCTION, ROUTE, Template, new_app, new_stack, template_of

AUTHORIZER = "AWS::ApiGatewayV2::Authorizer"
PERMISSION = "AWS::Lambda::Permission"


def new_authorizer(stack: Stack, **props: Any) -> SessionAuthorizer:
    table = SessionTable(stack, "Table")
    return SessionAuthorizer(stack, "Authorizer", table=table, settings=SessionSettings(), **props)


def protect(scope: Construct, authorizer: SessionAuthorizer, *paths: str, construct_id: str = "Api") -> None:
    """An application's API with protected routes."""
    api = apigateway.HttpApi(scope, construct_id)
    for path in paths:
        api.add_routes(path=path, integration=HttpUrlIntegration("Back", "https://example.com"), authorizer=authorizer)


def synthesized(**props: Any) -> Template:
    stack = new_stack()
    protect(stack, new_authorizer(stack, **props), "/orders")
    return template_of(stack)


def test_by_default_it_is_asked_about_every_request_in_the_payload_that_it_understands() -> None:
    properties = synthesized().only(AUTHORIZER)[1]["Properties"]
    assert properties["AuthorizerResultTtlInSeconds"] == 0
    assert properties["IdentitySource"] == []  # with one, a request that lacks it would never reach it
    assert (properties["AuthorizerType"], properties["AuthorizerPayloadFormatVersion"]) == ("REQUEST", "2.0")
    assert properties["EnableSimpleResponses"] is True


def test_one_authorizer_guards_all_the_routes_that_it_is_attached_to() -> None:
    stack = new_stack()
    protect(stack, new_authorizer(stack), "/orders", "/invoices")
    template = template_of(stack)
    authorizer, _ = template.only(AUTHORIZER)
    routes = template.properties(ROUTE)
    assert len(routes) == 2
    assert {(route["AuthorizationType"], route["AuthorizerId"]["Ref"]) for route in routes} == {("CUSTOM", authorizer)}


def test_one_construct_serves_several_apis_with_one_function() -> None:
    stack = new_stack()
    authorizer = new_authorizer(stack)
    protect(stack, authorizer, "/orders", construct_id="Orders")
    protect(stack, authorizer, "/invoices", construct_id="Invoices")
    template = template_of(stack)
    assert len(template.resources(AUTHORIZER)) == 2
    assert len(template.resources(FUNCTION)) == 1
    assert len(template.resources(PERMISSION)) == 2


def test_two_of_them_go_on_one_api() -> None:
    stack = new_stack()
    table = SessionTable(stack, "Table")
    api = apigateway.HttpApi(stack, "Api")
    for name in ("One", "Two"):
        authorizer = SessionAuthorizer(stack, name, table=table, settings=SessionSettings())
        integration = HttpUrlIntegration("Back", "https://example.com")
        api.add_routes(path=f"/{name}", integration=integration, authorizer=authorizer)
    assert {found["Name"] for found in template_of(stack).properties(AUTHORIZER)} == {"One", "Two"}


def test_only_the_authorizer_of_its_api_may_invoke_the_function() -> None:
    template = synthesized()
    authorizer, _ = template.only(AUTHORIZER)
    _, permission = template.only(PERMISSION)
    assert permission["Properties"]["Principal"] == "apigateway.amazonaws.com"
    source = permission["Properties"]["SourceArn"]["Fn::Join"][1]
    assert source[-2:] == ["/authorizers/", {"Ref": authorizer}]


def test_the_function_reads_back_the_rules_that_the_construct_wrote() -> None:
    rules = {"allowed_origins": ("https://a.example",), "context_data_keys": ("role", "tier")}
    flags = {"strict": True, "allow_anonymous": True}
    _, function = synthesized(**rules, **flags).only(FUNCTION)
    assert AuthorizerSettings.from_environment(function["Properties"]["Environment"]["Variables"]) == (
        AuthorizerSettings(**rules, **flags)  # type: ignore[arg-type]
    )


def test_a_cache_is_kept_by_the_token_and_the_route() -> None:
    template = synthesized(bearer_only=True, results_cache_ttl=Duration.seconds(30))
    _, authorizer = template.only(AUTHORIZER)
    assert authorizer["Properties"]["AuthorizerResultTtlInSeconds"] == 30
    assert authorizer["Properties"]["IdentitySource"] == ["$request.header.Authorization", "$context.routeKey"]
    _, function = template.only(FUNCTION)
    assert AuthorizerSettings.from_environment(function["Properties"]["Environment"]["Variables"]).bearer_only


@pytest.mark.parametrize(
    ("props", "message"),
    [
        ({"results_cache_ttl": Duration.seconds(1)}, "cookies"),
        ({"results_cache_ttl": Duration.seconds(1), "bearer_only": True, "strict": True}, "strict"),
        ({"results_cache_ttl": Duration.seconds(3601), "bearer_only": True}, "3600"),
        ({"results_cache_ttl": Duration.millis(1500), "bearer_only": True}, "whole seconds"),
        ({"context_data_keys": ["customer_id"]}, "context_data_keys"),
        ({"context_data_keys": [""]}, "context_data_keys"),
        ({"allowed_origins": ["*"]}, "allowed_origins"),
    ],
    ids=["cookies", "strict", "too long", "fractions", "taken name", "empty name", "any origin"],
)
def test_what_does_not_fit_together_is_refused_at_construction(props: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        new_authorizer(new_stack(), **props)


def test_it_protects_an_api_in_another_stack_than_the_tables() -> None:
    app = new_app()
    table = SessionTable(Stack(app, "Data"), "Table")
    stack = Stack(app, "Application")
    protect(stack, SessionAuthorizer(stack, "Authorizer", table=table, settings=SessionSettings()), "/orders")
    assert len(template_of(stack).resources(AUTHORIZER)) == 1
