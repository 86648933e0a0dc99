"""From an event of API Gateway to an answer: finds the route, reads the request, maps results and errors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Self

from session_store import checks, tokens
from session_store.adapters.aws_lambda import environment
from session_store.adapters.aws_lambda.request_lines import RequestLine
from session_store.adapters.aws_lambda.results import render
from session_store.api.call import Call
from session_store.api.json_body import MAX_BODY_BYTES, read_fields, read_object
from session_store.api.paths import read_path
from session_store.catalog.route import IDEMPOTENCY_KEY
from session_store.catalog.routes import ROUTES, routes_of
from session_store.errors import InvalidInputError, SessionStoreError
from session_store.kernel.problems import INTERNAL_ERROR, MethodNotAllowedError, RouteNotFoundError, problem_answer
from session_store.log import place_of
from session_store.time_left import LambdaCall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import ModuleType

    from session_store.adapters.aws_lambda.request_lines import RequestLines
    from session_store.catalog.functions import Function
    from session_store.catalog.route import Route
    from session_store.data.types import JSONObject
    from session_store.kernel.response import Answer
    from session_store.store import SessionStore


def handlers_of(routes: Iterable[Route], module: ModuleType) -> dict[str, Callable[..., Answer]]:
    """The functions of a module that answer the routes, by operation id."""
    return {route.operation_id: getattr(module, route.handler) for route in routes}


class Dispatcher(ABC):
    """Serves the routes of one function. What they do is said by a subclass, which alone loads their handlers.

    Args:
        function: whose routes.
        store: answers them.
        lines: write a line for each request.
        max_body_bytes: how large a request's body may be.
        prefix: what the paths of its routes begin with.
    """

    _among: tuple[Route, ...] = ROUTES

    def __init__(
        self,
        function: Function,
        store: SessionStore,
        lines: RequestLines,
        *,
        max_body_bytes: int = MAX_BODY_BYTES,
        prefix: str | None = None,
    ) -> None:
        routes = routes_of(function, self._among)
        self._routes = {route.key: route for route in (each.under(prefix) if prefix else each for each in routes)}
        self._store = store
        self._lines = lines
        self._max_body_bytes = max_body_bytes

    @classmethod
    def from_environment(cls, function: Function) -> Self:
        """The dispatcher of a deployed function, its store built from the environment.

        Raises:
            StoreConfigurationError: a variable is missing or malformed (see `session_store.settings`).
        """
        return cls(function, environment.store(in_lines=True), environment.lines())

    def handle(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one request of an HTTP API (payload format 2.0). Never raises."""
        with RequestLine(self._lines, event) as line:
            try:
                response = self._answer(event).response()
            except Exception as error:  # noqa: BLE001 - the caller gets a problem, never a stack trace
                answer = problem_answer(error)
                line.failed(error, _cause(error) if answer.status >= INTERNAL_ERROR else "")
                response = answer.response()
            line.status = response.status
            return render(response)

    def _answer(self, event: Mapping[str, Any]) -> Answer:
        route = self._find_route(event)
        path = event.get("pathParameters")
        query = event.get("queryStringParameters") or {}
        _check_query(query, route)
        path = read_path(path) if path else {}
        key = _idempotency_key(event) if IDEMPOTENCY_KEY in route.optional_headers else None
        return self._serve(route, Call(path, query, self._read_body(event, route), key), event)

    @abstractmethod
    def _serve(self, route: Route, call: Call, event: Mapping[str, Any]) -> Answer:
        """The answer to a request that was read."""

    def _read_body(self, event: Mapping[str, Any], route: Route) -> JSONObject:
        limit = self._max_body_bytes
        if route.any_body:
            return read_object(event, _headers_of(event), max_bytes=limit)
        return read_fields(event, _headers_of(event), route.body, max_bytes=limit) if route.body else {}

    def _find_route(self, event: Mapping[str, Any]) -> Route:
        key = str(event.get("routeKey", ""))
        route = self._routes.get(key)
        if route is None:
            raise self._refusal(key)
        return route

    def _refusal(self, key: str) -> RouteNotFoundError | MethodNotAllowedError:
        path = key.partition(" ")[2]
        allowed = tuple(route.method for route in self._routes.values() if route.path == path)
        return MethodNotAllowedError(allowed) if allowed else RouteNotFoundError()


def lambda_handler(function: Function, kind: type[Dispatcher]) -> Callable[[dict[str, Any], object], dict[str, Any]]:
    """The handler of a deployed function. Made at import, so that its parts are built once and not per request.

    Args:
        function: which one.
        kind: the class of dispatchers that serves its routes.

    Raises:
        StoreConfigurationError: a variable is missing or malformed.
    """
    dispatcher = kind.from_environment(function)

    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        with LambdaCall(context):
            return dispatcher.handle(event)

    return handler


def _headers_of(event: Mapping[str, Any]) -> dict[str, str]:
    """A request's headers, names in lower case."""
    return {name.lower(): value for name, value in (event.get("headers") or {}).items()}


def _idempotency_key(event: Mapping[str, Any]) -> str | None:
    """The header and its caller, hashed together. No caller meets another one's keys.

    Of a role its session is left out. The request may be sent again by another machine.
    """
    header = checks.check_idempotency_key(_headers_of(event).get(IDEMPOTENCY_KEY.lower()))
    if header is None:
        return None
    caller: str = event["requestContext"]["authorizer"]["iam"]["userArn"]
    principal = caller.rpartition("/")[0] if ":assumed-role/" in caller else caller
    return tokens.digest(f"{principal}\n{header}").hex()


def _cause(error: Exception) -> str:
    """Our own messages hold neither tokens nor data. Of any other error that is not known, so it is its place."""
    return str(error) if isinstance(error, SessionStoreError) else place_of(error)


def _check_query(query: Mapping[str, str], route: Route) -> None:
    for name in query:
        if name not in route.query:
            known = f"known are {', '.join(route.query)}" if route.query else "it has none"
            problem = f"is not a query parameter of this route; {known}"
            raise InvalidInputError(name, problem, confidential=True)
