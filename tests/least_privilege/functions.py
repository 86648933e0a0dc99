"""The functions that there are: the service's, and the demo's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from demo.app import ROUTES
from session_store.http.routes import Function, permissions_of

if TYPE_CHECKING:
    from session_store.access_patterns import Resource

DEMO: Final = "demo"
FUNCTIONS: Final[tuple[str, ...]] = (*(function.value for function in Function), DEMO)


def documented(function: str) -> frozenset[tuple[str, Resource]]:
    """What the access patterns of its routes say that a function needs."""
    if function != DEMO:
        return permissions_of(Function(function))
    patterns = {pattern for route in ROUTES for pattern in route.patterns}
    return frozenset[tuple[str, "Resource"]]().union(*(each.permissions(customer_known=True) for each in patterns))
