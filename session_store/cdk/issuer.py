"""An issuer of access tokens: keys, the functions that sign, and the documents for verifiers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from aws_cdk import Token
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk.aws_apigatewayv2_authorizers import HttpIamAuthorizer
from constructs import Construct

from session_store import checks
from session_store.catalog.access_tokens import (
    BACKEND_TOKEN_ROUTE,
    BY_KEY,
    DOCUMENT_ROUTES,
    SIGN,
    USER_TOKEN_ROUTE,
)
from session_store.catalog.functions import Function
from session_store.catalog.permissions import invoke_path
from session_store.cdk.checks import as_timedelta_or, check_function, check_grantee, check_http_api
from session_store.cdk.function import SessionFunction
from session_store.cdk.issuer_keys import signing_keys
from session_store.cdk.logical_ids import function_id
from session_store.cdk.origins import accept_origins, environment, known
from session_store.cdk.routes import OneOfEach, add_routes
from session_store.cdk.store_props import StoreProps
from session_store.cdk.takes import takes
from session_store.cdk.wheels import Libraries
from session_store.errors import InvalidInputError
from session_store.jwt.agreed import check_address
from session_store.jwt.settings import DEFAULT_TTL, IssuerSettings, KeyDocumentSettings
from session_store.kernel.web_settings import UserRouteSettings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta
    from typing import Unpack

    from aws_cdk import Duration
    from aws_cdk import aws_lambda as lambda_

    from session_store.cdk.grants import SessionTableGrants
    from session_store.cdk.issuer_keys import Key, SigningKey
    from session_store.settings import SessionSettings

# For the checks, in place of what only the deployment knows.
_ANY_ISSUER: Final = "https://localhost"
_ANY_KEY: Final = "arn:aws:kms:region:0:key/any"
_STAGE: Final = "$default"


@takes(StoreProps)
class SessionIssuer(Construct):
    """Makes short-lived JWTs from sessions, for services that cannot ask the store.

        issuer = SessionIssuer(stack, "Issuer", api=api, table=service.table, settings=service.settings,
                               audiences=["orders"], back_end=service.api.api)

    `POST /session/token` on the application's API answers the holder of a session's token, and
    `POST /sessions/{session_id}/token` on the service's API a back end. `/.well-known/openid-configuration` and
    `/.well-known/jwks.json` are for verifiers. A session that has ended stays usable until its tokens run out, so for
    `ttl`. Where an end must count at once, use `SessionAuthorizer`.

    KMS rotates no such key. Change the list in three deployments: add a key at its end; 2 hours later, when gateways
    have fetched it, make it the `signing_key`; when the last token of the old one has run out, remove that.

    Args:
        scope: the construct this one belongs to.
        construct_id: its id there.
        api: the application's HTTP API, which serves the users' route and the documents.
        table: the session table.
        settings: the rules of the table's sessions, `SessionService.settings`.
        audiences: the services that tokens may be for. Each token is for one. A request may leave it out where there is
            one.
        back_end: the HTTP API that serves the back ends' route, `SessionService.api.api`. None: there is no such route.
        keys: names of keys, for which keys are made in KMS (RSA_2048, for signatures alone), such keys, or `LocalKey`s.
            All are published.
        signing_key: the one of them that signs, by default the first.
        issuer: the issuer's name, which is the address of the documents without `/.well-known/...`. By default that of
            the API. Give your own domain's, because another name makes all tokens invalid.
        scopes: what every token allows. A request may ask for fewer. For scopes of each session use `connect`.
        data_keys: top-level keys of a session's data that become claims, as far as they are there.
        ttl: how long a token is good, 5 seconds to 1 hour, by default 5 minutes. It never outlasts its session.
        by_cookie: answer pages for their cookie, too. It hands the token to their scripts (ASVS V10.1.1).
        allowed_origins: with `by_cookie`, origins whose pages may ask, beside the API's own.
        prefix: the beginning of the users' route, as of the user routes.
        bundle_libraries: put cryptography into the functions that sign with a `LocalKey`. Else a layer has to have it.

    Attributes:
        api: the same.
        document_routes: the routes of the documents.
        functions: the functions by `Function`.
        issuer: the issuer's name, for verifiers.

    Raises:
        InvalidInputError: a prop is out of range or malformed. Also a ValueError.
        LibrariesUnavailableError: cryptography cannot be installed.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        api: apigateway.IHttpApi,
        table: SessionTableGrants,
        settings: SessionSettings,
        audiences: Sequence[str],
        back_end: apigateway.IHttpApi | None = None,
        keys: Sequence[Key] = ("first",),
        signing_key: Key | None = None,
        issuer: str | None = None,
        scopes: Sequence[str] = (),
        data_keys: Sequence[str] = (),
        ttl: Duration | timedelta | None = None,
        by_cookie: bool = False,
        allowed_origins: Sequence[str] = (),
        prefix: str | None = None,
        bundle_libraries: bool = True,
        **props: Unpack[StoreProps],
    ) -> None:
        super().__init__(scope, construct_id)
        self.api = check_http_api("api", api)
        self._back_end = None if back_end is None else check_http_api("back_end", back_end)
        self.issuer = api.api_endpoint if issuer is None else _check_issuer(issuer)
        every_key, self._signs = signing_keys(self, keys, signing_key)
        self._rules = IssuerSettings(
            issuer=_ANY_ISSUER,
            audiences=checks.check_names("audiences", audiences),
            scopes=checks.check_names("scopes", scopes),
            data_keys=checks.check_names("data_keys", data_keys),
            ttl=as_timedelta_or(DEFAULT_TTL, "ttl", ttl),
            key=_ANY_KEY,
            key_id=self._signs.kid,
            algorithm=self._signs.algorithm,
            by_cookie=by_cookie,
        )
        checks.check_flag("bundle_libraries", bundle_libraries)
        if self._signs.secret is not None and not bundle_libraries and not props.get("layers"):
            raise InvalidInputError("layers", "must have one with cryptography, which a LocalKey signs with")
        libraries = {Libraries.CRYPTOGRAPHY} if self._signs.secret is not None and bundle_libraries else ()
        variables = {
            Function.USER_MINT: self._environment() | _of_users(allowed_origins, prefix, by_cookie=by_cookie),
            Function.ISSUER: self._documents(every_key),
        }
        if back_end is not None:
            variables[Function.MINT] = self._environment()
        self.functions = {
            function: SessionFunction(
                self,
                function_id(function),
                table=table,
                function=function,
                settings=settings,
                environment=of_function,
                libraries=libraries if BY_KEY[function] == SIGN else (),
                **props,
            )
            for function, of_function in variables.items()
        }
        self._grant(every_key)
        self._add_routes(prefix or "")

    @property
    def audiences(self) -> tuple[str, ...]:
        """The services that tokens may be for."""
        return self._rules.audiences

    @property
    def algorithm(self) -> str:
        """The algorithm of the signatures, `RS256` or `ES256`."""
        return self._rules.algorithm

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow a back end to call `POST /sessions/{session_id}/token`.

        Raises:
            InvalidInputError: there is no such route, or nothing that it could be granted to. Also a ValueError.
        """
        if self._back_end is None:
            raise InvalidInputError("back_end", "must be given: there is no route for back ends")
        path = invoke_path(BACKEND_TOKEN_ROUTE)
        return iam.Grant.add_to_principal(
            grantee=check_grantee(grantee),
            actions=["execute-api:Invoke"],
            resource_arns=[self._back_end.arn_for_execute_api(BACKEND_TOKEN_ROUTE.method, path, _STAGE)],
        )

    def connect(self, function: lambda_.Function) -> None:
        """Let a function of your own mint: `session_store.jwt.Issuer.from_environment(scopes=...)` in its code.

        It adds environment variables, and the permission to sign. For a `LocalKey` the function's code needs
        `code_with_library(..., libraries={Libraries.CRYPTOGRAPHY})`.

        Raises:
            InvalidInputError: the argument is of another type. Also a ValueError.
        """
        for name, value in self._environment().items():
            check_function(function).add_environment(name, value)
        self._signs.grant_sign(function)

    def _environment(self) -> dict[str, str]:
        """The rules, with what only the deployment knows in place of what they were checked with."""
        known_later = {"issuer": self.issuer, "key": self._signs.arn}
        return self._rules.environment() | _named(IssuerSettings, known_later)

    def _documents(self, keys: Sequence[SigningKey]) -> dict[str, str]:
        rules = KeyDocumentSettings(issuer=_ANY_ISSUER, keys=("any",), algorithm=self.algorithm)
        known_later = {"keys": json.dumps([key.published for key in keys]), "issuer": self.issuer}
        return rules.environment() | _named(KeyDocumentSettings, known_later)

    def _grant(self, keys: Sequence[SigningKey]) -> None:
        """Signing for those that mint, with the one key alone. Reading the public keys for the other."""
        for function, made in self.functions.items():
            if BY_KEY[function] == SIGN:
                self._signs.grant_sign(made.function)
        for key in keys:
            key.grant_publish(self.functions[Function.ISSUER].function)

    def _add_routes(self, prefix: str) -> None:
        open_to_all = apigateway.HttpNoneAuthorizer()
        of_users = [USER_TOKEN_ROUTE.under(prefix)]
        add_routes(self, self.api, of_users, self.functions, open_to_all)
        self.document_routes = tuple(add_routes(self, self.api, DOCUMENT_ROUTES, self.functions, open_to_all).values())
        self.node.add_validation(OneOfEach(self, self.api))
        if self._back_end is not None:
            add_routes(self, self._back_end, [BACKEND_TOKEN_ROUTE], self.functions, HttpIamAuthorizer())
            self.node.add_validation(OneOfEach(self, self._back_end))


def _named(family: type[IssuerSettings | KeyDocumentSettings], values: dict[str, str]) -> dict[str, str]:
    """Texts of settings under the names of their environment variables."""
    kinds = family.kinds()
    return {kinds[name].variable: value for name, value in values.items()}


def _of_users(allowed_origins: Sequence[str], prefix: str | None, *, by_cookie: bool) -> dict[str, str]:
    """The rules of the users' route."""
    origins = accept_origins(allowed_origins)
    if origins and not by_cookie:
        raise InvalidInputError("allowed_origins", "must be empty without by_cookie=True: Bearer tokens need none")
    return environment(UserRouteSettings(allowed_origins=known(origins), prefix=prefix), origins)


def _check_issuer(issuer: str) -> str:
    """The functions check at their start what only the deployment knows."""
    if isinstance(issuer, str) and Token.is_unresolved(issuer):
        return issuer
    return check_address("issuer", issuer)
