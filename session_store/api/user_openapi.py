"""The OpenAPI document of the user routes. `python -m session_store.api.user_openapi [PREFIX]` prints it.

Nothing at run time imports this module.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Final

from session_store.api.backend_openapi import Document, Group, render
from session_store.catalog.functions import Function
from session_store.catalog.routes import routes_of
from session_store.settings import DEFAULT_COOKIE_NAME

_DESCRIPTION: Final = f"""\
The end user's own sessions, on the application's API. The token comes in the cookie `{DEFAULT_COOKIE_NAME}`, unless the
deployment names another, or as `Authorization: Bearer`. The header wins. With the cookie, a request that changes state
has to come from a page of the API's own origin (`Sec-Fetch-Site: same-origin`) or of an allowed one (`Origin`).
Otherwise the response is 403.

Times are RFC 3339 in UTC. Errors are problem details (RFC 9457). No response may be cached. Unknown parameters and
fields are refused. Any response may rotate an old session cookie."""
SECURITY: Final = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "The session's token."},
    "cookie": {"type": "apiKey", "in": "cookie", "name": DEFAULT_COOKIE_NAME, "description": "The session's token."},
}

USER: Final = Document(
    title="Session store: user routes",
    description=_DESCRIPTION,
    groups=(
        Group("Session", "The session that the caller is in.", routes_of(Function.USER_SESSION)),
        Group("My sessions", "All sessions of the caller.", routes_of(Function.USER_SESSIONS)),
    ),
    security=SECURITY,
    gateway_answers={429: "Too many requests."},
)


def under(prefix: str) -> Document:
    """The document of the routes on paths that begin with a prefix, as `SessionUserRoutes(prefix=)` makes them."""
    groups = [replace(group, routes=[route.under(prefix) for route in group.routes]) for group in USER.groups]
    return replace(USER, groups=groups)


if __name__ == "__main__":
    sys.stdout.write(render(under("".join(sys.argv[1:2]))))
