"""Users of the demo in the embedded AWS's Cognito, and the routes that sign them in."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from aws_cdk import RemovalPolicy
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from demo.provider import CLAIM, PREFIX, STEP_UP
from session_store.cdk import CognitoSignIn
from session_store.oidc import StepUp

if TYPE_CHECKING:
    from aws_cdk import aws_apigatewayv2 as apigateway

    from session_store.cdk import SessionService

_DOMAIN_PREFIX: Final = "session-store-demo"
_SIGN_IN_PAGE: Final = "/sign-in"


class DemoCognito(Construct):
    """A user pool with its hosted login, and the routes `/auth/...` on the demo's API.

    Args:
        scope: the construct this one belongs to.
        construct_id: its id there.
        api: the demo's.
        service: whose table and rules the sign-in uses.
        endpoint: the embedded AWS, which has another address than its Cognito's issuer.

    Attributes:
        user_pool: the pool.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        api: apigateway.HttpApi,
        service: SessionService,
        endpoint: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self.user_pool = cognito.UserPool(self, "Users", removal_policy=RemovalPolicy.DESTROY)
        domain = self.user_pool.add_domain(
            "Domain", cognito_domain=cognito.CognitoDomainOptions(domain_prefix=_DOMAIN_PREFIX)
        )
        demo = f"http://{api.api_id}.execute-api.localhost:{urlsplit(endpoint).port}"
        CognitoSignIn(
            self,
            "SignIn",
            api=api,
            table=service.table,
            settings=service.settings,
            user_pool=self.user_pool,
            user_pool_domain=domain,
            scopes=["email"],
            kept_claims=[CLAIM],
            carry_data=True,
            step_ups={STEP_UP: StepUp(max_age=timedelta(0))},
            prefix=PREFIX,
            redirect_uri=f"{demo}{PREFIX}/callback",
            post_logout_redirect_uri=f"{demo}{_SIGN_IN_PAGE}",
            after_logout=_SIGN_IN_PAGE,
            discovery_url=f"{endpoint}/{self.user_pool.user_pool_id}/.well-known/openid-configuration",
            bundle_libraries=False,  # the embedded AWS runs functions with the packages of this machine
        )
