"""Serves the user routes, each request as an exchange of the kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

from session_store.adapters.aws_lambda import environment
from session_store.api import user_handlers
from session_store.api.dispatcher import Dispatcher, handlers_of
from session_store.api.json_body import body_limit
from session_store.api.user_exchange import served, varying
from session_store.api.user_visit import Visit
from session_store.catalog.user_routes import USER_ROUTES
from session_store.kernel.rules import Rules
from session_store.kernel.web_settings import UserRouteSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.adapters.aws_lambda.request_lines import RequestLines
    from session_store.api.call import Call
    from session_store.catalog.functions import Function
    from session_store.catalog.route import Route
    from session_store.kernel.response import Answer
    from session_store.store import SessionStore

_HANDLERS: Final = handlers_of(USER_ROUTES, user_handlers)


class UserDispatcher(Dispatcher):
    """Serves the user routes of one function.

    A cookie that has had its token for the store's rotation interval gets a new one along the way. Bearer callers
    rotate by themselves. No other answer has a place for their new token.

    Args:
        function: whose routes.
        store: answers them.
        lines: write a line for each request.
        settings: the rules of the user routes.
    """

    def __init__(
        self,
        function: Function,
        store: SessionStore,
        lines: RequestLines,
        settings: UserRouteSettings,
    ) -> None:
        limit = body_limit(settings.max_data_bytes)
        super().__init__(function, store, lines, max_body_bytes=limit, prefix=settings.prefix)
        self._settings = settings
        self._rules = Rules(
            find_store=lambda: store,
            allowed_origins=frozenset(settings.allowed_origins),
            cookie_only=settings.cookie_only,
        )

    @classmethod
    def from_environment(cls, function: Function) -> Self:
        """The dispatcher of a deployed function, its store and its rules from the environment.

        Raises:
            StoreConfigurationError: a variable is missing or malformed.
        """
        rules = UserRouteSettings.from_environment()
        return cls(function, environment.store(in_lines=True), environment.lines(), rules)

    def handle(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one request of an HTTP API (payload format 2.0). Never raises."""
        return varying(super().handle(event))

    def _serve(self, route: Route, call: Call, event: Mapping[str, Any]) -> Answer:
        handler = _HANDLERS[route.operation_id]
        return served(self._rules, event, lambda exchange: handler(Visit(exchange, self._settings, call)))
