"""The user routes: end users' own sessions, on the application's API."""

from __future__ import annotations

from functools import partial
from typing import Final

from session_store.catalog.customers import END_CUSTOMER_SESSIONS, GET_CUSTOMER_SESSIONS
from session_store.catalog.functions import Function
from session_store.catalog.route import ENDING_PAGE, PAGE, Authorization, Route
from session_store.catalog.sessions import END_SESSION, ROTATE, UPDATE_DATA, VALIDATE

_UserRoute = partial(Route, authorization=Authorization.NONE)
_Change = partial(_UserRoute, optional_headers=("Session-Binding",))
_MINE: Final = "/me/sessions"
_ETAG: Final = ("ETag",)
_COOKIE: Final = ("Set-Cookie",)

_NOT_SIGNED_IN: Final = {401: "The request carries no live session's token."}
_CROSS_SITE: Final = {403: "The cookie came from a page that is not allowed to change state."}
_ANONYMOUS: Final = "The session is anonymous"
_OTHER: Final = "The page was made in another session (`Session-Binding`)"
_OTHER_SESSION: Final = {409: f"{_OTHER}."}
_ENDING: Final = {
    401: "There is no live session, or its sign-in is too long ago (`reauthentication-required`).",
    403: f"{_ANONYMOUS}, or the cookie came from a page that is not allowed to change state.",
}
_TOO_LARGE: Final = {
    413: "The body, or the user's data together, is larger than the application allows (`max_data_bytes`)."
}

USER_ROUTES: Final = (
    _UserRoute(
        "GET",
        "/session",
        Function.USER_SESSION,
        (VALIDATE,),
        "getMySession",
        "The caller's session",
        query=("activity",),
        answer="Session",
        answer_headers=_ETAG,
        problems=_NOT_SIGNED_IN,
    ),
    _Change(
        "PATCH",
        "/session",
        Function.USER_SESSION,
        (VALIDATE, UPDATE_DATA),
        "updateMySession",
        "Merge into the data of the caller's session",
        body=("data", "last_write_wins"),
        required=("data",),
        schemas={"data": "user_data_patch"},
        answer="Session",
        answer_headers=_ETAG,
        problems={
            **_NOT_SIGNED_IN,
            **_CROSS_SITE,
            **_TOO_LARGE,
            409: f"{_OTHER}, or another request changed the same key meanwhile. Nothing was written.",
        },
    ),
    _Change(
        "PUT",
        "/session/data",
        Function.USER_SESSION,
        (VALIDATE, UPDATE_DATA),
        "replaceMyData",
        "Replace the data of the caller's session, unless it was changed since",
        headers=("If-Match",),
        any_body=True,
        answer="Session",
        answer_headers=_ETAG,
        problems={
            **_NOT_SIGNED_IN,
            **_CROSS_SITE,
            **_TOO_LARGE,
            409: f"{_OTHER}, or the reply to the write was lost, and others have written since.",
            412: "The data is at another version by now. Nothing was written.",
            428: "The request does not say which version it replaces.",
        },
    ),
    _Change(
        "POST",
        "/session/rotate",
        Function.USER_SESSION,
        (VALIDATE, ROTATE),
        "rotateMyToken",
        "Replace the secret in the caller's token",
        answer="Rotation",
        answer_headers=_COOKIE,
        problems={**_NOT_SIGNED_IN, **_CROSS_SITE, **_OTHER_SESSION},
    ),
    _Change(
        "DELETE",
        "/session",
        Function.USER_SESSION,
        (VALIDATE, END_SESSION),
        "signOut",
        "End the caller's session",
        success=204,
        answer_headers=_COOKIE,
        problems={**_CROSS_SITE, **_OTHER_SESSION},
    ),
    _UserRoute(
        "GET",
        _MINE,
        Function.USER_SESSIONS,
        (VALIDATE, GET_CUSTOMER_SESSIONS),
        "getMySessions",
        "The caller's signed-in devices",
        query=PAGE,
        schemas={"limit": "listed_limit"},
        answer="ListedSessions",
        problems={**_NOT_SIGNED_IN, 403: f"{_ANONYMOUS}."},
    ),
    _Change(
        "DELETE",
        _MINE,
        Function.USER_SESSIONS,
        (VALIDATE, END_CUSTOMER_SESSIONS),
        "endMyOtherSessions",
        "End all of the caller's sessions but this one",
        query=PAGE,
        schemas=ENDING_PAGE,
        answer="EndedSessions",
        problems={**_ENDING, 409: f"{_OTHER}, or others kept ending the sessions."},
    ),
    _Change(
        "DELETE",
        f"{_MINE}/{{session_id}}",
        Function.USER_SESSIONS,
        (VALIDATE, END_SESSION),
        "endMySession",
        "End one of the caller's sessions",
        success=204,
        answer_headers=_COOKIE,
        problems={**_ENDING, **_OTHER_SESSION},
    ),
)
