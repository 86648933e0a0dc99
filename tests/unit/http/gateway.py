"""API Gateway as the functions see it: decodes the path, chooses the route, makes the event (payload format 2.0)."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from session_store.adapters.aws_lambda.metrics import Metrics
from session_store.api.dispatcher import Dispatcher
from session_store.catalog.routes import BACKEND_FUNCTIONS, BACKEND_ROUTES
from tests.support.openapi import check_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store import SessionStore
    from session_store.catalog.functions import Function
    from session_store.catalog.route import Route

JSON_HEADERS = {"content-type": "application/json"}


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text) if self.text else None


class Gateway:
    """Calls the functions that serve the routes, and holds every answer of theirs against the OpenAPI document."""

    def __init__(self, store: SessionStore) -> None:
        self.lines: list[str] = []
        metrics = Metrics("sessions", write=self.lines.append)
        self._dispatchers = {function: Dispatcher(function, store, metrics) for function in BACKEND_FUNCTIONS}

    def call(
        self,
        method: str,
        url: str,
        body: Any = None,
        *,
        text: str | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] = JSON_HEADERS,
    ) -> Reply:
        """Send a request with a body as JSON value, as text, or as bytes (delivered in base64)."""
        route, path_parameters = match(method, url)
        event = {
            "version": "2.0",
            "routeKey": route.key,
            "headers": dict(headers),
            "requestContext": {"requestId": "request-1", "http": {"method": method}},
            "isBase64Encoded": content is not None,
        }
        if path_parameters:
            event["pathParameters"] = path_parameters
        if query := parse_qs(url.partition("?")[2], keep_blank_values=True):
            event["queryStringParameters"] = {name: ",".join(values) for name, values in query.items()}
        if content is not None:
            event["body"] = base64.b64encode(content).decode()
        elif text is not None or body is not None:
            event["body"] = json.dumps(body) if text is None else text
        reply = self.send(route.function, event)
        check_answer(method, url, reply.status, reply.headers.get("Content-Type"), reply.json)
        return reply

    def send(self, function: Function, event: Mapping[str, Any]) -> Reply:
        """Hand an event to a function."""
        answer = self._dispatchers[function].handle(event)
        json.dumps(answer)  # it has to be JSON for Lambda
        return Reply(answer["statusCode"], answer["headers"], answer.get("body", ""))


def match(method: str, url: str) -> tuple[Route, dict[str, str]]:
    """The route and its parameters. The path is decoded before, all but `%25`, and cut where a `?` appears."""
    path = re.sub("(?i)%25", "%2525", url.partition("?")[0])
    path = unquote(path).partition("?")[0]
    for greedy in (False, True):
        for route in BACKEND_ROUTES:
            pattern = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", route.path)
            pattern = re.sub(r"{(\w+)\+}", r"(?P<\1>.+)", pattern)
            found = re.fullmatch(pattern, path, re.DOTALL)
            if found and route.method == method and ("+}" in route.path) == greedy:
                return route, found.groupdict()
    raise LookupError(f"API Gateway answers 404 to {method} {path}")
