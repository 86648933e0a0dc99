"""The HTTP routes as plain data: method, path, parameters, authorization, access patterns, and who serves each.

The API's routes, each function's grants, the dispatcher and the OpenAPI document are derived from this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from session_store.catalog import access_patterns as patterns

if TYPE_CHECKING:
    from session_store.catalog.access_patterns import AccessPattern, Resource


class Authorization(StrEnum):
    """Who may call a route, in API Gateway's terms."""

    AWS_IAM = "AWS_IAM"  # a back end that signs with SigV4
    NONE = "NONE"  # anybody: the handler itself asks for a live session's token


class Function(StrEnum):
    """The functions: one per group of routes with the same needs. The value is the file's name in `lambda/`."""

    CREATE = "create_session"
    INTROSPECT = "introspect"
    READ = "read"
    UPDATE = "update_session"
    CREATE_CHILD = "create_child_session"
    END = "end"
    ERASE = "erase_customer"
    USER_SESSION = "user_session"
    USER_SESSIONS = "user_sessions"
    AUTHORIZER = "authorizer"  # serves no route: API Gateway asks it about other applications' routes


@dataclass(frozen=True, slots=True)
class Route:
    """One route of the HTTP API.

    Attributes:
        query: names of its query parameters.
        headers: names of the headers that it requires.
        body: names of the fields of its JSON body; none when it takes no body.
        any_body: its body is any JSON object, whatever the fields.
        stands_for: operation ids of the routes whose requests it catches when a customer id in the path holds a `/`
            (see `session_store.api.paths`); empty for a route of its own.
    """

    method: str
    path: str
    function: Function
    patterns: tuple[AccessPattern, ...]
    operation_id: str
    summary: str
    success: int = 200
    authorization: Authorization = Authorization.AWS_IAM
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    any_body: bool = False
    stands_for: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """API Gateway's route key, `METHOD /path`."""
        return f"{self.method} {self.path}"

    @property
    def customer_known(self) -> bool | None:
        """Whether path or validated token name the customer, so that a session is found by both keys; None: maybe."""
        if self.path.startswith(_CUSTOMERS) or self.authorization is Authorization.NONE:
            return True
        return None if "customer_id" in self.body else False


_ID = "/sessions/{session_id}"
_CUSTOMERS = "/customers/"
_CUSTOMER = f"{_CUSTOMERS}{{customer_id}}"
# API Gateway decodes a path before it chooses the route, so a `%2F` in a customer id arrives as one segment more.
_CUSTOMER_PATH = f"{_CUSTOMERS}{{customer_path+}}"
_PAGE = ("limit", "cursor")

BACKEND_ROUTES: Final = (
    Route(
        "POST",
        "/sessions",
        Function.CREATE,
        (patterns.CREATE_SESSION, patterns.SIGN_IN),
        "createSession",
        "Start a session, or sign in over an existing one",
        success=201,
        body=("customer_id", "data", "client", "idle_timeout", "absolute_timeout", "replaces", "carry_data"),
    ),
    Route(
        "POST",
        "/sessions/introspect",
        Function.INTROSPECT,
        (patterns.VALIDATE,),
        "introspectToken",
        "Validate a token",
        body=("token", "audience", "strict", "max_auth_age"),
    ),
    Route("GET", _ID, Function.READ, (patterns.GET_SESSION,), "getSession", "Read a session"),
    Route(
        "PATCH",
        _ID,
        Function.UPDATE,
        (patterns.UPDATE_DATA,),
        "updateSession",
        "Merge into a session's data, or set it to closing",
        body=("data", "session_state", "last_write_wins"),
    ),
    Route(
        "DELETE",
        _ID,
        Function.END,
        (patterns.END_SESSION,),
        "endSession",
        "End a session",
        success=204,
    ),
    Route(
        "POST",
        f"{_ID}/children",
        Function.CREATE_CHILD,
        (patterns.CREATE_CHILD_SESSION,),
        "createChildSession",
        "Start a child session",
        success=201,
        body=("customer_id", "audience", "data"),
    ),
    Route(
        "GET",
        f"{_ID}/children",
        Function.READ,
        (patterns.GET_CHILD_SESSIONS,),
        "getChildSessions",
        "List a session's child sessions",
    ),
    Route(
        "DELETE",
        f"{_ID}/children/{{child_session_id}}",
        Function.END,
        (patterns.END_CHILD_SESSION,),
        "endChildSession",
        "End one child session",
        success=204,
    ),
    Route(
        "GET",
        "/children/{child_session_id}/session",
        Function.READ,
        (patterns.GET_SESSION_BY_CHILD,),
        "getSessionByChild",
        "Find the session that owns a child session",
    ),
    Route(
        "GET",
        f"{_CUSTOMER}/sessions",
        Function.READ,
        (patterns.GET_CUSTOMER_SESSIONS,),
        "getCustomerSessions",
        "List a customer's sessions",
        query=_PAGE,
    ),
    Route(
        "GET",
        f"{_CUSTOMER}/sessions/{{session_id}}",
        Function.READ,
        (patterns.GET_SESSION_OF_CUSTOMER,),
        "getCustomerSession",
        "Read a session if it belongs to the customer",
    ),
    Route(
        "GET",
        f"{_CUSTOMER}/last-login",
        Function.READ,
        (patterns.GET_LAST_LOGIN_TIME,),
        "getLastLoginTime",
        "When a customer last signed in",
    ),
    Route(
        "DELETE",
        f"{_CUSTOMER}/sessions",
        Function.END,
        (patterns.END_CUSTOMER_SESSIONS,),
        "endCustomerSessions",
        "End all sessions of a customer",
        query=("except", *_PAGE),
    ),
    Route(
        "DELETE",
        _CUSTOMER,
        Function.ERASE,
        (patterns.ERASE_CUSTOMER,),
        "eraseCustomer",
        "Erase a customer: delete all their rows",
        query=_PAGE,
    ),
    Route(
        "GET",
        _CUSTOMER_PATH,
        Function.READ,
        (patterns.GET_CUSTOMER_SESSIONS, patterns.GET_SESSION_OF_CUSTOMER, patterns.GET_LAST_LOGIN_TIME),
        "readByCustomerPath",
        "The customer's reads for a customer id with a slash",
        stands_for=("getCustomerSessions", "getLastLoginTime", "getCustomerSession"),
    ),
    Route(
        "DELETE",
        _CUSTOMER_PATH,
        Function.ERASE,
        (patterns.END_CUSTOMER_SESSIONS, patterns.ERASE_CUSTOMER),
        "endByCustomerPath",
        "The customer's deletes for a customer id with a slash",
        stands_for=("endCustomerSessions", "eraseCustomer"),
    ),
)


_MINE = "/me/sessions"

USER_ROUTES: Final = (
    Route(
        "GET",
        "/session",
        Function.USER_SESSION,
        (patterns.VALIDATE,),
        "getMySession",
        "The caller's session",
        authorization=Authorization.NONE,
    ),
    Route(
        "PATCH",
        "/session",
        Function.USER_SESSION,
        (patterns.VALIDATE, patterns.UPDATE_DATA),
        "updateMySession",
        "Merge into the data of the caller's session",
        authorization=Authorization.NONE,
        body=("data", "last_write_wins"),
    ),
    Route(
        "PUT",
        "/session/data",
        Function.USER_SESSION,
        (patterns.VALIDATE, patterns.UPDATE_DATA),
        "replaceMyData",
        "Replace the data of the caller's session, if nobody changed it since",
        authorization=Authorization.NONE,
        headers=("If-Match",),
        any_body=True,
    ),
    Route(
        "POST",
        "/session/rotate",
        Function.USER_SESSION,
        (patterns.VALIDATE, patterns.ROTATE),
        "rotateMyToken",
        "Replace the secret in the caller's token",
        authorization=Authorization.NONE,
    ),
    Route(
        "DELETE",
        "/session",
        Function.USER_SESSION,
        (patterns.VALIDATE, patterns.END_SESSION),
        "signOut",
        "End the caller's session",
        success=204,
        authorization=Authorization.NONE,
    ),
    Route(
        "GET",
        _MINE,
        Function.USER_SESSIONS,
        (patterns.VALIDATE, patterns.GET_CUSTOMER_SESSIONS),
        "getMySessions",
        "Where the caller is signed in",
        authorization=Authorization.NONE,
        query=_PAGE,
    ),
    Route(
        "DELETE",
        _MINE,
        Function.USER_SESSIONS,
        (patterns.VALIDATE, patterns.END_CUSTOMER_SESSIONS),
        "endMyOtherSessions",
        "End all of the caller's sessions but this one",
        authorization=Authorization.NONE,
        query=_PAGE,
    ),
    Route(
        "DELETE",
        f"{_MINE}/{{session_id}}",
        Function.USER_SESSIONS,
        (patterns.VALIDATE, patterns.END_SESSION),
        "endMySession",
        "End one of the caller's sessions",
        success=204,
        authorization=Authorization.NONE,
    ),
)
ROUTES: Final = BACKEND_ROUTES + USER_ROUTES
BACKEND_FUNCTIONS: Final = tuple(dict.fromkeys(route.function for route in BACKEND_ROUTES))
USER_FUNCTIONS: Final = tuple(dict.fromkeys(route.function for route in USER_ROUTES))
_PATTERNS_WITHOUT_A_ROUTE: Final = {Function.AUTHORIZER: (patterns.VALIDATE,)}


def routes_of(function: Function) -> tuple[Route, ...]:
    """The routes that one function serves, in the order of the table."""
    return tuple(route for route in ROUTES if route.function is function)


def permissions_of(function: Function, *, session_limit: bool = False) -> frozenset[tuple[str, Resource]]:
    """IAM actions with their resources: exactly what one function does to the table.

    Args:
        function: which one.
        session_limit: whether there is a limit on a customer's sessions, which whoever creates one holds them to.
    """
    of_routes = {
        permission
        for route in routes_of(function)
        for pattern in route.patterns
        for permission in pattern.permissions(customer_known=route.customer_known)
    }
    further = _PATTERNS_WITHOUT_A_ROUTE.get(function, ())
    if session_limit and function is Function.CREATE:
        further = (*further, patterns.LIMIT_SESSIONS)
    return frozenset(of_routes).union(*(pattern.permissions() for pattern in further))
