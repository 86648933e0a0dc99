"""The application: its routes, and the function's handler."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from demo import account, home, problems, sessions, signing_in
from demo.answers import STATIC_FILES, secured, static_file
from demo.problems import BAD_REQUEST, NOT_FOUND
from demo.requests import BadRequestError
from session_store.catalog import access_patterns as patterns
from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from session_store.catalog.pattern import AccessPattern


@dataclass(frozen=True, slots=True)
class Route:
    """One route: what serves it, and which access patterns that takes beside reading the session."""

    key: str
    handler: Callable[[Mapping[str, Any], object], dict[str, Any]]
    patterns: tuple[AccessPattern, ...] = ()


def _static(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    name = event["pathParameters"]["file"]
    return static_file(name) if name in STATIC_FILES else problems.show(NOT_FOUND)


def _nothing(_event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    return problems.show(NOT_FOUND)


ROUTES: Final = (
    Route("GET /", home.show, (patterns.VALIDATE, patterns.CREATE_SESSION, patterns.INCREMENT)),
    Route("GET /sign-in", signing_in.show, (patterns.VALIDATE,)),
    Route("POST /sign-in", signing_in.sign_in, (patterns.VALIDATE, patterns.SIGN_IN)),
    Route("POST /sign-out", signing_in.sign_out, (patterns.VALIDATE, patterns.END_SESSION)),
    Route("GET /sessions", sessions.show, (patterns.VALIDATE, patterns.GET_CUSTOMER_SESSIONS)),
    Route("POST /sessions/end", sessions.end, (patterns.VALIDATE, patterns.END_SESSION)),
    Route("POST /sessions/end-others", sessions.end_others, (patterns.VALIDATE, patterns.END_CUSTOMER_SESSIONS)),
    Route("GET /account", account.show, (patterns.VALIDATE,)),
    Route(
        "POST /account/password",
        account.change_password,
        (patterns.VALIDATE, patterns.ROTATE, patterns.END_CUSTOMER_SESSIONS),
    ),
    Route(
        "POST /account/delete",
        account.delete,
        (patterns.VALIDATE, patterns.END_CUSTOMER_SESSIONS, patterns.END_SESSION),
    ),
    Route("GET /static/{file}", _static),
    Route("$default", _nothing),
)
_HANDLERS: Final = {route.key: route.handler for route in ROUTES}


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Answer one request of the HTTP API (payload format 2.0)."""
    try:
        result = problems.friendly(_HANDLERS[event["routeKey"]](event, context), event)
    except (BadRequestError, InvalidInputError):
        result = problems.show(BAD_REQUEST)
    return secured(result)
