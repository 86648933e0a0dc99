"""From an event of API Gateway to an answer: finds the route, reads the request, maps whatever happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from session_store.adapters.aws_lambda.metrics import Metrics
from session_store.api.backend_handlers import HANDLERS
from session_store.api.call import Call
from session_store.api.json_body import MAX_BODY_BYTES, read_fields, read_object
from session_store.api.paths import decode_customer_id, greedy_value, split_customer_path
from session_store.catalog.routes import BACKEND_ROUTES, routes_of
from session_store.errors import InvalidInputError, SessionStoreError
from session_store.kernel.problems import INTERNAL_ERROR, MethodNotAllowedError, RouteNotFoundError, problem_answer
from session_store.log import LOGGER, place_of
from session_store.store import SessionStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from session_store.catalog.routes import Function, Route
    from session_store.data.types import JSONObject
    from session_store.kernel.response import Answer

_ROUTES_BY_ID: Final = {route.operation_id: route for route in BACKEND_ROUTES}


class Dispatcher:
    """Serves the routes of one function.

    Args:
        function: whose routes.
        store: answers them.
        metrics: counts what fails for a reason that is not the caller's.
        max_body_bytes: how large a request's body may be.
    """

    def __init__(
        self, function: Function, store: SessionStore, metrics: Metrics, *, max_body_bytes: int = MAX_BODY_BYTES
    ) -> None:
        self._routes = {route.key: route for route in routes_of(function)}
        self._store = store
        self._metrics = metrics
        self._max_body_bytes = max_body_bytes

    @classmethod
    def from_environment(cls, function: Function) -> Dispatcher:
        """The dispatcher of a deployed function, its store built from the environment.

        Raises:
            StoreConfigurationError: a variable is missing or malformed (see `session_store.settings`).
        """
        metrics = Metrics.from_environment()
        return cls(function, SessionStore.from_environment(on_incident=metrics.event), metrics)

    def handle(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one request of an HTTP API (payload format 2.0). Never raises."""
        try:
            return self._answer(event).render()
        except Exception as error:  # noqa: BLE001 - the caller gets a problem, never a stack trace
            answer = problem_answer(error)
            if answer.status >= INTERNAL_ERROR:
                self._report(error, event)
            return answer.render()

    def _answer(self, event: Mapping[str, Any]) -> Answer:
        route, path = self._find_route(event)
        query = event.get("queryStringParameters") or {}
        _check_query(query, route)
        if "customer_id" in path:
            path = {**path, "customer_id": decode_customer_id(path["customer_id"])}
        return self._serve(route, Call(path, query, self._read_body(event, route)), event)

    def _serve(self, route: Route, call: Call, event: Mapping[str, Any]) -> Answer:  # noqa: ARG002 - subclasses need it
        return HANDLERS[route.operation_id](self._store, call)

    def _read_body(self, event: Mapping[str, Any], route: Route) -> JSONObject:
        limit = self._max_body_bytes
        if route.any_body:
            return read_object(event, headers_of(event), max_bytes=limit)
        return read_fields(event, headers_of(event), route.body, max_bytes=limit) if route.body else {}

    def _find_route(self, event: Mapping[str, Any]) -> tuple[Route, Mapping[str, str]]:
        key = str(event.get("routeKey", ""))
        route = self._routes.get(key)
        path: Mapping[str, str] = event.get("pathParameters") or {}
        if route is None:
            raise self._refusal(key)
        if route.stands_for:
            found = split_customer_path(greedy_value(path), [_ROUTES_BY_ID[name] for name in route.stands_for])
            if found is None:
                raise RouteNotFoundError
            return found
        return route, path

    def _refusal(self, key: str) -> RouteNotFoundError | MethodNotAllowedError:
        path = key.partition(" ")[2]
        allowed = tuple(route.method for route in self._routes.values() if route.path == path)
        return MethodNotAllowedError(allowed) if allowed else RouteNotFoundError()

    def _report(self, error: Exception, event: Mapping[str, Any]) -> None:
        """Log and count a failure: its kind and place, no value that was worked on."""
        request_id = str((event.get("requestContext") or {}).get("requestId", ""))
        route_key = str(event.get("routeKey", ""))
        # Our own messages hold neither tokens nor data; of any other error that is not known.
        said = str(error) if isinstance(error, SessionStoreError) else place_of(error)
        LOGGER.error("%s in %s, request %s: %s", type(error).__name__, route_key, request_id, said)
        self._metrics.failure(error, route=route_key, request_id=request_id)


def lambda_handler(function: Function) -> Callable[[dict[str, Any], object], dict[str, Any]]:
    """The handler of a deployed function. Made at import: what it needs is built once, not per request."""
    dispatcher = Dispatcher.from_environment(function)

    def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
        return dispatcher.handle(event)

    return handler


def headers_of(event: Mapping[str, Any]) -> dict[str, str]:
    """A request's headers, names in lower case."""
    return {name.lower(): value for name, value in (event.get("headers") or {}).items()}


def _check_query(query: Mapping[str, str], route: Route) -> None:
    for name in query:
        if name not in route.query:
            known = f"known are {', '.join(route.query)}" if route.query else "it has none"
            problem = f"is not a query parameter of this route; {known}"
            raise InvalidInputError(name, problem, confidential=True)
