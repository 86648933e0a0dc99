"""API Gateway in front of the user routes: chooses the route and makes the event (payload format 2.0)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from session_store.adapters.aws_lambda.metrics import Metrics
from session_store.api.user_dispatcher import UserDispatcher
from session_store.catalog.functions import Function
from session_store.catalog.route import Route
from session_store.catalog.routes import USER_FUNCTIONS, USER_ROUTES
from tests.support.reply import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store import SessionStore
    from session_store.catalog.functions import Function
    from session_store.catalog.route import Route
    from session_store.kernel.web_settings import UserRouteSettings


@dataclass
class UserGateway:
    """The routes on one store.

    Attributes:
        metrics: what the functions counted, as printed.
    """

    store: SessionStore
    settings: UserRouteSettings
    metrics: list[str] = field(default_factory=list)

    def send(self, method: str, url: str, headers: Mapping[str, str], body: str) -> Reply:
        """Deliver a request to the function that serves its route."""
        route, path_parameters = match(method, url)
        answer = self._dispatcher(route.function).handle(event(route, url, headers, body, path_parameters))
        json.dumps(answer)  # it has to be JSON for Lambda
        return Reply(
            answer["statusCode"],
            {name.lower(): value for name, value in answer["headers"].items()},
            tuple(answer.get("cookies", ())),
            answer.get("body", ""),
        )

    def _dispatcher(self, function: Function) -> UserDispatcher:
        assert function in USER_FUNCTIONS
        metrics = Metrics("sessions", write=self.metrics.append)
        return UserDispatcher(function, self.store, metrics, self.settings)


def event(
    route: Route, url: str, headers: Mapping[str, str], body: str, path_parameters: Mapping[str, str]
) -> dict[str, Any]:
    """What API Gateway makes of a request. It takes the cookies out of the headers."""
    made: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route.key,
        "headers": {name: value for name, value in headers.items() if name != "cookie"},
        "requestContext": {"requestId": "request-1", "http": {"method": route.method}},
        "isBase64Encoded": False,
    }
    if "cookie" in headers:
        made["cookies"] = headers["cookie"].split("; ")
    if path_parameters:
        made["pathParameters"] = dict(path_parameters)
    if query := dict(parse_qsl(url.partition("?")[2], keep_blank_values=True)):
        made["queryStringParameters"] = query
    return made | ({"body": body} if body else {})


def match(method: str, url: str) -> tuple[Route, dict[str, str]]:
    """The route and its parameters."""
    path = unquote(url.partition("?")[0])
    for route in USER_ROUTES:
        found = re.fullmatch(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", route.path), path)
        if found and route.method == method:
            return route, found.groupdict()
    raise LookupError(f"API Gateway answers 404 to {method} {path}")
