"""The HTTP API: its routes, who may call them, its limits and its access log."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from aws_cdk import aws_iam as iam
from constructs import Construct

from session_store.catalog.routes import BACKEND_ROUTES
from session_store.cdk import SessionService
from tests.infra.templates import (
    API,
    ENVIRONMENTS,
    FUNCTION,
    LOG_GROUP,
    ROUTE,
    STAGE,
    Template,
    deployment,
    logical_id,
    new_role,
    new_stack,
    template_of,
)

EVERY_ENVIRONMENT = pytest.mark.parametrize("environment", ENVIRONMENTS)


@EVERY_ENVIRONMENT
def test_the_api_has_every_back_end_route_and_no_other(environment: str) -> None:
    keys = Counter(route["RouteKey"] for route in deployment(environment).properties(ROUTE))
    assert keys == Counter(route.key for route in BACKEND_ROUTES)


@pytest.mark.shows("T6")
@EVERY_ENVIRONMENT
def test_every_route_takes_only_signed_requests(environment: str) -> None:
    assert {route["AuthorizationType"] for route in deployment(environment).properties(ROUTE)} == {"AWS_IAM"}


@EVERY_ENVIRONMENT
def test_every_route_leads_to_the_function_that_serves_it(environment: str) -> None:
    template = deployment(environment)
    handlers = {route["RouteKey"]: _handler(template, route["Target"]) for route in template.properties(ROUTE)}
    assert handlers == {route.key: f"{route.function.value}.handler" for route in BACKEND_ROUTES}


def _handler(template: Template, target: dict[str, list[list[dict[str, str]]]]) -> str:
    integration = template.content["Resources"][logical_id(target["Fn::Join"][1][1])]["Properties"]
    assert integration["PayloadFormatVersion"] == "2.0"
    return str(template.resources(FUNCTION)[logical_id(integration["IntegrationUri"])]["Properties"]["Handler"])


@pytest.mark.shows("Lambda.1")
@EVERY_ENVIRONMENT
def test_only_the_apis_own_routes_may_invoke_a_function(environment: str) -> None:
    template = deployment(environment)
    api_id, _ = template.only(API)
    permissions = template.properties("AWS::Lambda::Permission")
    assert len(permissions) == len(BACKEND_ROUTES)
    for permission in permissions:
        assert permission["Principal"] == "apigateway.amazonaws.com"
        assert {"Ref": api_id} in permission["SourceArn"]["Fn::Join"][1]


@pytest.mark.shows("T49", "A11", "APIGateway.9")
@EVERY_ENVIRONMENT
def test_the_access_log_holds_no_path_no_query_and_no_header(environment: str) -> None:
    template = deployment(environment)
    _, stage = template.only(STAGE)
    settings = stage["Properties"]["AccessLogSettings"]
    logged = set(json.loads(settings["Format"]).values())
    assert "$context.requestId" in logged
    assert not [field for field in logged if field.startswith(("$context.path", "$request", "$context.authorizer"))]
    assert logical_id(settings["DestinationArn"]) in template.resources(LOG_GROUP)


def test_the_local_api_has_an_id_that_does_not_change() -> None:
    assert deployment("local").only(API)[1]["Properties"]["Tags"] == {"ms-custom-id": "5e551040"}
    for environment in set(ENVIRONMENTS) - {"local"}:
        assert "ms-custom-id" not in deployment(environment).only(API)[1]["Properties"].get("Tags", {})


def test_a_grant_on_the_table_and_on_the_api_is_a_grant() -> None:
    stack = new_stack()
    service = SessionService(stack, "Sessions")
    caller = new_role(stack)
    assert isinstance(service.table.grant_validate(caller), iam.Grant)
    assert isinstance(service.grant_invoke(caller), iam.Grant)


def test_the_api_of_a_service_deep_inside_an_app_has_a_name_that_api_gateway_takes() -> None:
    stack = new_stack()
    scope: Construct = stack
    for part in range(5):
        scope = Construct(scope, f"Part{part}OfAnApplicationWithLongNames")
    SessionService(scope, "Sessions")
    (api,) = template_of(stack).properties(API)
    assert len(api["Name"]) == 128
