"""The OpenAPI document of an issuer of access tokens. It has one of its own because not every deployment has an issuer.

`python -m session_store.api.issuer_openapi` prints it. Nothing at run time imports this module.
"""

from __future__ import annotations

import sys
from typing import Final

from session_store.api.backend_openapi import SIGV4, Document, Group, render
from session_store.api.user_openapi import SECURITY
from session_store.catalog.access_tokens import BACKEND_TOKEN_ROUTE, DOCUMENT_ROUTES, USER_TOKEN_ROUTE

_DESCRIPTION: Final = """\
Access tokens for services that cannot ask the session store. These routes are there where `SessionIssuer` is deployed:
the first on the API for back ends, the others on the application's. The cookie counts only where the deployment allows
it. A token is good for `expires_in` seconds, even if its session ends before.

Errors are problem details (RFC 9457). Unknown parameters and fields are refused."""

ISSUER: Final = Document(
    title="Session store: access tokens",
    description=_DESCRIPTION,
    groups=(
        Group("Back ends", "Tokens for back ends.", (BACKEND_TOKEN_ROUTE,), ("sigv4",)),
        Group("Users", "Tokens for the holder of a session's token.", (USER_TOKEN_ROUTE,), tuple(SECURITY)),
        Group("Documents", "What verifiers read.", DOCUMENT_ROUTES, ()),
    ),
    security={"sigv4": SIGV4, **SECURITY},
    gateway_answers={429: "Too many requests."},
)


if __name__ == "__main__":
    sys.stdout.write(render(ISSUER))
