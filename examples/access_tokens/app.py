"""An application's API that takes access tokens, and the issuer that makes them.

    cdk deploy --app "python3 app.py"

The issuer has to answer before its authorizer can be made. If a first deployment fails because it does not yet, deploy
once without the routes of the authorizer.
"""

from datetime import timedelta
from pathlib import Path

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration

from session_store.cdk import SessionIssuer, SessionJwtAuthorizer, SessionService

FUNCTIONS = Path(__file__).parent / "functions"


class Orders(Stack):
    """Orders, which no function guards."""

    def __init__(self, scope: App, construct_id: str) -> None:
        super().__init__(scope, construct_id, env=Environment(region="eu-central-1"))
        service = SessionService(self, "Sessions")
        api = apigateway.HttpApi(self, "Api")
        issuer = SessionIssuer(
            self,
            "Issuer",
            api=api,
            back_end=service.api.api,
            table=service.table,
            settings=service.settings,
            audiences=["orders"],
            scopes=["orders:read"],
            data_keys=["tier"],
            ttl=timedelta(minutes=5),  # so long an ended session stays usable
            keys=["2026"],
        )
        api.add_routes(
            path="/orders",
            methods=[apigateway.HttpMethod.GET],
            integration=HttpLambdaIntegration("Orders", self.orders()),
            authorizer=SessionJwtAuthorizer(self, "JwtAuthorizer", issuer=issuer),
            authorization_scopes=["orders:read"],
        )

    def orders(self) -> lambda_.Function:
        """The application itself. It gets the token's claims."""
        return lambda_.Function(
            self,
            "Orders",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            code=lambda_.Code.from_asset(str(FUNCTIONS)),
            handler="orders.handler",
        )


if __name__ == "__main__":
    app = App()
    Orders(app, "Orders")
    app.synth()
