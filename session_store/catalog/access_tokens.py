"""The routes of an issuer of access tokens. They are there only where `SessionIssuer` is deployed.

So they are no part of `catalog.routes`, which every function loads.
"""

from __future__ import annotations

from typing import Final

from session_store.catalog.functions import Function
from session_store.catalog.route import Authorization, Route
from session_store.catalog.sessions import GET_SESSION_STRICTLY, NOT_FOUND, SESSION, VALIDATE
from session_store.jwt.agreed import DISCOVERY_PATH, KEYS_PATH

# What each function may do with the keys of the issuer.
SIGN: Final = "kms:Sign"
PUBLISH: Final = "kms:GetPublicKey"
BY_KEY: Final = {Function.MINT: SIGN, Function.USER_MINT: SIGN, Function.ISSUER: PUBLISH}
_FIELDS: Final = ("audience", "scope")
_SCHEMAS: Final = {"audience": "token_audience"}
_ANONYMOUS: Final = "The session is anonymous"
_TOO_LARGE: Final = {413: "The data that goes into the token is too large."}

BACKEND_TOKEN_ROUTE: Final = Route(
    "POST",
    f"{SESSION}/token",
    Function.MINT,
    (GET_SESSION_STRICTLY,),
    "createAccessToken",
    "Make an access token from a session",
    body=_FIELDS,
    schemas=_SCHEMAS,
    answer="AccessToken",
    problems={
        403: f"{_ANONYMOUS}. API Gateway's own is for requests that are not signed, or not allowed.",
        404: NOT_FOUND,
        **_TOO_LARGE,
    },
)
USER_TOKEN_ROUTE: Final = Route(
    "POST",
    "/session/token",
    Function.USER_MINT,
    (VALIDATE,),
    "createMyAccessToken",
    "Make an access token from the caller's session",
    authorization=Authorization.NONE,
    optional_headers=("Session-Binding",),
    body=_FIELDS,
    schemas=_SCHEMAS,
    answer="AccessToken",
    problems={
        401: "The request carries no live session's token, or not in a place that counts.",
        403: f"{_ANONYMOUS}, or the cookie came from a page that is not allowed to change state.",
        409: "The page was made in another session (`Session-Binding`).",
        **_TOO_LARGE,
    },
)
DOCUMENT_ROUTES: Final = (
    Route(
        "GET",
        DISCOVERY_PATH,
        Function.ISSUER,
        (),
        "getIssuer",
        "The issuer's name, and where its keys are",
        authorization=Authorization.NONE,
        answer="IssuerMetadata",
    ),
    Route(
        "GET",
        KEYS_PATH,
        Function.ISSUER,
        (),
        "getIssuerKeys",
        "The issuer's public keys",
        authorization=Authorization.NONE,
        answer="IssuerKeys",
    ),
)
ISSUER_ROUTES: Final = (BACKEND_TOKEN_ROUTE, USER_TOKEN_ROUTE, *DOCUMENT_ROUTES)
