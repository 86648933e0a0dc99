"""Every route of the HTTP APIs. Each is declared once, in the module of its subject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from session_store.catalog import children, customers, sessions
from session_store.catalog.user_routes import USER_ROUTES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from session_store.catalog.functions import Function
    from session_store.catalog.route import Route

BACKEND_ROUTES: Final = sessions.SESSION_ROUTES + children.CHILD_ROUTES + customers.CUSTOMER_ROUTES
ROUTES: Final = BACKEND_ROUTES + USER_ROUTES
BACKEND_FUNCTIONS: Final = tuple(dict.fromkeys(route.function for route in BACKEND_ROUTES))
USER_FUNCTIONS: Final = tuple(dict.fromkeys(route.function for route in USER_ROUTES))

__all__ = ["BACKEND_FUNCTIONS", "BACKEND_ROUTES", "ROUTES", "USER_FUNCTIONS", "USER_ROUTES", "routes_of"]


def routes_of(function: Function, among: Iterable[Route] = ROUTES) -> tuple[Route, ...]:
    """The routes that one function serves, in the order of the table.

    Args:
        function: which one.
        among: all that count. Those of an issuer, and of a sign-in, are in modules of their own.
    """
    return tuple(route for route in among if route.function is function)
