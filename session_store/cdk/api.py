"""The HTTP API in front of the functions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, cast

from aws_cdk import Names
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk.aws_apigatewayv2_authorizers import HttpIamAuthorizer
from constructs import Construct

from session_store.catalog.permissions import invoke_path
from session_store.catalog.routes import BACKEND_ROUTES
from session_store.cdk.checks import check_grantee, check_type
from session_store.cdk.function import SessionFunction
from session_store.cdk.log_group import new_log_group
from session_store.cdk.props import ApiProps
from session_store.cdk.routes import add_routes
from session_store.cdk.takes import filled, takes
from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Unpack

    from session_store.catalog.functions import Function
    from session_store.catalog.route import Route

_MAX_NAME_LENGTH: Final = 128
_STAGE: Final = "$default"
# The route's key instead of the path: paths hold customer ids, which may be e-mail addresses. No headers, no query.
_ACCESS_LOG: Final = {
    "requestId": "$context.requestId",
    "requestTime": "$context.requestTime",
    "routeKey": "$context.routeKey",
    "status": "$context.status",
    "responseLength": "$context.responseLength",
    "responseLatency": "$context.responseLatency",
    "integrationLatency": "$context.integrationLatency",
    "integrationError": "$context.integrationErrorMessage",
    "caller": "$context.identity.userArn",
    "sourceIp": "$context.identity.sourceIp",
}


@takes(ApiProps)
class SessionApi(Construct):
    """An HTTP API with the service's routes, each open only to signed requests of principals that IAM allows.

    Args:
        scope: the construct this one belongs to.
        construct_id: its id there.
        functions: the function behind each group of routes.

    Attributes:
        api: the HTTP API.
        log_group: the access log, JSON lines.
        routes: the routes by operation id, for instance `routes["getSession"]`.
        stage: its only stage, `$default`.

    Raises:
        InvalidInputError: a limit is no positive whole number, or a function is missing. Also a ValueError.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        functions: Mapping[Function, SessionFunction],
        **props: Unpack[ApiProps],
    ) -> None:
        super().__init__(scope, construct_id)
        of_api = filled(ApiProps, props)
        _check_functions(functions)
        self.api = apigateway.HttpApi(
            self,
            "Resource",
            api_name=Names.unique_resource_name(self, max_length=_MAX_NAME_LENGTH, separator="-"),
            create_default_stage=False,
        )
        self.routes = add_routes(self, self.api, BACKEND_ROUTES, functions, HttpIamAuthorizer())
        self.log_group = new_log_group(self, "AccessLog", of_api)
        self.stage = apigateway.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(
                rate_limit=of_api["throttling_rate_limit"], burst_limit=of_api["throttling_burst_limit"]
            ),
        )
        self._log_access()

    @property
    def url(self) -> str:
        """The API's base URL, with a slash at the end."""
        return self.stage.url

    def grant_invoke(self, grantee: iam.IGrantable, *routes: Route | str) -> iam.Grant:
        """Allow a back end to call routes of the API. Without any, all of them.

        A grant of single routes allows these and no others, with one exception: `eraseCustomer` also allows
        `endCustomerSessions`, because a policy cannot say where a customer id ends (erasing ends the sessions as
        well). With a granted route that names a session, a malformed id is answered 403 instead of 400. No policy holds
        a caller to single customers. IAM judges a path as it was sent, before API Gateway decodes it.

        Args:
            grantee: who calls, with requests signed by SigV4.
            routes: of `session_store.cdk.BACKEND_ROUTES`, or their operation ids, for instance `"getSession"`.

        Raises:
            InvalidInputError: one is not a route of the API, or there is nothing that it could be granted to. Also a
                ValueError.
        """
        check_grantee(grantee)
        rows = [_row(route) for route in routes]
        return iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["execute-api:Invoke"],
            resource_arns=[self._arn(route) for route in rows] or [self.api.arn_for_execute_api()],
        )

    def _arn(self, route: Route) -> str:
        # Not `HttpRoute.route_arn`: it cuts a path off at its first parameter.
        # And with the stage's name: a `*` for it would go on into the path, up to a customer id with a method in it.
        return self.api.arn_for_execute_api(route.method, invoke_path(route), _STAGE)

    def _log_access(self) -> None:
        resource = cast("apigateway.CfnStage", self.stage.node.default_child)
        resource.access_log_settings = apigateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=self.log_group.log_group_arn, format=json.dumps(_ACCESS_LOG)
        )


def _row(route: Route | str) -> Route:
    for row in BACKEND_ROUTES:
        if route in (row, row.operation_id):
            return row
    problem = "must be of session_store.cdk.BACKEND_ROUTES, or an operation id like getSession"
    raise InvalidInputError("routes", problem, value=route)


def _check_functions(functions: Mapping[Function, SessionFunction]) -> None:
    for function in functions.values():
        check_type("functions", function, SessionFunction, "SessionFunctions by Function")
    if missing := sorted({route.function.value for route in BACKEND_ROUTES} - set(functions)):
        raise InvalidInputError("functions", f"must serve every route, missing are {', '.join(missing)}")
