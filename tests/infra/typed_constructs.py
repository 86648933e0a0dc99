"""How a type checker sees code that uses the constructs. `make lint` checks it, strictly.

A line that must be refused says so: mypy calls the comment unused where it accepts the line. The wheel holds the same
sources, and a check of the CDK from the beginning takes a minute: `make lint` makes one.
"""

from __future__ import annotations

from datetime import timedelta

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs

from session_store import SessionSettings
from session_store.cdk import (
    CognitoSignIn,
    Function,
    OidcRoutes,
    SessionFunction,
    SessionService,
    SessionTable,
    access_patterns,
)
from session_store.oidc import StepUp


def routes_of_a_sign_in(
    stack: Stack, service: SessionService, api: apigateway.HttpApi, secret: secretsmanager.ISecret
) -> None:
    made = OidcRoutes(
        stack,
        "SignIn",
        api=api,
        table=service.table,
        settings=service.settings,
        issuer="https://login.example.com",
        client_id="shop",
        customer_prefix="kit:",
        client_secret=secret,
        response_mode="form_post",
        step_ups={"pay": StepUp(max_age=timedelta(minutes=5))},
        timeout=Duration.seconds(20),
    )
    made.connect(service.functions[Function.READ].function)
    made.connect(secret)  # type: ignore[arg-type]
    OidcRoutes(stack, "Form", api=api, table=service.table, settings=service.settings)  # type: ignore[call-arg]


def a_service(stack: Stack, function: lambda_.Function) -> SessionService:
    table = SessionTable(stack, "Table", removal_policy=RemovalPolicy.DESTROY, point_in_time_recovery=False)
    SessionTable(stack, "Table", deletion_protection="no")  # type: ignore[arg-type]
    SessionFunction(stack, "Read", table=table, function=Function.READ, settings=SessionSettings(), memory_size=256)
    SessionFunction(stack, "Read", table=table, function=Function.READ)  # type: ignore[call-arg]
    SessionFunction(
        stack,
        "Read",
        table=table,
        function=Function.READ,
        settings=SessionSettings(),
        runtime=lambda_.Runtime.PYTHON_3_14,
        vpc=ec2.Vpc(stack, "Vpc"),
        vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1")],
        dead_letter_queue=sqs.Queue(stack, "Failed"),
    )
    SessionTable(stack, "Table", stream=dynamodb.StreamViewType.KEYS_ONLY, max_read_capacity=20, max_write_capacity=20)
    SessionService(stack, "Sessions", runtime="python3.14")  # type: ignore[arg-type]
    SessionService(stack, "Sessions", memorysize=256)  # type: ignore[call-arg]
    SessionService(stack, "Sessions", timeout=10)  # type: ignore[arg-type]
    service = SessionService(stack, "Sessions", table=table, settings=SessionSettings(), timeout=Duration.seconds(10))
    service.table.connect(function, service.settings)
    service.table.grant(function, access_patterns.VALIDATE, access_patterns.INCREMENT)
    return service


def a_sign_in(stack: Stack, service: SessionService, users: cognito.UserPool) -> CognitoSignIn:
    api, domain = apigateway.HttpApi(stack, "Api"), cognito.UserPoolDomain.from_domain_name(stack, "Login", "shop")
    CognitoSignIn(stack, "SignIn", api=api, table=service.table, settings=service.settings, user_pool=users)  # type: ignore[call-arg]
    return CognitoSignIn(
        stack,
        "SignIn",
        api=api,
        table=service.table,
        settings=service.settings,
        user_pool=users,
        user_pool_domain=domain,
        identity_providers=[cognito.UserPoolClientIdentityProvider.GOOGLE],
        step_ups={"pay": StepUp(acr_values=("mfa",))},
        memory_size=256,
        logout="standard",  # type: ignore[call-arg]
    )
