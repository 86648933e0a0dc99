"""The OpenAPI document of the user routes. `python -m session_store.api.user_openapi` prints it.

Nothing at run time imports this module.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from session_store.api import schemas
from session_store.api.backend_handlers import DEFAULT_LIMIT
from session_store.api.backend_openapi import OF_ALL, Document, render
from session_store.api.schemas import described, object_of, reference
from session_store.api.user_handlers import MAX_LISTED
from session_store.catalog.routes import USER_ROUTES
from session_store.checks import MAX_LIMIT
from session_store.kernel.cookies import COOKIE_NAME
from session_store.kernel.web_settings import DEFAULT_MAX_DATA_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.api.schemas import Schema

_DESCRIPTION: Final = f"""\
The end user's own sessions, on the application's API. The token comes in the cookie `{COOKIE_NAME}` or as
`Authorization: Bearer`; the header wins. With the cookie, a request that changes state has to come from a page of the
API's own origin (`Sec-Fetch-Site: same-origin`) or of an allowed one (`Origin`); it is 403 otherwise.

Times are RFC 3339 in UTC. Errors are problem details (RFC 9457). No answer may be cached. Parameters and fields that
are not known are refused. A cookie that had its token for long gets a new one with any answer."""
_SECURITY: Final = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "The session's token."},
    "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE_NAME, "description": "The session's token."},
}

_LISTED_PROPERTIES: Final = (
    *("session_id", "session_state", "client", "created_at", "last_login_time", "last_seen_at"),
    *("expires_at", "absolute_expires_at"),
)
_LISTED: Final = object_of(
    {name: schemas.COMPONENTS["Session"]["properties"][name] for name in _LISTED_PROPERTIES}
    | {"is_current": described({"type": "boolean"}, "Whether this request was made with it.")},
    description="A session without its data.",
)
_SESSION: Final = reference("Session")
_ANSWERS: Final[Mapping[str, Schema]] = {
    "getMySession": _SESSION,
    "updateMySession": _SESSION,
    "replaceMyData": _SESSION,
    "rotateMyToken": object_of(
        {
            "rotated": described(
                {"type": "boolean"}, "False when it was rotated a moment ago: the presented token stays good."
            ),
            "token": described({"type": "string"}, "The new token; only for callers with a Bearer token."),
        },
        optional=("token",),
    ),
    "getMySessions": object_of(
        {"sessions": {"type": "array", "items": reference("ListedSession")}, "cursor": schemas.CURSOR}
    ),
    "endMyOtherSessions": schemas.ANSWERS["endCustomerSessions"],
}
_ETAG: Final = {"ETag": {"schema": {"type": "string"}, "description": "The version of the data, for `If-Match`."}}
_COOKIE: Final = {"Set-Cookie": {"schema": {"type": "string"}, "description": "For callers with the cookie."}}

_CROSS_SITE: Final = {403: "The cookie came from a page that is not allowed to change state."}
_ANONYMOUS: Final = "Nobody is signed in to the session"
_ENDING: Final = {
    401: "There is no live session, or its sign-in is too long ago (`reauthentication-required`).",
    403: f"{_ANONYMOUS}, or the cookie came from a page that is not allowed to change state.",
}
_CONFLICT: Final = "Somebody else changed the same meanwhile; nothing was written."
_TOO_LARGE: Final = {
    413: f"The body, or the user's data together, is too large; {DEFAULT_MAX_DATA_BYTES} bytes of JSON are allowed "
    "unless the application says otherwise."
}
_NOT_SIGNED_IN: Final = {401: "The request carries no live session's token."}

_LIMIT: Final = schemas.QUERY_PARAMETERS["limit"]

USER: Final = Document(
    title="Session store: user routes",
    description=_DESCRIPTION,
    routes=USER_ROUTES,
    security=_SECURITY,
    components={name: schemas.COMPONENTS[name] for name in ("Session", "Problem", "GatewayMessage")}
    | {"ListedSession": _LISTED},
    body_fields={
        "updateMySession": {
            "data": {**schemas.BODY_FIELDS["updateSession"]["data"], "type": "object"},
            "last_write_wins": schemas.BODY_FIELDS["updateSession"]["last_write_wins"],
        }
    },
    required_body_fields={"updateMySession": ("data",)},
    query_parameters={
        "getMySessions": {"limit": {**_LIMIT, "maximum": MAX_LISTED, "default": DEFAULT_LIMIT}},
        "endMyOtherSessions": {"limit": {**_LIMIT, "default": MAX_LIMIT}},
    },
    whole_bodies={"replaceMyData": described({"type": "object"}, "The new data.")},
    answers=_ANSWERS,
    answer_headers={
        "getMySession": _ETAG,
        "updateMySession": _ETAG,
        "replaceMyData": _ETAG,
        "rotateMyToken": _COOKIE,
        "signOut": _COOKIE,
        "endMySession": _COOKIE,
    },
    problems={
        "getMySession": _NOT_SIGNED_IN,
        "updateMySession": {**_NOT_SIGNED_IN, **_CROSS_SITE, **_TOO_LARGE, 409: _CONFLICT},
        "replaceMyData": {
            **_NOT_SIGNED_IN,
            **_CROSS_SITE,
            **_TOO_LARGE,
            409: "The reply to the write was lost, and others have written since.",
            412: "The data is at another version by now; nothing was written.",
            428: "The request does not say which version it replaces.",
        },
        "rotateMyToken": {**_NOT_SIGNED_IN, **_CROSS_SITE, 409: "Others kept rotating the token."},
        "signOut": _CROSS_SITE,
        "getMySessions": {**_NOT_SIGNED_IN, 403: f"{_ANONYMOUS}."},
        "endMyOtherSessions": {**_ENDING, 409: "Others kept ending the sessions."},
        "endMySession": _ENDING,
    },
    problems_of_all=OF_ALL,
    gateway_answers={429: "Too many requests."},
)


if __name__ == "__main__":
    sys.stdout.write(render(USER))
