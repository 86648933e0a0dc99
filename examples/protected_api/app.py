"""An application's own API for signed-in customers: the authorizer on its routes, and the user routes.

    cdk deploy --app "python3 app.py" -c table_name=...

The session table belongs to another stack. This one knows its name, and
repeats its rules, because a table does not hold them.
"""

from pathlib import Path

from aws_cdk import App, CfnOutput, CliCredentialsStackSynthesizer, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from session_store import SessionSettings
from session_store.cdk import SessionAuthorizer, SessionTable, SessionUserRoutes

FUNCTIONS = Path(__file__).parent / "functions"
# The settings of the table's SessionService, which has the defaults. In one app use `service.settings`. Two apps import
# one module, so that a `not_before` reaches every function on the table.
SETTINGS = SessionSettings()
THROTTLE = apigateway.ThrottleSettings(rate_limit=100, burst_limit=200)  # per second, all callers together
OTHER_PAGES = ["https://app.example.com"]  # a single-page application on another origin of the same site


class OrdersApi(Stack):
    """An API that sells to customers, and shows them where they are signed in."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        name = str(self.node.get_context("table_name"))
        table = SessionTable.from_table(dynamodb.TableV2.from_table_name(self, "SessionTable", name))
        api = apigateway.HttpApi(
            self, "Api", cors_preflight=SessionUserRoutes.cors_preflight(OTHER_PAGES), create_default_stage=False
        )
        # Anonymous callers reach the user routes and the authorizer. Without this only the account's limit holds.
        api.add_stage("Stage", auto_deploy=True, throttle=THROTTLE)

        authorizer = SessionAuthorizer(
            self,
            "Authorizer",
            table=table,
            settings=SETTINGS,
            allowed_origins=OTHER_PAGES,
            context_data_keys=["tier"],
        )
        api.add_routes(
            path="/orders",
            methods=[apigateway.HttpMethod.GET, apigateway.HttpMethod.POST],
            integration=HttpLambdaIntegration("Orders", self.orders()),
            authorizer=authorizer,
        )
        # The tier decides prices, so customers may not change it.
        SessionUserRoutes(
            self,
            "UserRoutes",
            api=api,
            table=table,
            settings=SETTINGS,
            allowed_origins=OTHER_PAGES,
            data_keys=["theme", "cart"],
        )
        CfnOutput(self, "OrdersApiId", value=api.api_id)
        CfnOutput(self, "OrdersApiUrl", value=api.api_endpoint)

    def orders(self) -> lambda_.Function:
        """The application itself. It needs no access to the table: the authorizer passes the customer's id."""
        return lambda_.Function(
            self,
            "Orders",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            code=lambda_.Code.from_asset(str(FUNCTIONS)),
            handler="orders.handler",
        )


if __name__ == "__main__":
    app = App(default_stack_synthesizer=CliCredentialsStackSynthesizer())
    OrdersApi(app, "OrdersApi")
    app.synth()
