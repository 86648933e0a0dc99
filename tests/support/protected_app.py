"""The CDK app of `examples/protected_api`: its authorizer on a REST API besides, an issuer, and a sign-in."""

from __future__ import annotations

import runpy
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from aws_cdk import App, CfnOutput, CliCredentialsStackSynthesizer, SecretValue
from aws_cdk import aws_apigateway as rest
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration

from local.paths import ROOT
from session_store import SessionSettings
from session_store.cdk import OidcRoutes, SessionIssuer, SessionJwtAuthorizer, SessionTable
from session_store.oidc import StepUp
from tests.support.jwts import AUDIENCE
from tests.support.provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI

if TYPE_CHECKING:
    from aws_cdk import Stack

TTL = timedelta(seconds=5)
# What the gateway passes about the token.
_CLAIMS = """\
import json

def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event["requestContext"]["authorizer"]["jwt"]["claims"])}
"""


def add_rest_api(stack: Stack) -> None:
    """The function and the authorizer of the example behind a REST API, its id in the output `RestApiId`."""
    authorizer: Any = stack.node.find_child("Authorizer")
    orders: Any = stack.node.find_child("Orders")
    api = rest.RestApi(stack, "RestApi")
    resource = api.root.add_resource("orders")
    for method in ("GET", "POST"):
        resource.add_method(method, rest.LambdaIntegration(orders), authorizer=authorizer.for_rest_api(api))
    CfnOutput(stack, "RestApiId", value=api.rest_api_id)


def add_issuer(stack: Stack) -> None:
    """An issuer on the example's API, and routes there that its tokens open."""
    api: Any = stack.node.find_child("Api")
    names = {name: str(stack.node.get_context(name)) for name in ("table_name", "api_id", "issuer")}
    table = dynamodb.TableV2.from_table_name(stack, "TableOfIssuer", names["table_name"])
    issuer = SessionIssuer(
        stack,
        "Issuer",
        api=api,
        table=SessionTable.from_table(table),
        settings=SessionSettings(),
        audiences=[AUDIENCE, "billing"],
        scopes=["orders:read"],
        data_keys=["tier"],
        ttl=TTL,
        issuer=names["issuer"],
        back_end=apigateway.HttpApi.from_http_api_attributes(stack, "SessionsApi", http_api_id=names["api_id"]),
    )
    claims = lambda_.Function(
        stack,
        "Claims",
        runtime=lambda_.Runtime.PYTHON_3_13,
        code=lambda_.Code.from_inline(_CLAIMS),
        handler="index.handler",
    )
    authorizer = SessionJwtAuthorizer(stack, "JwtAuthorizer", issuer=issuer, audiences=[AUDIENCE])
    for path, scopes in (("/by-token", []), ("/by-token/read", ["orders:read"]), ("/by-token/write", ["orders:write"])):
        api.add_routes(
            path=path,
            methods=[apigateway.HttpMethod.GET],
            integration=HttpLambdaIntegration("ByToken", claims),
            authorizer=authorizer,
            authorization_scopes=scopes,
        )


def add_sign_in(stack: Stack) -> None:
    """A sign-in with the provider of the tests, on the example's API."""
    api: Any = stack.node.find_child("Api")
    table = dynamodb.TableV2.from_table_name(stack, "TableOfSignIn", str(stack.node.get_context("table_name")))
    value = SecretValue.unsafe_plain_text(CLIENT_SECRET)
    OidcRoutes(
        stack,
        "SignIn",
        api=api,
        table=SessionTable.from_table(table),
        settings=SessionSettings(),
        issuer=str(stack.node.get_context("provider")),
        client_id=CLIENT_ID,
        client_secret=secretsmanager.Secret(stack, "ClientSecret", secret_string_value=value),
        customer_prefix="kit:",
        redirect_uri=REDIRECT_URI,
        step_ups={"pay": StepUp(max_age=timedelta(minutes=5))},
        backchannel_logout=True,
        bundle_libraries=False,
    )


if __name__ == "__main__":
    app = App(default_stack_synthesizer=CliCredentialsStackSynthesizer())
    example = runpy.run_path(str(ROOT / "examples" / "protected_api" / "app.py"))
    made = example["OrdersApi"](app, "OrdersApi")
    add_rest_api(made)
    add_issuer(made)
    add_sign_in(made)
    app.synth()
