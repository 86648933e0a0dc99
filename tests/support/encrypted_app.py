"""A CDK app in which everything that serves requests encrypts sessions' data, and keeps large data in S3."""

from __future__ import annotations

from typing import Any, Final

from aws_cdk import App, CfnOutput, CliCredentialsStackSynthesizer, RemovalPolicy, SecretValue, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from session_store.cdk import (
    DataEncryption,
    LargeDataBucket,
    OidcRoutes,
    SessionAuthorizer,
    SessionEvents,
    SessionIssuer,
    SessionService,
    SessionUserRoutes,
)
from tests.support.jwts import AUDIENCE
from tests.support.provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI

NAME: Final = "Encrypted"
STORE_ID: Final = "shop"
_CONTEXT: Final = """\
import json

def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event["requestContext"]["authorizer"]["lambda"])}
"""


class Encrypted(Stack):
    """The service, its events, and all that goes onto an application's own API."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id, synthesizer=CliCredentialsStackSynthesizer())
        key = kms.Key(self, "Key", removal_policy=RemovalPolicy.DESTROY)
        destroyed: Any = {"removal_policy": RemovalPolicy.DESTROY}
        encryption = DataEncryption(key, store_id=STORE_ID, bundle_libraries=False)
        large_data = LargeDataBucket(self, "LargeData", enforce_tls=False, **destroyed)
        encrypting: Any = {"encryption": encryption, "large_data": large_data, **destroyed}
        service = SessionService(self, "Sessions", deletion_protection=False, **encrypting)
        SessionEvents(self, "Events", table=service.table, enforce_tls=False, **destroyed)
        api = apigateway.HttpApi(self, "Api")
        shared: Any = {"table": service.table, "settings": service.settings, **encrypting}
        SessionUserRoutes(self, "UserRoutes", api=api, data_keys=["ui"], **shared)
        authorizer = SessionAuthorizer(self, "Authorizer", context_data_keys=["tier"], **shared)
        api.add_routes(path="/orders", integration=self._orders(), authorizer=authorizer)
        issuer: Any = {"issuer": "https://id.example.com", "audiences": [AUDIENCE], "data_keys": ["tier"]}
        SessionIssuer(self, "Issuer", api=api, back_end=service.api.api, **issuer, **shared)
        self._add_sign_in(api, shared)
        outputs = {
            "ApiUrl": service.url.removesuffix("/"),
            "ApplicationUrl": api.api_endpoint,
            "TableName": service.table.table.table_name,
            "KeyArn": key.key_arn,
            "Bucket": large_data.bucket.bucket_name,
        }
        for name, value in outputs.items():
            CfnOutput(self, name, value=value)

    def _orders(self) -> HttpLambdaIntegration:
        function = lambda_.Function(
            self,
            "Orders",
            runtime=lambda_.Runtime.PYTHON_3_13,
            code=lambda_.Code.from_inline(_CONTEXT),
            handler="index.handler",
            log_group=logs.LogGroup(self, "OrdersLogs", removal_policy=RemovalPolicy.DESTROY),
        )
        return HttpLambdaIntegration("Orders", function)

    def _add_sign_in(self, api: apigateway.HttpApi, shared: Any) -> None:
        value = SecretValue.unsafe_plain_text(CLIENT_SECRET)
        client: Any = {"client_id": CLIENT_ID, "customer_prefix": "kit:", "redirect_uri": REDIRECT_URI}
        OidcRoutes(
            self,
            "SignIn",
            api=api,
            issuer=str(self.node.get_context("provider")),
            client_secret=secretsmanager.Secret(self, "ClientSecret", secret_string_value=value),
            kept_claims=["email"],
            carry_data=True,
            backchannel_logout=True,
            bundle_libraries=False,
            **client,
            **shared,
        )


if __name__ == "__main__":
    app = App(builtin_cloud_formation_validation=False)
    Encrypted(app, NAME)
    app.synth()
