"""Routes on an HTTP API, one for each row of a table of routes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

import jsii
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import IConstruct, IValidation

from session_store.cdk.logical_ids import route_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aws_cdk import aws_lambda as lambda_
    from constructs import Construct

    from session_store.catalog.functions import Function
    from session_store.catalog.route import Route


class Invoked(Protocol):
    """The function behind a route: one of ours, or one of the application's."""

    @property
    def invoked(self) -> lambda_.IFunction:
        """The one that API Gateway calls."""


@jsii.implements(IValidation)
class OneOfEach:
    """Checks, when the app is synthesized, that the routes in a construct are on their API once.

    API Gateway would refuse the second one, in the middle of a deployment. Routes that no app makes are not seen.

    Args:
        scope: the construct with the routes.
        api: their API.
    """

    def __init__(self, scope: Construct, api: apigateway.IHttpApi) -> None:
        self._scope = scope
        self._api = api

    def validate(self) -> list[str]:
        """The errors that CDK shows at synthesis: one sentence for each route that exists twice."""
        own = {_without_names(route): route for route in _routes_in(self._scope)}
        places = {route.node.path for route in own.values()}
        return [
            f"the route {route.route_key} is made at {route.node.path}, too: give one of them another path (prefix=)"
            for route in _routes_in(self._scope.node.root)
            if _without_names(route) in own and route.node.path not in places and route.api_id == self._api.api_id
        ]


def add_routes(
    scope: Construct,
    api: apigateway.IHttpApi,
    routes: Iterable[Route],
    functions: Mapping[Function, Invoked],
    authorizer: apigateway.IHttpRouteAuthorizer,
) -> dict[str, apigateway.HttpRoute]:
    """Add routes to an API.

    Args:
        scope: the construct that they belong to.
        api: the API.
        routes: their rows.
        functions: the function behind each of them.
        authorizer: says who may call them.

    Returns:
        The routes by operation id.
    """
    integrations = {key: HttpLambdaIntegration("Function", value.invoked) for key, value in functions.items()}
    return {
        route.operation_id: apigateway.HttpRoute(
            scope,
            route_id(route),
            http_api=api,
            route_key=apigateway.HttpRouteKey.with_(route.path, apigateway.HttpMethod[route.method]),
            integration=integrations[route.function],
            authorizer=authorizer,
        )
        for route in routes
    }


def _routes_in(scope: IConstruct) -> list[apigateway.CfnRoute]:
    return [found for found in scope.node.find_all() if isinstance(found, apigateway.CfnRoute)]


def _without_names(route: apigateway.CfnRoute) -> str:
    """A route's key. API Gateway does not tell `/orders/{id}` from `/orders/{order}`."""
    return re.sub(r"{\w+}", "{}", route.route_key)
