"""The routes of a sign-in with an identity provider, on the application's own HTTP API."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

import jsii
from aws_cdk import RemovalPolicy
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct, IValidation

from session_store import checks
from session_store.catalog.functions import Function
from session_store.catalog.permissions import patterns_of, permissions_of
from session_store.catalog.sign_in import (
    CALLBACK_ROUTE,
    FORM_CALLBACK_ROUTE,
    LOGIN_ROUTE,
    LOGOUT_ROUTE,
    PROVIDER_LOGOUT_ROUTE,
)
from session_store.cdk.checks import as_timedelta_or, check_function, check_http_api, check_type
from session_store.cdk.function import SessionFunction
from session_store.cdk.grants import check_table
from session_store.cdk.later import is_known
from session_store.cdk.logical_ids import function_id
from session_store.cdk.oidc_rules import checked_rules
from session_store.cdk.parts import parts_in
from session_store.cdk.routes import OneOfEach, add_routes
from session_store.cdk.secrets import check_secret, grant_read
from session_store.cdk.store_props import StoreProps
from session_store.cdk.takes import filled, takes
from session_store.cdk.wheels import Libraries
from session_store.errors import InvalidInputError
from session_store.oidc.arguments import DEFAULT_LEEWAY, DEFAULT_LOGOUT_TOKEN_LIFE, DEFAULT_PREFIX
from session_store.oidc.provider_settings import ProviderSettings
from session_store.settings import REQUEST_LINES, SessionSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Literal, Unpack

    from aws_cdk import Duration
    from aws_cdk import aws_lambda as lambda_

    from session_store.cdk.grants import SessionTableGrants
    from session_store.cdk.routes import Invoked
    from session_store.model import Timeouts
    from session_store.oidc.step_up import StepUp

# Metadata, keys, code and secret can take 3 seconds each, and the table 4.
_TIMEOUT: Final = timedelta(seconds=20)
_COOKIE_SECRET_CHARACTERS: Final = 64
_SETTINGS: Final = "service.settings or SessionSettings(...)"


class _Own(NamedTuple):
    """A function of the application's that serves the routes."""

    invoked: lambda_.IFunction


@takes(StoreProps)
class OidcRoutes(Construct):
    """Sign-in with a provider of OpenID Connect: `GET /auth/login`, `GET /auth/callback`, `POST /auth/logout`.

        OidcRoutes(stack, "Google", api=api, table=service.table, settings=service.settings,
                   issuer="https://accounts.google.com", client_id="1234.apps.googleusercontent.com",
                   client_secret=Secret.from_secret_name_v2(stack, "Client", "oidc/google"), customer_prefix="google:")

    On the application's API, because the `__Host-` cookie belongs to one host. Limit their rate on its stage. For
    another provider add another one with another `prefix`.

    Args:
        scope: the construct this one belongs to.
        construct_id: its id there.
        api: the application's HTTP API.
        table: the session table.
        settings: the rules of the table's sessions, `SessionService.settings`.
        issuer: the provider, as it names itself.
        client_id: the application, as the provider knows it.
        customer_prefix: what customer ids begin with, for instance `google:`. Another one for each issuer.
        client_secret: holds the client's secret. None for a public client. With Apple's ids it holds Apple's key.
        client_secret_key: where that is one of several in a JSON object.
        cookie_secret: holds a text that seals the cookies of attempts. By default the client's secret does. For a
            public client one is made.
        cookie_secret_key: where that is one of several in a JSON object.
        apple_team_id: of the account at Apple. The client's secret is then a JWT that Apple's key signs.
        apple_key_id: of that key.
        redirect_uri: the callback's address, exactly as it is registered. By default on the API's own address.
        scopes: what the application needs. `openid` is always among them.
        algorithm: of the provider's tokens, the only one that is accepted: `RS256` or `ES256`.
        response_mode: `form_post` for Apple, which posts its answer where a name or an e-mail address is asked for.
        step_ups: what `/auth/login?step_up=NAME` asks for, by name.
        sign_in_counts: whether the sign-in counts as an authentication where the provider does not send `auth_time`.
            Otherwise each `max_auth_age` refuses it.
        authorization_parameters: further parameters of each authorization request, for instance `prompt`.
        post_logout_redirect_uri: where the provider sends the browser after signing out, as it is registered.
        logout: `cognito` for Cognito's own form of the logout address.
        after_logout: the path for a browser that the provider does not sign out.
        logout_token_life: the longest life of a logout token, 1 second to 1 hour, by default 2 minutes.
        leeway: how far the clocks may be apart, at most 5 minutes, by default 30 seconds.
        discovery_url: where the metadata is, if not below the issuer. On this machine (localhost) only.
        carry_data: whether the new session starts from the data of the one before.
        kept_claims: claims of the ID token that become keys of the session's data. A missing one is None.
        timeouts: of the new session, in place of the table's.
        ends_with_browser: whether browsers forget the session's cookie when they are closed.
        prefix: what the paths begin with.
        backchannel_logout: add `POST /auth/backchannel-logout`, by which the provider ends sessions. It has a function
            of its own, without the client's secret.
        function: one of your own that serves the sign-in, for an `on_sign_in`: its handler is
            `sign_in_handler_from_environment(on_sign_in=...)`. It gets the variables and permissions for that.
        bundle_libraries: put PyJWT and cryptography into the construct's own functions. Else a layer has to have them.

    A function may take 20 seconds, unless `timeout` says otherwise.

    Attributes:
        functions: the construct's own functions by `Function`.
        routes: the routes by operation id, for instance `routes["signInWithProvider"]`.
        redirect_uri: the callback's address.
        cookie_secret: holds what seals the cookies.

    Raises:
        InvalidInputError: a prop is missing, out of range or malformed. Also a ValueError.
        LibrariesUnavailableError: the libraries cannot be installed.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        api: apigateway.IHttpApi,
        table: SessionTableGrants,
        settings: SessionSettings,
        issuer: str,
        client_id: str,
        customer_prefix: str,
        client_secret: secretsmanager.ISecret | None = None,
        client_secret_key: str | None = None,
        cookie_secret: secretsmanager.ISecret | None = None,
        cookie_secret_key: str | None = None,
        apple_team_id: str | None = None,
        apple_key_id: str | None = None,
        redirect_uri: str | None = None,
        scopes: Sequence[str] = ("openid",),
        algorithm: Literal["RS256", "ES256"] = "RS256",
        response_mode: Literal["query", "form_post"] = "query",
        step_ups: Mapping[str, StepUp] | None = None,
        sign_in_counts: bool = False,
        authorization_parameters: Mapping[str, str] | None = None,
        post_logout_redirect_uri: str | None = None,
        logout: Literal["standard", "cognito"] = "standard",
        after_logout: str = "/",
        logout_token_life: Duration | timedelta | None = None,
        leeway: Duration | timedelta | None = None,
        discovery_url: str | None = None,
        carry_data: bool = False,
        kept_claims: Sequence[str] = (),
        timeouts: Timeouts | None = None,
        ends_with_browser: bool = False,
        prefix: str = DEFAULT_PREFIX,
        backchannel_logout: bool = False,
        function: lambda_.Function | None = None,
        bundle_libraries: bool = True,
        **props: Unpack[StoreProps],
    ) -> None:
        super().__init__(scope, construct_id)
        check_http_api("api", api)
        self.table = check_table(table)
        self._secrets = _given_secrets(client_secret=client_secret, cookie_secret=cookie_secret)
        if not self._secrets:
            _check_no_key(cookie_secret_key)
            self._secrets["cookie_secret"] = _new_cookie_secret(self)
        self.cookie_secret = self._secrets.get("cookie_secret") or self._secrets["client_secret"]
        self.redirect_uri = redirect_uri_of(api, prefix, redirect_uri)
        self.issuer, self.customer_prefix = issuer, customer_prefix
        lives = None if timeouts is None else checks.check_timeouts(timeouts)
        self._rules = checked_rules(
            issuer=issuer,
            client_id=client_id,
            customer_prefix=customer_prefix,
            **{name: secret.secret_arn for name, secret in self._secrets.items()},
            client_secret_key=client_secret_key,
            cookie_secret_key=cookie_secret_key,
            apple_team_id=apple_team_id,
            apple_key_id=apple_key_id,
            redirect_uri=self.redirect_uri,
            scopes=checks.check_names("scopes", scopes),
            algorithm=algorithm,
            response_mode=response_mode,
            step_ups=step_ups,
            sign_in_counts=sign_in_counts,
            authorization_parameters=authorization_parameters,
            post_logout_redirect_uri=post_logout_redirect_uri,
            logout=logout,
            after_logout=after_logout,
            logout_token_life=as_timedelta_or(DEFAULT_LOGOUT_TOKEN_LIFE, "logout_token_life", logout_token_life),
            leeway=as_timedelta_or(DEFAULT_LEEWAY, "leeway", leeway),
            discovery_url=discovery_url,
            carry_data=carry_data,
            kept_claims=checks.check_names("kept_claims", kept_claims),
            idle_timeout=lives and lives.idle,
            absolute_timeout=lives and lives.absolute,
            ends_with_browser=ends_with_browser,
            prefix=prefix,
        )
        variables = {} if function is not None else {Function.SIGN_IN: self._rules.environment()}
        if checks.check_flag("backchannel_logout", backchannel_logout):
            variables[Function.PROVIDER_LOGOUT] = self._rules.environment(ProviderSettings)
        checks.check_flag("bundle_libraries", bundle_libraries)
        with_timeout: StoreProps = {"timeout": _TIMEOUT, **props}
        self.functions = {
            each: SessionFunction(
                self,
                function_id(each),
                table=table,
                function=each,
                settings=settings,
                environment={**of_function, REQUEST_LINES: "true"},
                libraries={Libraries.JWT} if bundle_libraries else (),
                **with_timeout,
            )
            for each, of_function in variables.items()
        }
        if Function.SIGN_IN in self.functions:
            self._grant_secrets(self.functions[Function.SIGN_IN].function)
        serving: dict[Function, Invoked] = {**self.functions}
        if function is not None:
            serving[Function.SIGN_IN] = self._serves(function, settings, filled(StoreProps, with_timeout))
        self._add_routes(api, serving)

    def connect(self, function: lambda_.Function) -> None:
        """Let a function of your own use the sign-in: `OidcSignIn.from_environment()` in its code.

        It adds environment variables, and the permission to read the secrets.

        Raises:
            InvalidInputError: the argument is of another type. Also a ValueError.
        """
        for name, value in self._rules.environment().items():
            check_function(function).add_environment(name, value)
        self._grant_secrets(function)

    def _serves(self, function: lambda_.Function, settings: SessionSettings, props: StoreProps) -> _Own:
        """Give a function of the application's all that the construct's own one gets."""
        self.connect(function)
        self.table.connect(function, check_type("settings", settings, SessionSettings, _SETTINGS), request_lines=True)
        has_limit = settings.max_sessions_per_customer is not None
        self.table.grant_permissions(function, permissions_of(Function.SIGN_IN, session_limit=has_limit))
        patterns = patterns_of(Function.SIGN_IN, session_limit=has_limit)
        for part in parts_in(props, patterns):
            part.give(function, self.table, patterns)
        return _Own(function)

    def _grant_secrets(self, function: lambda_.Function) -> None:
        for name, secret in self._secrets.items():
            grant_read(function, name, secret)

    def _add_routes(self, api: apigateway.IHttpApi, functions: Mapping[Function, Invoked]) -> None:
        by_form = self._rules.settings.response_mode == "form_post"
        served = [LOGIN_ROUTE, FORM_CALLBACK_ROUTE if by_form else CALLBACK_ROUTE, LOGOUT_ROUTE]
        if Function.PROVIDER_LOGOUT in functions:
            served.append(PROVIDER_LOGOUT_ROUTE)
        routes = [route.under(self._rules.settings.prefix) for route in served]
        self.routes = add_routes(self, api, routes, functions, apigateway.HttpNoneAuthorizer())
        self.node.add_validation(OneOfEach(self, api))
        self.node.add_validation(_OneIssuer(self))


@jsii.implements(IValidation)
class _OneIssuer:
    """Checks, when the app is synthesized, that no two issuers of a table have one prefix of customers."""

    def __init__(self, routes: OidcRoutes) -> None:
        self._routes = routes

    def validate(self) -> list[str]:
        """The errors that CDK shows at synthesis: one sentence for each of the others."""
        mine = self._routes
        return [
            f"customer_prefix {mine.customer_prefix} is of another issuer at {other.node.path}, too: "
            "two users with the same sub would be one customer"
            for other in mine.node.root.node.find_all()
            if isinstance(other, OidcRoutes)
            and other.issuer != mine.issuer
            and other.customer_prefix == mine.customer_prefix
            and other.table.table.table_arn == mine.table.table.table_arn
        ]


def _given_secrets(**secrets: secretsmanager.ISecret | None) -> dict[str, secretsmanager.ISecret]:
    return {name: check_secret(name, secret) for name, secret in secrets.items() if secret is not None}


def _check_no_key(cookie_secret_key: str | None) -> None:
    if cookie_secret_key is not None:  # the secret that is made holds no JSON
        raise InvalidInputError("cookie_secret", "must be given with cookie_secret_key")


def _new_cookie_secret(scope: Construct) -> secretsmanager.Secret:
    """A text that no person knows. With another one, the attempts of ten minutes have to be begun again."""
    return secretsmanager.Secret(
        scope,
        "CookieSecret",
        description="Session store: seals the cookies of sign-ins with a provider",
        generate_secret_string=secretsmanager.SecretStringGenerator(
            password_length=_COOKIE_SECRET_CHARACTERS, exclude_punctuation=True
        ),
        removal_policy=RemovalPolicy.DESTROY,
    )


def redirect_uri_of(api: apigateway.IHttpApi, prefix: str, given: str | None) -> str:
    """The callback's address: on the API's own, unless another one is given.

    Raises:
        InvalidInputError: it does not end as the route does, or the API does not know its address.
    """
    path = f"{prefix}{CALLBACK_ROUTE.path}"
    if given is not None:
        if isinstance(given, str) and is_known(given) and not given.endswith(path):
            raise InvalidInputError("redirect_uri", f"must end with {path}, as the route does", value=given)
        return given
    try:
        return f"{api.api_endpoint}{path}"
    except RuntimeError:  # jsii's: it is imported by its id alone
        raise InvalidInputError("redirect_uri", "must be given for an API that is imported by its id") from None
