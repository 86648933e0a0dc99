"""Serves the route by which users make access tokens, each request as an exchange of the kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from session_store.api.token_dispatcher import TokenDispatcher
from session_store.api.user_exchange import served, varying
from session_store.api.user_token_handlers import create_my_access_token
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
        return varying(super().handle(event))

    def _serve(self, route: Route, call: Call, event: Mapping[str, Any]) -> Answer:  # noqa: ARG002 - there is one route
        rules = Rules(find_store=lambda: self._store, allowed_origins=frozenset(self.allowed_origins))
        return served(rules, event, lambda exchange: create_my_access_token(exchange, self.issuer, call))
