"""The user routes on the application's own HTTP API."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as apigateway
from constructs import Construct

from session_store import checks
from session_store.catalog.routes import USER_FUNCTIONS, USER_ROUTES
from session_store.cdk.checks import as_timedelta_or, check_http_api
from session_store.cdk.function import SessionFunction
from session_store.cdk.logical_ids import function_id
from session_store.cdk.origins import accept_origins, environment, known
from session_store.cdk.routes import OneOfEach, add_routes
from session_store.cdk.store_props import StoreProps
from session_store.cdk.takes import takes
from session_store.kernel.web_settings import (
    DEFAULT_MAX_AUTH_AGE,
    DEFAULT_MAX_DATA_BYTES,
    UserRouteSettings,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from session_store.cdk.grants import SessionTableGrants
    from session_store.settings import SessionSettings

_REQUEST_HEADERS: Final = ("authorization", "content-type", "if-match", "session-binding")
_ANSWER_HEADERS: Final = ("etag", "retry-after", "www-authenticate")
_PREFLIGHT_MAX_AGE: Final = timedelta(hours=2)  # what browsers keep it for at most


@takes(StoreProps)
class SessionUserRoutes(Construct):
    """Routes by which end users see, change and end their own sessions, on the application's own HTTP API.

    On the application's API and not on one of their own, because the `__Host-` cookie belongs to one host. API Gateway
    lets every request through. Each function requires a live session's token, in the cookie that the settings name
    (`__Host-session`) or as `Authorization: Bearer` (the header wins). The API's default authorizer does not apply to
    them.

    Limit their rate on the API's stage, which is yours. CDK's default stage has no limit but the account's. Use
    `HttpApi(create_default_stage=False)` and `api.add_stage(..., throttle=ThrottleSettings(...))`. A malformed token
    costs no read, a well-formed unknown one costs one.

    `GET`, `PATCH` and `DELETE /session`, `PUT /session/data`, `POST /session/rotate`, `GET` and `DELETE /me/sessions`,
    `DELETE /me/sessions/{session_id}`. Signing in is the application's part: `create_session`, and the cookie.

    Args:
        scope: the construct this one belongs to.
        construct_id: its id there.
        api: the application's HTTP API. For pages on other origins create it with `cors_preflight`.
        table: the session table.
        settings: the rules of the table's sessions, `SessionService.settings`. The same for every function on one
            table, see `SessionSettings`.
        allowed_origins: origins whose pages may change state with the cookie, beside the API's own. The function checks
            at its start an origin that only the deployment knows
            (`f"https://{distribution.distribution_domain_name}"`).
        max_auth_age: how old a sign-in may be to end other sessions, by default 15 minutes, at most 400 days.
        data_keys: the top-level keys of a session's data that its user sees and changes, for instance `["ui"]`, by
            default none. The user can put anything under them, so decide nothing by them: no role, no price, and none
            of the `SessionAuthorizer`'s `context_data_keys`. For page state that changes its form, name one key and
            keep an object under it. All other keys are the back end's.
        max_data_bytes: how much the user may keep under these keys, as compact JSON text in UTF-8, 1,024 to 409,600
            bytes, by default 16,384. Every validation of the session reads all of it. More is answered 413, also when
            many requests arrive at once. Data that is larger already stays, but a merge may not add to it. A body of
            more than six times this plus 16 KB is refused by its length, because no escaping makes the data that long.
        cookie_only: ignore the header `Authorization`, where another system's tokens come in it.
        prefix: the beginning of the routes' paths. `/api` makes `GET /api/session`. Synthesis fails if the application
            has the same route already.

    Attributes:
        functions: the functions by `Function`.
        routes: the routes by operation id, for instance `routes["signOut"]`.

    Raises:
        InvalidInputError: a prop is out of range or malformed. Also a ValueError.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        api: apigateway.IHttpApi,
        table: SessionTableGrants,
        settings: SessionSettings,
        allowed_origins: Sequence[str] = (),
        max_auth_age: Duration | timedelta | None = None,
        data_keys: Sequence[str] = (),
        max_data_bytes: int = DEFAULT_MAX_DATA_BYTES,
        cookie_only: bool = False,
        prefix: str | None = None,
        **props: Unpack[StoreProps],
    ) -> None:
        super().__init__(scope, construct_id)
        check_http_api("api", api)
        origins = accept_origins(allowed_origins)
        rules = UserRouteSettings(
            allowed_origins=known(origins),
            max_auth_age=as_timedelta_or(DEFAULT_MAX_AUTH_AGE, "max_auth_age", max_auth_age),
            data_keys=checks.check_names("data_keys", data_keys),
            max_data_bytes=max_data_bytes,
            cookie_only=cookie_only,
            prefix=prefix,
        )
        self.functions = {
            function: SessionFunction(
                self,
                function_id(function),
                table=table,
                function=function,
                settings=settings,
                environment=environment(rules, origins),
                **props,
            )
            for function in USER_FUNCTIONS
        }
        routes = [route.under(prefix or "") for route in USER_ROUTES]
        self.routes = add_routes(self, api, routes, self.functions, apigateway.HttpNoneAuthorizer())
        self.node.add_validation(OneOfEach(self, api))

    @staticmethod
    def cors_preflight(
        allowed_origins: Sequence[str], *, further_headers: Sequence[str] = ()
    ) -> apigateway.CorsPreflightOptions:
        """Credentialed CORS for pages on other origins: `HttpApi(cors_preflight=...)`. CORS belongs to the whole API.

        Give the same origins to the routes as `allowed_origins`. The cookie is `SameSite=Lax`, so that pages of other
        sites than the API's own (not: other origins of the same site) need Bearer tokens.

        Args:
            allowed_origins: origins like `https://app.example.com`. A wildcard is refused.
            further_headers: request headers that the application's own routes need.

        Raises:
            InvalidInputError: malformed. Also a ValueError.
        """
        return apigateway.CorsPreflightOptions(
            allow_credentials=True,
            allow_origins=list(accept_origins(allowed_origins)),
            allow_methods=[apigateway.CorsHttpMethod[name] for name in ("GET", "POST", "PUT", "PATCH", "DELETE")],
            allow_headers=[*_REQUEST_HEADERS, *checks.check_names("further_headers", further_headers)],
            expose_headers=list(_ANSWER_HEADERS),
            max_age=Duration.seconds(int(_PREFLIGHT_MAX_AGE.total_seconds())),
        )
