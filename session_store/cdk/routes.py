"""Routes on an HTTP API, one for each row of a table of routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration

from session_store.cdk.logical_ids import route_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from constructs import Construct

    from session_store.catalog.functions import Function
    from session_store.catalog.route import Route
    from session_store.cdk.function import SessionFunction


def add_routes(
    scope: Construct,
    api: apigateway.IHttpApi,
    routes: Iterable[Route],
    functions: Mapping[Function, SessionFunction],
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
