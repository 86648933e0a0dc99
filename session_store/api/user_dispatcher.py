"""Serves the user routes: finds the caller's token, refuses cross-site requests, rotates what is due."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from session_store.adapters.aws_lambda.metrics import Metrics
from session_store.adapters.aws_lambda.result_headers import TOKEN_HEADERS
from session_store.api import user_handlers
from session_store.api.dispatcher import Dispatcher, handlers_of
from session_store.api.json_body import body_limit
from session_store.api.user_visit import Visit
from session_store.catalog.user_routes import USER_ROUTES
from session_store.errors import SessionNotFoundError, SessionRequiredError, SessionStoreError
from session_store.kernel.credentials import find_credentials
from session_store.kernel.csrf import check_same_origin
from session_store.kernel.request import Request
from session_store.kernel.web_settings import UserRouteSettings
from session_store.store import SessionStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from session_store.api.call import Call
    from session_store.catalog.functions import Function
    from session_store.catalog.route import Route
    from session_store.kernel.response import Answer

_HANDLERS: Final = handlers_of(USER_ROUTES, user_handlers)


class UserDispatcher(Dispatcher):
    """Serves the user routes of one function.

    With a cookie, a token that is older than the store's rotation interval is rotated along the way. Bearer callers
    rotate by themselves: no other answer has a place for their new token.

    Args:
        function: whose routes.
        store: answers them.
        metrics: counts what fails for a reason that is not the caller's.
        settings: the rules of the user routes.
    """

    def __init__(
        self,
        function: Function,
        store: SessionStore,
        metrics: Metrics,
        settings: UserRouteSettings,
    ) -> None:
        super().__init__(function, store, metrics, max_body_bytes=body_limit(settings.max_data_bytes))
        self._settings = settings

    @classmethod
    def from_environment(cls, function: Function) -> UserDispatcher:
        """The dispatcher of a deployed function, its store and its rules from the environment.

        Raises:
            StoreConfigurationError: a variable is missing or malformed.
        """
        metrics = Metrics.from_environment()
        store = SessionStore.from_environment(on_incident=metrics.event)
        return cls(function, store, metrics, UserRouteSettings.from_environment())

    def handle(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one request of an HTTP API (payload format 2.0). Never raises."""
        answer = super().handle(event)
        answer["headers"]["Vary"] = ", ".join(TOKEN_HEADERS)
        return answer

    def _serve(self, route: Route, call: Call, event: Mapping[str, Any]) -> Answer:
        request = Request.from_event(event)
        credentials = find_credentials(request)
        check_same_origin(request, credentials, self._settings.allowed_origins)
        visit = Visit(self._store, self._settings, call=call, request=request, credentials=credentials)
        try:
            answer = _HANDLERS[route.operation_id](visit)
        except SessionNotFoundError:  # it was live when this request began
            raise SessionRequiredError("the session has ended meanwhile") from None
        return answer if answer.cookies else replace(answer, cookies=self._rotate_if_due(visit, event))

    def _rotate_if_due(self, visit: Visit, event: Mapping[str, Any]) -> tuple[str, ...]:
        """The cookie with a new token; a failure to make one is counted and the answer stands."""
        if visit.current is None or not visit.by_cookie or not self._store.rotation_due(visit.current):
            return ()
        try:
            return visit.new_cookies(self._store.rotate(visit.token).token)
        except SessionStoreError as error:
            self._report(error, event)
            return ()


def lambda_handler(function: Function) -> Callable[[dict[str, Any], object], dict[str, Any]]:
    """The handler of a deployed function. Made at import: what it needs is built once, not per request."""
    dispatcher = UserDispatcher.from_environment(function)

    def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
        return dispatcher.handle(event)

    return handler
