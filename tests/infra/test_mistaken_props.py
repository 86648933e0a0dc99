"""Values that are easily mistaken for the right ones are refused. The message names the prop and the right type."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from aws_cdk import CfnParameter, Duration, Stack
from aws_cdk import aws_apigateway as rest
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_apigatewayv2_integrations import HttpUrlIntegration
from constructs import Construct

from session_store import InvalidInputError, SessionSettings
from session_store.catalog.functions import Function
from session_store.catalog.routes import USER_ROUTES
from session_store.cdk import (
    SessionApi,
    SessionAuthorizer,
    SessionFunction,
    SessionService,
    SessionTable,
    SessionUserRoutes,
)
from tests.infra.templates import FUNCTION, new_role, new_stack, template_of
from tests.support.prop_values import vpc

OWN_TABLE = r"must be a SessionTable \(service.table\) or SessionTable.from_table"
DYNAMODB_TABLE = r"must be a DynamoDB table of CDK, .* TableV2.from_table_name"
DURATION = "must be a Duration or a timedelta"
GRANTEE = "must be a role or a function of CDK; of a SessionFunction its `function`"
LAMBDA_FUNCTION = "must be a Lambda function of CDK; of a SessionFunction its `function`"
PATTERN = "must be of session_store.cdk.access_patterns, for instance VALIDATE"
ROUTE = "must be of session_store.cdk.BACKEND_ROUTES"
SETTINGS = r"must be service.settings or SessionSettings\(...\)"
ORIGIN = "https://app.example.com"
TOKEN = r"\(got a token of CDK, whose value the synthesis does not know\)"
COUNT = "must be a whole number, at least"
ISOLATED = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
PUBLIC = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC)
PROVISIONED = "provisioned_concurrent_executions"
FIVE: dict[str, Any] = {PROVISIONED: 5}
FOUR_RESERVED: dict[str, Any] = {"reserved_concurrent_executions": 4}


class World(NamedTuple):
    """A service, a role to grant things to, and where further constructs go."""

    scope: Construct
    service: SessionService
    role: iam.Role

    def new(self, construct: type[Construct], **props: Any) -> None:
        """Make a construct with those parts of the service that it takes, but for what is given."""
        parts = {name: getattr(self.service, name) for name in ("table", "settings", "functions")}
        takes = inspect.signature(construct.__init__).parameters
        known = {name: part for name, part in {**parts, "function": Function.READ}.items() if name in takes}
        construct(self.scope, "New", **known | props)

    def user_routes(self, **props: Any) -> None:
        self.new(SessionUserRoutes, **{"api": apigateway.HttpApi(self.scope, "Http")} | props)

    def connect(self, function: Any, settings: Any, **more: Any) -> None:
        self.service.table.connect(function, settings, **more)

    def unknown(self) -> Any:
        """A number that only the deployment knows."""
        return CfnParameter(self.scope, "Number", type="Number").value_as_number

    def capacity(self, **props: Any) -> None:
        self.new(SessionTable, **{"max_read_capacity": 5, "max_write_capacity": 5} | props)

    @property
    def groups(self) -> list[ec2.ISecurityGroup]:
        return [ec2.SecurityGroup.from_security_group_id(self.scope, "Group", "sg-1")]

    @property
    def read(self) -> SessionFunction:
        return self.service.functions[Function.READ]


MISTAKES: list[tuple[str, str, Callable[[Any], object]]] = [
    ("timeout", "must be known", lambda w: w.new(SessionFunction, timeout=Duration.seconds(w.unknown()))),
    ("timeout", DURATION, lambda w: w.new(SessionFunction, timeout=10)),
    ("results_cache_ttl", DURATION, lambda w: w.new(SessionAuthorizer, results_cache_ttl=0)),
    ("max_auth_age", DURATION, lambda w: w.user_routes(max_auth_age=900)),
    ("table", OWN_TABLE, lambda w: w.new(SessionAuthorizer, table=w.service)),
    ("table", OWN_TABLE, lambda w: w.new(SessionAuthorizer, table=w.service.table.table)),
    ("table", OWN_TABLE, lambda w: w.new(SessionService, table=w.service.table.table)),
    ("settings", "must be a SessionSettings", lambda w: w.connect(w.read.function, {})),
    (
        "request_lines",
        "must be True or False",
        lambda w: w.connect(w.read.function, w.service.settings, request_lines="yes"),
    ),
    ("table", DYNAMODB_TABLE, lambda _: SessionTable.from_table("sessions")),  # type: ignore[arg-type]
    ("table", DYNAMODB_TABLE, lambda w: SessionTable.from_table(w.service.table)),
    ("function", LAMBDA_FUNCTION, lambda w: w.connect(w.read, w.service.settings)),
    ("function", "must be a Function, for instance Function.READ", lambda w: w.new(SessionFunction, function="read")),
    ("functions", "must be SessionFunctions", lambda w: w.new(SessionApi, functions={Function.READ: w.read.function})),
    ("settings", SETTINGS, lambda w: w.new(SessionAuthorizer, settings=None)),
    ("settings", SETTINGS, lambda w: w.new(SessionFunction, settings=w.service)),
    ("api", "must be an aws_apigatewayv2.HttpApi", lambda w: w.user_routes(api=rest.RestApi(w.scope, "Rest"))),
    ("api", "must be an aws_apigatewayv2.HttpApi", lambda w: w.user_routes(api=w.service.api)),
    ("grantee", GRANTEE, lambda w: w.service.table.grant_validate("MyRole")),
    ("grantee", GRANTEE, lambda w: w.service.grant_invoke(w.read)),
    ("access_patterns", PATTERN, lambda w: w.service.table.grant(w.role, "validate")),
    ("permissions", "must name at least one action", lambda w: w.service.table.grant(w.role)),
    ("routes", ROUTE, lambda w: w.service.grant_invoke(w.role, "POST /sessions")),
    ("routes", ROUTE, lambda w: w.service.grant_invoke(w.role, w.service.api.routes["getSession"])),
    ("routes", ROUTE, lambda w: w.service.grant_invoke(w.role, USER_ROUTES[0])),
    ("reserved_concurrent_executions", COUNT, lambda w: w.new(SessionFunction, reserved_concurrent_executions=-1)),
    ("throttling_burst_limit", COUNT, lambda w: w.new(SessionApi, throttling_burst_limit="100")),
    ("throttling_rate_limit", COUNT, lambda w: w.new(SessionApi, throttling_rate_limit=0.5)),
    ("deletion_protection", "must be True or False", lambda w: w.new(SessionTable, deletion_protection="no")),
    # One text where several are expected would be taken for its letters.
    ("data_keys", "", lambda w: w.user_routes(data_keys="cart")),
    ("context_data_keys", "", lambda w: w.new(SessionAuthorizer, context_data_keys="role")),
    ("allowed_origins", "", lambda w: w.new(SessionAuthorizer, allowed_origins=ORIGIN)),
    ("further_headers", "", lambda _: SessionUserRoutes.cors_preflight([ORIGIN], further_headers="x-request-id")),
    ("memory_size", f".* {TOKEN}", lambda w: w.new(SessionFunction, memory_size=w.unknown())),
    ("throttling_rate_limit", f".* {TOKEN}", lambda w: w.new(SessionApi, throttling_rate_limit=w.unknown())),
    ("max_data_bytes", f".* {TOKEN}", lambda w: w.user_routes(max_data_bytes=w.unknown())),
    ("max_sessions_per_customer", f".* {TOKEN}", lambda w: SessionSettings(max_sessions_per_customer=w.unknown())),
    ("encryption_key", "must be a key of CDK", lambda w: w.new(SessionTable, encryption_key="alias/sessions")),
    (
        "runtime",
        "must be Runtime.PYTHON_3_12",
        lambda w: w.new(SessionFunction, runtime=lambda_.Runtime.PYTHON_3_11),
    ),
    ("architecture", "must be Architecture.ARM_64 or ", lambda w: w.new(SessionFunction, architecture="arm64")),
    ("vpc", "must be a VPC of CDK", lambda w: w.new(SessionFunction, vpc="vpc-1")),
    ("vpc_subnets", "must be a SubnetSelection", lambda w: w.new(SessionFunction, vpc_subnets=["subnet-1"])),
    ("security_groups", "must be a list; each is a sec", lambda w: w.new(SessionFunction, security_groups="sg-1")),
    ("security_groups", "must be a security group of", lambda w: w.new(SessionFunction, security_groups=["sg-1"])),
    ("layers", "must be a layer of CDK", lambda w: w.new(SessionFunction, layers=["agent"])),
    ("layers", "must be 5 at most", lambda w: w.new(SessionFunction, layers=["agent"] * 6)),
    ("dead_letter_queue", "must be a queue of CDK", lambda w: w.new(SessionFunction, dead_letter_queue="failed")),
    ("resource_policy", "must be a PolicyDocument", lambda w: w.new(SessionTable, resource_policy={})),
    ("stream", "must be of StreamViewType, for instance", lambda w: w.new(SessionTable, stream=True)),
    # What does not go together.
    ("vpc_subnets", "must not be given without vpc", lambda w: w.new(SessionFunction, vpc_subnets=ISOLATED)),
    ("security_groups", "must not be given without vpc", lambda w: w.new(SessionFunction, security_groups=w.groups)),
    ("vpc_subnets", "must not be public", lambda w: w.new(SessionFunction, vpc=vpc(w.scope), vpc_subnets=PUBLIC)),
    (PROVISIONED, "must not be given with snap_start", lambda w: w.new(SessionFunction, snap_start=True, **FIVE)),
    (PROVISIONED, "must not be more than reserved", lambda w: w.new(SessionFunction, **FIVE, **FOUR_RESERVED)),
    ("max_write_capacity", "must be given with max_read", lambda w: w.new(SessionTable, max_read_capacity=5)),
    ("max_read_capacity", "must be given with target_", lambda w: w.new(SessionTable, target_utilization_percent=50)),
    ("max_read_request_units", "must not be given with max", lambda w: w.capacity(max_read_request_units=5)),
    ("min_write_capacity", "must not be more than max_write_cap", lambda w: w.capacity(min_write_capacity=6)),
]


@pytest.fixture(scope="module")
def stack() -> Stack:
    return new_stack()


@pytest.fixture(scope="module")
def service(stack: Stack) -> SessionService:
    return SessionService(stack, "Sessions")


@pytest.fixture
def world(stack: Stack, service: SessionService) -> World:
    scope = Construct(stack, f"Case{len(stack.node.children)}")
    return World(scope, service, new_role(scope))


@pytest.mark.parametrize(("prop", "expected", "mistake"), MISTAKES, ids=[prop for prop, _, _ in MISTAKES])
def test_a_mistaken_prop_is_named_with_what_is_expected(
    world: World, prop: str, expected: str, mistake: Callable[[World], object]
) -> None:
    with pytest.raises(ValueError, match=f"^{prop}: {expected}") as refusal:
        mistake(world)
    assert isinstance(refusal.value, InvalidInputError)
    assert refusal.value.field == prop


def test_a_message_about_no_single_value_shows_none() -> None:
    stack = new_stack()
    with pytest.raises(InvalidInputError, match=r"env=Environment\(region=...\)$"):
        SessionTable(stack, "Table", encryption_key=kms.Key(stack, "Key"))


def test_durations_of_functions_and_routes_may_be_the_librarys_own() -> None:
    stack = new_stack()
    given: dict[str, Any] = {"table": SessionTable(stack, "Table"), "settings": SessionSettings()}
    api = apigateway.HttpApi(stack, "Api")
    limit, age = timedelta(seconds=7), timedelta(minutes=2)
    SessionUserRoutes(stack, "Routes", api=api, max_auth_age=age, timeout=limit, **given)
    authorizer = SessionAuthorizer(stack, "Authorizer", results_cache_ttl=age, bearer_only=True, timeout=limit, **given)
    orders = HttpUrlIntegration("Orders", "https://orders.example.com")
    api.add_routes(path="/orders", integration=orders, authorizer=authorizer)
    template = template_of(stack)
    functions = template.properties(FUNCTION)
    assert {function["Timeout"] for function in functions} == {7}
    ages = [function["Environment"]["Variables"].get("SESSION_MAX_AUTH_AGE") for function in functions]
    assert "120" in ages
    (attached,) = template.properties("AWS::ApiGatewayV2::Authorizer")
    assert attached["AuthorizerResultTtlInSeconds"] == 120
