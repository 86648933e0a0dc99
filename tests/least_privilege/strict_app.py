"""A CDK app with every rule set that makes functions call AWS for more, deployed beside the environment `local`."""

from __future__ import annotations

import json
from typing import Any, Final

from aws_cdk import App, CfnOutput, CliCredentialsStackSynthesizer, Environment, RemovalPolicy, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from app import add_stacks
from local.paths import ROOT
from session_store.cdk import SessionAuthorizer, SessionService, SessionUserRoutes
from tests.least_privilege.functions import SESSION_LIMIT

_ENVIRONMENT: Final = "dev"  # the demo accepts only this name beside `local`
# In the order in which they can be removed.
STACKS: Final = tuple(f"{name}-{_ENVIRONMENT}" for name in ("Application", "SessionStoreDemo", "SessionStore"))
_OLD: Final = "2020-01-01T00:00:00Z"
_RULES: Final = {"max_sessions_per_customer": SESSION_LIMIT, "rotation_interval": "PT1M", "not_before": _OLD}


class Application(Stack):
    """An application's API, with the authorizer on its route and the user routes beside it."""

    def __init__(self, scope: Construct, construct_id: str, *, service: SessionService) -> None:
        of_service = Stack.of(service)
        environment = Environment(account=of_service.account, region=of_service.region)
        super().__init__(scope, construct_id, env=environment, synthesizer=CliCredentialsStackSynthesizer())
        api = apigateway.HttpApi(self, "Api")
        shared: Any = {"table": service.table, "settings": service.settings, "removal_policy": RemovalPolicy.DESTROY}
        authorizer = SessionAuthorizer(self, "Authorizer", strict=True, **shared)
        orders = lambda_.Function(
            self,
            "Orders",
            runtime=lambda_.Runtime.PYTHON_3_13,
            code=lambda_.Code.from_inline("def handler(event, context):\n    return {'statusCode': 200}\n"),
            handler="index.handler",
            log_group=logs.LogGroup(self, "OrdersLogs", removal_policy=RemovalPolicy.DESTROY),
        )
        integration = HttpLambdaIntegration("Orders", orders)
        api.add_routes(path="/orders", integration=integration, authorizer=authorizer)
        SessionUserRoutes(self, "UserRoutes", api=api, data_keys=["theme"], **shared)
        CfnOutput(self, "ApplicationUrl", value=api.api_endpoint)


def strict_app() -> App:
    """The app: the service, the demo and an application."""
    context = {"env": _ENVIRONMENT, "environments": {_ENVIRONMENT: _settings()}}
    app = App(post_cli_context=context, builtin_cloud_formation_validation=False)  # the CLI's is that of cdk.json
    stack = add_stacks(app)
    Application(app, f"Application-{_ENVIRONMENT}", service=stack.service)
    return app


def _settings() -> dict[str, Any]:
    """Those of the environment `local`, without the ids that its APIs ask for."""
    environments = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]["environments"]
    own = {key: value for key, value in environments["local"].items() if not key.endswith("api_tags")}
    return own | {"settings": _RULES}


if __name__ == "__main__":
    strict_app().synth()
