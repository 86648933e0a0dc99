"""Functions that are started before they are called: everything that calls one calls its alias."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from aws_cdk import Stack
from aws_cdk import aws_apigateway as rest
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk.assertions import Annotations, Match
from aws_cdk.aws_apigatewayv2_integrations import HttpUrlIntegration

from session_store.cdk import OidcRoutes, SessionAuthorizer, SessionService, SessionUserRoutes
from tests.infra.templates import FUNCTION, Template, new_stack, template_of

ALIAS: Final = "AWS::Lambda::Alias"
VERSION: Final = "AWS::Lambda::Version"
CALLERS: Final = {
    "AWS::ApiGatewayV2::Integration": "IntegrationUri",
    "AWS::ApiGatewayV2::Authorizer": "AuthorizerUri",
    "AWS::ApiGateway::Authorizer": "AuthorizerUri",
    "AWS::Lambda::Permission": "FunctionName",
}
EACH_WAY: Final = [{"provisioned_concurrent_executions": 2}, {"snap_start": True}]


def with_every_caller(**props: Any) -> Stack:
    """The service, and an application with an HTTP API and a REST API."""
    stack = new_stack()
    service = SessionService(stack, "Sessions", **props)
    shared: dict[str, Any] = {"table": service.table, "settings": service.settings, **props}
    authorizer = SessionAuthorizer(stack, "Authorizer", **shared)
    api = apigateway.HttpApi(stack, "Api")
    back = HttpUrlIntegration("Back", "https://example.com")
    api.add_routes(path="/orders", integration=back, authorizer=authorizer)
    SessionUserRoutes(stack, "UserRoutes", api=api, **shared)
    client: dict[str, Any] = {"issuer": "https://login.example.com", "client_id": "shop", "customer_prefix": "kit:"}
    OidcRoutes(stack, "SignIn", api=api, backchannel_logout=True, bundle_libraries=False, **client, **shared)
    rest_api = rest.RestApi(stack, "Rest")
    rest_api.root.add_method("GET", rest.MockIntegration(), authorizer=authorizer.for_rest_api(rest_api))
    return stack


def called(template: Template) -> dict[str, list[str]]:
    """By kind of caller, what each of them says is to be called, as JSON."""
    return {
        kind: [json.dumps(each[name]) for each in template.properties(kind) if each.get(name) != "https://example.com"]
        for kind, name in CALLERS.items()
    }


@pytest.mark.parametrize("props", EACH_WAY, ids=str)
def test_integrations_authorizers_and_permissions_name_the_alias(props: dict[str, Any]) -> None:
    template = template_of(with_every_caller(**props))
    functions, aliases = template.resources(FUNCTION), template.resources(ALIAS)

    assert {alias["Properties"]["FunctionName"]["Ref"] for alias in aliases.values()} == set(functions)
    for kind, texts in called(template).items():
        assert texts, kind
        for text in texts:
            if "https://example.com" not in text:
                assert any(f'{{"Ref": "{alias}"}}' in text for alias in aliases), (kind, text)
                assert not any(f'"{function}"' in text for function in functions), (kind, text)


@pytest.mark.shows("A21")
def test_an_alias_stands_for_the_version_of_its_function() -> None:
    template = template_of(with_every_caller(snap_start=True))
    versions = template.resources(VERSION)
    for alias in template.properties(ALIAS):
        version = versions[alias["FunctionVersion"]["Fn::GetAtt"][0]]["Properties"]
        assert version["FunctionName"] == alias["FunctionName"]
        assert alias["Name"] == "live"
        assert "ProvisionedConcurrencyConfig" not in alias


def test_another_setting_of_a_function_is_another_version() -> None:
    def versions(memory_size: int) -> set[str]:
        return set(template_of(with_every_caller(snap_start=True, memory_size=memory_size)).resources(VERSION))

    assert versions(512) == versions(512)
    assert versions(512).isdisjoint(versions(1024))


def test_the_alias_is_what_an_application_finds_on_the_construct() -> None:
    stack = new_stack()
    plain, started = SessionService(stack, "Plain"), SessionService(stack, "Started", snap_start=True)
    for function in plain.functions.values():
        assert (function.alias, function.invoked) == (None, function.function)
    for function in started.functions.values():
        assert isinstance(function.alias, lambda_.Alias)
        assert function.invoked is function.alias


def test_no_warning_of_cdks_is_left_about_a_version_that_is_there() -> None:
    stack = with_every_caller(snap_start=True)
    assert not Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("SnapStart"))
