"""An authorizer that lets live sessions through to any route of any HTTP API, and any method of any REST API."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol, cast

import jsii
from aws_cdk import Duration, Names
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk.aws_apigatewayv2_authorizers import HttpLambdaAuthorizer, HttpLambdaResponseType
from constructs import Construct

from session_store import checks
from session_store.catalog.access_patterns import VALIDATE_WITHOUT_DATA
from session_store.catalog.functions import Function
from session_store.cdk.checks import as_timedelta, as_timedelta_or, check_http_api, check_member
from session_store.cdk.function import SessionFunction
from session_store.cdk.origins import accept_origins, environment, known
from session_store.cdk.parts import without_unused
from session_store.cdk.store_props import StoreProps
from session_store.cdk.takes import takes
from session_store.errors import InvalidInputError
from session_store.kernel.authorizer_settings import AuthorizerSettings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from aws_cdk import aws_apigateway as rest

    from session_store.cdk.grants import SessionTableGrants
    from session_store.model import WebActivity
    from session_store.settings import SessionSettings

_MAX_CACHE_SECONDS: Final = 3600
# A cached answer is kept under the values of these, and a request that lacks one is refused without asking: so there
# is one that carries the token. The route key keeps an answer about one route from being used for another.
_CACHE_KEY: Final = ("$request.header.Authorization", "$context.routeKey")
# A REST API keeps a policy, which names one method and path.
_REST_CACHE_KEY: Final = ("method.request.header.Authorization", "context.httpMethod", "context.path")
_WHERE: Final = "goes onto routes of an HTTP API; for methods of a REST API take authorizer.for_rest_api(rest_api)"


class _OfRestApis(Protocol):
    """The members that a method of a REST API reads of its authorizer. Without them CDK would leave the method open.

    It stands for CDK's `aws_apigateway.IAuthorizer`, because importing that would cost each synthesis 0.3 s.
    """

    __jsii_type__: str = "aws-cdk-lib.aws_apigateway.IAuthorizer"

    @property
    @jsii.member(jsii_name="authorizerId")
    def authorizer_id(self) -> str: ...


@takes(StoreProps)
@jsii.implements(apigateway.IHttpRouteAuthorizer, _OfRestApis)
class SessionAuthorizer(Construct):
    """Lets requests with the token of a customer's live session through to the routes that it is attached to.

        authorizer = SessionAuthorizer(stack, "Authorizer", table=service.table, settings=service.settings)
        api.add_routes(path="/orders", integration=..., authorizer=authorizer)
        rest_api.root.add_method("GET", ..., authorizer=authorizer.for_rest_api(rest_api))
        HttpRoute(stack, "Orders", http_api=imported, ..., authorizer=authorizer.for_http_api(imported))

    The token comes in the cookie that the settings name (`__Host-session`) or as `Authorization: Bearer`. The header
    wins. With the cookie, requests that change state are let through only from the API's own pages or from
    `allowed_origins` (CSRF). The integration finds `session_id`, `customer_id` (missing for a visitor's session),
    `expires_at` (when the session ends without further activity, `2040-01-01T00:30:00Z`) and the chosen data (lists and
    objects as JSON text, nulls not at all) in `requestContext.authorizer.lambda`. A REST API
    passes all of it as text, in `requestContext.authorizer`. API Gateway answers a refused request with 403, and a
    fault of the store with 500. A WebSocket API is refused, because its messages carry no token and an ended session
    would stay connected.

    It reads sessions' data only with `context_data_keys`, `max_auth_age` or `required_acr`. Without them it gets
    nothing of `encryption` and `large_data`, and lets sessions through whose data cannot be read.

    It runs for every request, so an ended session is refused at once, everywhere. Unsigned requests reach it too, so
    throttle the API's stage, see `SessionUserRoutes`. It does not see responses. Therefore it rotates no token, even
    with a `rotation_interval`, and the integration has to keep its responses out of caches (`Cache-Control`).

    Args:
        scope: the construct this one belongs to.
        construct_id: its id there.
        table: the session table.
        settings: the rules of the table's sessions, `SessionService.settings`. The same for every function on one
            table, see `SessionSettings`.
        allowed_origins: origins whose pages may change state with the cookie, beside the API's own. The function checks
            at its start an origin that only the deployment knows
            (`f"https://{distribution.distribution_domain_name}"`).
        context_data_keys: top-level keys of the session's data to pass on. If the application decides anything by them,
            users must not be able to write them, see `SessionUserRoutes(data_keys=)`.
        strict: check each time that the customer's sessions have not all been ended, as `validate(strict=True)` does.
        activity: with `none` requests do not keep a session alive, for instance on routes that pages poll. See
            `SessionStore.validate`.
        bearer_only: ignore the cookie.
        cookie_only: ignore the header `Authorization`, where another system's tokens come in it.
        allow_anonymous: let visitors' sessions through, too, in which no customer is signed in.
        max_auth_age: refuse when the sign-in is older (step-up authentication), see `SessionStore.validate`. Give the
            routes that need it an authorizer of their own. On a 403 there the page sends its user to the step-up.
        required_acr: refuse unless the identity provider named this authentication context, or one of these.
        results_cache_ttl: how long API Gateway reuses a response for the same token and route, up to 1 hour, by default
            never. An ended session stays usable for this long, and its use does not keep it alive. Needs `bearer_only`,
            because a decision about a cookie depends on more than the cookie.

    Attributes:
        function: the function with its role and logs.

    Raises:
        InvalidInputError: a prop is out of range or malformed, or conflicts with another one. Also a ValueError.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        table: SessionTableGrants,
        settings: SessionSettings,
        allowed_origins: Sequence[str] = (),
        context_data_keys: Sequence[str] = (),
        strict: bool = False,
        activity: WebActivity = "recorded",
        bearer_only: bool = False,
        cookie_only: bool = False,
        allow_anonymous: bool = False,
        max_auth_age: Duration | timedelta | None = None,
        required_acr: str | Sequence[str] | None = None,
        results_cache_ttl: Duration | timedelta | None = None,
        **props: Unpack[StoreProps],
    ) -> None:
        super().__init__(scope, construct_id)
        self._cache_ttl = as_timedelta_or(timedelta(0), "results_cache_ttl", results_cache_ttl)
        _check_cache(self._cache_ttl, bearer_only=bearer_only, strict=strict, ages=max_auth_age is not None)
        origins = accept_origins(allowed_origins)
        rules = AuthorizerSettings(
            allowed_origins=known(origins),
            context_data_keys=checks.check_names("context_data_keys", context_data_keys),
            strict=strict,
            activity=activity,
            bearer_only=bearer_only,
            cookie_only=cookie_only,
            allow_anonymous=allow_anonymous,
            max_auth_age=None if max_auth_age is None else as_timedelta("max_auth_age", max_auth_age),
            required_acr=_acrs(required_acr),
        )
        if not rules.reads_data:
            props = cast("StoreProps", without_unused(props, (VALIDATE_WITHOUT_DATA,)))
        self.function = SessionFunction(
            self,
            "Function",
            table=table,
            function=Function.AUTHORIZER,
            settings=settings,
            environment=environment(rules, origins),
            **props,
        )
        self._of_apis: dict[str, HttpLambdaAuthorizer] = {}
        self._of_rest_apis: dict[str, rest.RequestAuthorizer] = {}

    def for_http_api(self, api: apigateway.IHttpApi) -> HttpLambdaAuthorizer:
        """The same for routes of an HTTP API that is imported, for instance by `HttpApi.from_http_api_attributes`.

        CDK for Python cannot attach the construct itself to such an API. `HttpRoute(authorizer=)` says that the type of
        the argument scope is wrong. On other HTTP APIs both are the same.

        Args:
            api: the HTTP API.

        Raises:
            InvalidInputError: it is none. Also a ValueError.
        """
        check_http_api("api", api)
        found = self._of_apis.get(api.node.addr)
        if found is None:
            found = self._of_apis[api.node.addr] = self._new_authorizer()
        return found

    def for_rest_api(self, api: rest.IRestApi) -> rest.RequestAuthorizer:
        """The same for methods of a REST API. Each API gets one authorizer resource, however many methods it has.

        Args:
            api: the REST API, in the stack of this construct.

        Raises:
            InvalidInputError: it is none. Also a ValueError.
        """
        from aws_cdk import aws_apigateway as rest  # noqa: PLC0415 - only apps with a REST API are to wait for it

        check_member("api", api, "rest_api_id", "an aws_apigateway.RestApi")
        found = self._of_rest_apis.get(api.node.addr)
        if found is None:
            found = self._of_rest_apis[api.node.addr] = rest.RequestAuthorizer(
                cast("Construct", api),
                Names.node_unique_id(self.node),
                handler=self.function.invoked,
                authorizer_name=self.node.id,
                identity_sources=list(_REST_CACHE_KEY) if self._cache_ttl else [],
                results_cache_ttl=Duration.seconds(self._cache_ttl.total_seconds()),
            )
        return found

    @property
    def authorizer_id(self) -> str:
        """There is none. CDK asks for it where this construct itself is given to a method of a REST API.

        Raises:
            InvalidInputError: always. Also a ValueError.
        """
        raise InvalidInputError("authorizer", _WHERE)

    def bind(self, *, route: apigateway.IHttpRoute, scope: Construct) -> apigateway.HttpRouteAuthorizerConfig:
        """Attach to a route. CDK calls this. Each API gets one authorizer resource, however many routes it has.

        Raises:
            InvalidInputError: the route is a WebSocket API's. Also a ValueError.
        """
        try:
            api = route.http_api
            api.node  # noqa: B018 - where there is none, it is asking that fails
        except RuntimeError:  # jsii's
            raise InvalidInputError("authorizer", _WHERE) from None
        return self.for_http_api(api).bind(route=route, scope=scope)

    def _new_authorizer(self) -> HttpLambdaAuthorizer:
        return HttpLambdaAuthorizer(
            Names.node_unique_id(self.node),
            self.function.invoked,
            authorizer_name=self.node.id,
            identity_source=list(_CACHE_KEY) if self._cache_ttl else [],
            response_types=[HttpLambdaResponseType.SIMPLE],
            results_cache_ttl=Duration.seconds(self._cache_ttl.total_seconds()),
        )


def _acrs(value: str | Sequence[str] | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    return (value,) if isinstance(value, str) else checks.check_names("required_acr", value)


def _check_cache(ttl: timedelta, *, bearer_only: bool, strict: bool, ages: bool) -> None:
    seconds = ttl.total_seconds()
    if not 0 <= seconds <= _MAX_CACHE_SECONDS or seconds != int(seconds):
        raise InvalidInputError("results_cache_ttl", f"must be 0 to {_MAX_CACHE_SECONDS} whole seconds", value=seconds)
    if seconds and not bearer_only:
        problem = "must be 0 where cookies are accepted; for Bearer tokens alone say bearer_only=True"
        raise InvalidInputError("results_cache_ttl", problem, value=seconds)
    for rule, given in (("strict=True", strict), ("max_auth_age", ages)):
        if seconds and given:
            raise InvalidInputError("results_cache_ttl", f"must be 0 with {rule}, which asks each time", value=seconds)
