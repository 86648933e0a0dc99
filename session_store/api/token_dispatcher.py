"""Serves the route by which back ends make access tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from session_store.api import token_handlers
from session_store.api.dispatcher import Dispatcher
from session_store.catalog.access_tokens import ISSUER_ROUTES
from session_store.jwt.issuer import Issuer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.api.call import Call
    from session_store.catalog.functions import Function
    from session_store.catalog.route import Route
    from session_store.kernel.response import Answer


class TokenDispatcher(Dispatcher):
    """Serves the route.

    Attributes:
        issuer: makes the tokens.
    """

    issuer: Issuer
    _among = ISSUER_ROUTES

    @classmethod
    def from_environment(cls, function: Function) -> Self:
        """The dispatcher of a deployed function, its store and its issuer from the environment.

        Raises:
            StoreConfigurationError: a variable is missing or malformed.
        """
        made = super().from_environment(function)
        made.issuer = Issuer.from_environment()
        return made

    def _serve(self, route: Route, call: Call, event: Mapping[str, Any]) -> Answer:  # noqa: ARG002 - there is one route
        return token_handlers.create_access_token(self._store, self.issuer, call)
