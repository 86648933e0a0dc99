"""Sign-in with Amazon Cognito on the application's own HTTP API: a client of the user pool, and the routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from aws_cdk import Duration, RemovalPolicy, SecretValue, Stack
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from session_store import checks
from session_store.cdk.checks import check_http_api, check_member
from session_store.cdk.oidc_routes import OidcRoutes, redirect_uri_of
from session_store.cdk.store_props import StoreProps
from session_store.cdk.takes import takes
from session_store.errors import InvalidInputError
from session_store.oidc.arguments import DEFAULT_PREFIX, scope_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta
    from typing import Unpack

    from aws_cdk import aws_apigatewayv2 as apigateway
    from aws_cdk import aws_cognito as cognito
    from aws_cdk import aws_lambda as lambda_

    from session_store.cdk.grants import SessionTableGrants
    from session_store.model import Timeouts
    from session_store.oidc.step_up import StepUp
    from session_store.settings import SessionSettings

# The construct keeps none of the tokens. These are Cognito's least.
_TOKEN_VALIDITY: Final = Duration.minutes(5)
_REFRESH_TOKEN_VALIDITY: Final = Duration.hours(1)
_POOL: Final = "a user pool of CDK, for instance from UserPool.from_user_pool_id"
_DOMAIN: Final = "a domain of CDK, for instance from user_pool.add_domain or UserPoolDomain.from_domain_name"
_PROVIDERS: Final = "a list like [UserPoolClientIdentityProvider.COGNITO]"


@takes(StoreProps)
class CognitoSignIn(Construct):
    """Sign-in with a user pool of Cognito: makes its client, and `OidcRoutes`.

        CognitoSignIn(stack, "SignIn", api=api, table=service.table, settings=service.settings,
                      user_pool=user_pool, user_pool_domain=user_pool.add_domain("Login", cognito_domain=...))

    The client has a secret, which goes to Secrets Manager. It takes the authorization code alone, no address but these,
    and its tokens are good for the shortest time that Cognito knows. Cognito sends no logout tokens.

    Args:
        scope: the construct this one belongs to.
        construct_id: its id there.
        api: the application's HTTP API.
        table: the session table.
        settings: the rules of the table's sessions, `SessionService.settings`.
        user_pool: the users.
        user_pool_domain: the domain of the pool's login pages. Without one there are none.
        identity_providers: by which its users sign in, by default with the pool's own passwords
            (`UserPoolClientIdentityProvider.COGNITO`). Add the pool's other ones to it before.
        customer_prefix: what customer ids begin with. Give each pool another one.
        scopes: what the application needs. `openid` is always among them.
        redirect_uri: the callback's address. By default on the API's own address. Give your own domain's.
        post_logout_redirect_uri: where Cognito sends the browser after signing out. By default `after_logout` beside
            the callback.
        after_logout: the path for a browser that Cognito does not sign out.
        prefix: what the paths begin with.
        step_ups: as in `OidcRoutes`. Cognito asks for the password again.
        authorization_parameters: as in `OidcRoutes`, for instance `lang`.
        leeway: as in `OidcRoutes`.
        discovery_url: as in `OidcRoutes`.
        carry_data: as in `OidcRoutes`.
        kept_claims: as in `OidcRoutes`, for instance `["email"]` with the scope `email`.
        timeouts: as in `OidcRoutes`.
        ends_with_browser: as in `OidcRoutes`.
        function: as in `OidcRoutes`.
        bundle_libraries: as in `OidcRoutes`.

    Attributes:
        client: the pool's client.
        routes: the `OidcRoutes`.

    Raises:
        InvalidInputError: a prop is missing, out of range or malformed. Also a ValueError.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        api: apigateway.IHttpApi,
        table: SessionTableGrants,
        settings: SessionSettings,
        user_pool: cognito.IUserPool,
        user_pool_domain: cognito.IUserPoolDomain,
        identity_providers: Sequence[cognito.UserPoolClientIdentityProvider] | None = None,
        customer_prefix: str = "cognito:",
        scopes: Sequence[str] = ("openid",),
        redirect_uri: str | None = None,
        post_logout_redirect_uri: str | None = None,
        after_logout: str = "/",
        prefix: str = DEFAULT_PREFIX,
        step_ups: Mapping[str, StepUp] | None = None,
        authorization_parameters: Mapping[str, str] | None = None,
        leeway: Duration | timedelta | None = None,
        discovery_url: str | None = None,
        carry_data: bool = False,
        kept_claims: Sequence[str] = (),
        timeouts: Timeouts | None = None,
        ends_with_browser: bool = False,
        function: lambda_.Function | None = None,
        bundle_libraries: bool = True,
        **props: Unpack[StoreProps],
    ) -> None:
        super().__init__(scope, construct_id)
        check_http_api("api", api)
        _check_pool(self, user_pool, user_pool_domain)
        for name, value in {"redirect_uri": redirect_uri, "post_logout_redirect_uri": post_logout_redirect_uri}.items():
            checks.check_optional_text(name, value)
        callback = redirect_uri_of(api, prefix, redirect_uri)
        home = callback.removesuffix(f"{prefix}/callback")
        afterwards = f"{home}{after_logout}" if post_logout_redirect_uri is None else post_logout_redirect_uri
        self.client = _new_client(
            self, user_pool, identity_providers, scopes=scopes, callback=callback, afterwards=afterwards
        )
        self.client.node.add_dependency(*user_pool.identity_providers)
        self.routes = OidcRoutes(
            self,
            "Routes",
            api=api,
            table=table,
            settings=settings,
            issuer=f"https://{user_pool.user_pool_provider_name}",
            client_id=self.client.user_pool_client_id,
            client_secret=_secret_of(self, self.client),
            customer_prefix=customer_prefix,
            scopes=scopes,
            redirect_uri=callback,
            post_logout_redirect_uri=afterwards,
            logout="cognito",
            after_logout=after_logout,
            prefix=prefix,
            step_ups=step_ups,
            authorization_parameters=authorization_parameters,
            leeway=leeway,
            discovery_url=discovery_url,
            carry_data=carry_data,
            kept_claims=kept_claims,
            timeouts=timeouts,
            ends_with_browser=ends_with_browser,
            function=function,
            bundle_libraries=bundle_libraries,
            **props,
        )


def _new_client(
    scope: Construct,
    pool: cognito.IUserPool,
    providers: Sequence[cognito.UserPoolClientIdentityProvider] | None,
    *,
    scopes: Sequence[str],
    callback: str,
    afterwards: str,
) -> cognito.UserPoolClient:
    from aws_cdk import aws_cognito as cognito  # noqa: PLC0415 - only apps with a user pool are to wait for it

    if providers is None:
        providers = [cognito.UserPoolClientIdentityProvider.COGNITO]
    return cognito.UserPoolClient(
        scope,
        "Client",
        user_pool=pool,
        generate_secret=True,
        auth_flows=cognito.AuthFlow(user_srp=False),  # if none were named, Cognito would let some in
        o_auth=cognito.OAuthSettings(
            flows=cognito.OAuthFlows(authorization_code_grant=True),
            scopes=[cognito.OAuthScope.custom(name) for name in scope_of(scopes).split(" ")],
            callback_urls=[callback],
            logout_urls=[afterwards],
        ),
        supported_identity_providers=_check_providers(providers),
        prevent_user_existence_errors=True,
        enable_token_revocation=True,
        access_token_validity=_TOKEN_VALIDITY,
        id_token_validity=_TOKEN_VALIDITY,
        refresh_token_validity=_REFRESH_TOKEN_VALIDITY,
    )


def _secret_of(scope: Construct, client: cognito.UserPoolClient) -> secretsmanager.Secret:
    """The client's secret, which the deployment copies from Cognito. The template has a reference to it alone."""
    made = cast("cognito.CfnUserPoolClient", client.node.default_child)
    return secretsmanager.Secret(
        scope,
        "ClientSecret",
        description="Session store: the secret of the client of a user pool",
        secret_string_value=SecretValue.resource_attribute(made.attr_client_secret),
        removal_policy=RemovalPolicy.DESTROY,
    )


def _check_pool(scope: Construct, pool: cognito.IUserPool, domain: cognito.IUserPoolDomain) -> None:
    check_member("user_pool", pool, "user_pool_provider_name", _POOL)
    check_member("user_pool_domain", domain, "domain_name", _DOMAIN)
    of_another = getattr(domain.node.default_child, "user_pool_id", pool.user_pool_id)  # an imported one does not say
    own, other = Stack.of(scope).resolve([pool.user_pool_id, of_another])
    if own != other:
        raise InvalidInputError("user_pool_domain", "must be a domain of the user_pool")


def _check_providers(
    providers: Sequence[cognito.UserPoolClientIdentityProvider],
) -> list[cognito.UserPoolClientIdentityProvider]:
    if isinstance(providers, str) or not providers:
        raise InvalidInputError("identity_providers", f"must be {_PROVIDERS}", value=providers)
    return [check_member("identity_providers", each, "name", _PROVIDERS) for each in providers]
