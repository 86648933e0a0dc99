"""API Gateway as the functions see it: decodes the path, chooses the route, makes the event (payload format 2.0)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

from session_store import SessionStore
from session_store.adapters.aws_lambda.request_lines import RequestLines
from session_store.api.backend_dispatcher import BackendDispatcher
from session_store.api.user_dispatcher import UserDispatcher
from session_store.catalog.functions import Function
from session_store.catalog.permissions import EVERY_ROUTE
from session_store.catalog.route import Route
from session_store.catalog.routes import BACKEND_FUNCTIONS, BACKEND_ROUTES, USER_ROUTES, routes_of
from session_store.kernel.web_settings import UserRouteSettings
from tests.support.openapi import check_answer
from tests.support.reply import Reply

NO_SESSION = "018813f5-0000-7000-8000-000000000000"  # the id of no session
CALLER = "arn:aws:iam::123456789012:user/back-end"
JSON_HEADERS = {"content-type": "application/json"}


class Gateway:
    """The back-end routes on one store. Every answer is held against the OpenAPI document."""

    def __init__(self, store: SessionStore) -> None:
        self.lines: list[str] = []
        lines = RequestLines("sessions", write=self.lines.append)
        self._dispatchers = {function: BackendDispatcher(function, store, lines) for function in BACKEND_FUNCTIONS}

    def call(
        self,
        method: str,
        url: str,
        body: Any = None,
        *,
        text: str | bytes | None = None,
        headers: Mapping[str, str] = JSON_HEADERS,
        caller: str = CALLER,
    ) -> Reply:
        """Send a request with a body as JSON value, as text, or as bytes (delivered in base64)."""
        route, request = event_of(BACKEND_ROUTES, method, url, headers)
        request["requestContext"]["authorizer"] = {"iam": {"userArn": caller}}
        if isinstance(text, bytes):
            request |= {"body": base64.b64encode(text).decode(), "isBase64Encoded": True}
        elif text is not None or body is not None:
            request["body"] = json.dumps(body) if text is None else text
        reply = self.send(route.function, request)
        check_answer(method, url, reply.status, reply.headers.get("content-type"), reply.json)
        return reply

    def send(self, function: Function, event: Mapping[str, Any]) -> Reply:
        return _reply(self._dispatchers[function].handle(event))


@dataclass
class UserGateway:
    """The user routes on one store, and the lines that the functions wrote."""

    store: SessionStore
    settings: UserRouteSettings
    lines: list[str] = field(default_factory=list)

    def send(self, method: str, url: str, headers: Mapping[str, str], body: str) -> Reply:
        """Deliver a request to the function that serves its route. API Gateway takes the cookies out of the headers."""
        sent = dict(headers)
        cookies = {"cookies": sent.pop("cookie").split("; ")} if "cookie" in sent else {}
        routes = [route.under(self.settings.prefix or "") for route in USER_ROUTES]
        route, request = event_of(routes, method, url, sent)
        lines = RequestLines("sessions", write=self.lines.append)
        dispatcher = UserDispatcher(route.function, self.store, lines, self.settings)
        return _reply(dispatcher.handle(request | cookies | ({"body": body} if body else {})))


def match(routes: Iterable[Route], method: str, url: str) -> tuple[Route, dict[str, str]]:
    """The route and its parameters. The path is decoded before, all but `%25`, and cut where a `?` appears."""
    path = re.sub("(?i)%25", "%2525", url.partition("?")[0])
    path = unquote(path).partition("?")[0]
    for route in routes:
        found = re.fullmatch(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", route.path), path)
        if found and route.method == method:
            return route, found.groupdict()
    raise LookupError(f"API Gateway answers 404 to {method} {path}")


def event_of(
    routes: Iterable[Route], method: str, url: str, headers: Mapping[str, str]
) -> tuple[Route, dict[str, Any]]:
    """The route of a request, and its event without a body."""
    route, path_parameters = match(routes, method, url)
    event = {
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": unquote(url.partition("?")[0]),
        "rawQueryString": url.partition("?")[2],
        "headers": dict(headers),
        "requestContext": {"requestId": "request-1", "http": {"method": method}},
        "isBase64Encoded": False,
    }
    if path_parameters:
        event["pathParameters"] = path_parameters
    if query := parse_qs(url.partition("?")[2], keep_blank_values=True):
        event["queryStringParameters"] = {name: ",".join(values) for name, values in query.items()}
    return route, event


def requests_of(function: Function, token: str) -> list[dict[str, Any]]:
    """An event for each of a function's routes, or of API Gateway's question, with what has to be in it."""
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json", "if-match": "1"}
    fields = {"customer_id": "ABC", "token": token, "data": {}}
    events = [
        event_of([route], route.method, re.sub(r"{\w+}", NO_SESSION, route.path), headers)[1]
        | {"body": json.dumps({name: value for name, value in fields.items() if name in route.body})}
        for route in routes_of(function, EVERY_ROUTE)
    ]
    return events or [{"requestContext": {"http": {"method": "GET"}}, "headers": headers}]


def _reply(answer: dict[str, Any]) -> Reply:
    json.dumps(answer)  # it has to be JSON for Lambda
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")
    return Reply(answer["statusCode"], headers, tuple(answer.get("cookies", ())), answer.get("body", ""))
