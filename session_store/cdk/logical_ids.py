"""Ids of constructs, which CloudFormation's logical ids are made of. They stay when a name in the code changes.

A log group under another logical id is a new one, and the old lines are lost. A route under another one is created
before the old one is deleted, which API Gateway refuses. They have the same key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from session_store.catalog.functions import Function

if TYPE_CHECKING:
    from session_store.catalog.route import Route

_FUNCTIONS: Final = {Function.END: "Expire"}
_ROUTES: Final = {
    "endSession": "expireSession",
    "endChildSession": "expireChildSession",
    "endCustomerSessions": "expireCustomerSessions",
    "getCustomerSession": "getSessionOfCustomer",
    "getCustomerSessions": "getSessionsByCustomer",
    "getSessionByChild": "getSessionByChildSession",
}


def function_id(function: Function) -> str:
    """The id of a function's construct."""
    return _FUNCTIONS.get(function) or function.value.title().replace("_", "")


def route_id(route: Route) -> str:
    """The id of a route's construct."""
    return _ROUTES.get(route.operation_id, route.operation_id)
