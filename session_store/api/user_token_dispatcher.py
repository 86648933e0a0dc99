"""Serves the route by which users make access tokens, each request as an exchange of the kernel."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from session_store.adapters.aws_lambda.events import request_of
from session_store.api import token_handlers
from session_store.api.token_dispatcher import TokenDispatcher
from session_store.errors import SessionNotFoundError, SessionRequiredError
from session_store.kernel.plain_exchange import PlainExchange
from session_store.kernel.response_headers import TOKEN_HEADERS
from session_store.kernel.rules import Rules
from session_store.kernel.web_settings import UserRouteSettings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from session_store.api.call import Call
    from session_store.catalog.functions import Function
    from session_store.catalog.route import Route
    from session_store.kernel.response import Answer


class UserTokenDispatcher(TokenDispatcher):
    """Serves the route.

    Attributes:
        allowed_origins: origins whose pages may ask with the cookie, beside the API's own.
    """

    allowed_origins: tuple[str, ...] = ()

    @classmethod
    def from_environment(cls, function: Function) -> Self:
        """The dispatcher of a deployed function, with the rules of its route from the environment, too.

        Raises:
            StoreConfigurationError: a variable is missing or malformed.
        """
        made, settings = super().from_environment(function), UserRouteSettings.from_environment()
        made.allowed_origins = settings.allowed_origins
        made.put_under(settings.prefix or "")
        return made

    def put_under(self, prefix: str) -> None:
        """Let the route's path begin with this."""
        self._routes = {route.under(prefix).key: route for route in self._routes.values()}

    def handle(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one request of an HTTP API (payload format 2.0). Never raises."""
        answer = super().handle(event)
        answer["headers"]["Vary"] = ", ".join(TOKEN_HEADERS)
        return answer

    def _serve(self, route: Route, call: Call, event: Mapping[str, Any]) -> Answer:  # noqa: ARG002 - there is one route
        rules = Rules(find_store=lambda: self._store, allowed_origins=frozenset(self.allowed_origins))
        exchange = PlainExchange(rules, request_of(event))
        exchange.admit()
        try:
            answer = token_handlers.create_my_access_token(exchange, self.issuer, call)
        except SessionNotFoundError:  # it was live when this request began
            raise SessionRequiredError("the session has ended meanwhile") from None
        headers = exchange.finish(answer.status)
        return answer if headers is None else replace(answer, cookies=headers.cookies)
