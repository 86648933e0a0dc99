"""Sign-in with a provider of OpenID Connect, on an application's own API.

    cdk deploy --app "python3 app.py"

Before that, put the client's secret into Secrets Manager as `oidc/shop`.
"""

from datetime import timedelta

from aws_cdk import App, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_secretsmanager as secretsmanager

from session_store.cdk import OidcRoutes, SessionService
from session_store.oidc import StepUp


class Shop(Stack):
    """A shop, whose customers sign in elsewhere."""

    def __init__(self, scope: App, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        service = SessionService(self, "Sessions")
        OidcRoutes(
            self,
            "SignIn",
            api=apigateway.HttpApi(self, "Api"),
            table=service.table,
            settings=service.settings,
            issuer="https://login.example.com",
            client_id="shop",
            client_secret=secretsmanager.Secret.from_secret_name_v2(self, "ClientSecret", "oidc/shop"),
            redirect_uri="https://shop.example.com/auth/callback",
            customer_prefix="example:",
            step_ups={"pay": StepUp(max_age=timedelta(minutes=5))},
            backchannel_logout=True,
        )


if __name__ == "__main__":
    app = App()
    Shop(app, "Shop")
    app.synth()
