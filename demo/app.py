"""The application: its routes, and the function's handler."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from demo import account, home, problems, requests, second_window, sessions, signing_in, theft
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
    without_provider: bool = False  # whether an identity provider takes its place


def _static(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    name = requests.path(event).removeprefix(_STATIC)
    return static_file(name) if name in STATIC_FILES else problems.show(NOT_FOUND)


def _nothing(_event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    return problems.show(NOT_FOUND)


_STATIC: Final = "/static/"
_A_PAGE: Final = (patterns.VALIDATE, patterns.TAKE)
_A_FORM: Final = (patterns.VALIDATE, patterns.UPDATE_DATA)

ROUTES: Final = (
    Route("GET /", home.show, _A_PAGE),
    Route("POST /count", home.count, (patterns.VALIDATE, patterns.CREATE_SESSION, patterns.INCREMENT)),
    Route("GET /sign-in", signing_in.show, _A_PAGE),
    Route("POST /sign-in", signing_in.sign_in, (patterns.VALIDATE, patterns.SIGN_IN), without_provider=True),
    Route(
        "POST /sign-out",
        signing_in.sign_out,
        (*_A_FORM, patterns.END_SESSION, patterns.CREATE_SESSION),
        without_provider=True,
    ),
    Route("GET /sessions", sessions.show, (*_A_PAGE, patterns.GET_CUSTOMER_SESSIONS, patterns.GET_CHILD_SESSIONS)),
    Route("POST /sessions/end", sessions.end, (*_A_FORM, patterns.END_SESSION)),
    Route("GET /sessions/end-others", sessions.confirm_end, _A_PAGE),
    Route("POST /sessions/end-others", sessions.end_others, (*_A_FORM, patterns.END_CUSTOMER_SESSIONS)),
    Route("GET /account", account.show, _A_PAGE),
    Route(
        "POST /account/password",
        account.change_password,
        (*_A_FORM, patterns.ROTATE, patterns.END_CUSTOMER_SESSIONS),
    ),
    Route("GET /account/delete", account.confirm_deletion, _A_PAGE),
    Route("POST /account/delete", account.delete, (*_A_FORM, patterns.END_CUSTOMER_SESSIONS, patterns.CREATE_SESSION)),
    Route("GET /theft", theft.show, _A_PAGE),
    Route("POST /theft", theft.renew, (*_A_FORM, patterns.ROTATE)),
    Route("GET /second/{kind}", second_window.show, (patterns.VALIDATE,)),
    Route("POST /second/{kind}", second_window.start, (patterns.VALIDATE, patterns.CREATE_SESSION)),
    Route("GET /static/{file}", _static),
    Route("$default", _nothing),
)
_HANDLERS: Final = {route.key: route.handler for route in ROUTES}


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Answer one request of the HTTP API (payload format 2.0)."""
    try:
        result = _HANDLERS[_route_key(event)](event, context)
    except (BadRequestError, InvalidInputError):
        result = problems.show(BAD_REQUEST)
    return secured({**result, "body": ""} if requests.is_head(event) else result)


def _route_key(event: Mapping[str, Any]) -> str:
    """The API's route. HEAD has none of its own, and is served as GET."""
    key: str = event["routeKey"]
    if not requests.is_head(event):
        return key
    page = f"GET {requests.path(event)}"
    folder = page.rpartition("/")[0]
    return next((each for each in _HANDLERS if each in (page, f"{folder}/{{file}}", f"{folder}/{{kind}}")), key)
