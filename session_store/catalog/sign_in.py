"""The routes of a sign-in with an identity provider. They are there only where `OidcRoutes` is deployed.

So they are no part of `catalog.routes`, which every function loads. Browsers and the provider call them, no program
with an OpenAPI document does. Their paths stand below a prefix.
"""

from __future__ import annotations

from typing import Final

from session_store.catalog.functions import Function
from session_store.catalog.provider_sessions import PROVIDER_LOGOUT, PROVIDER_SIGN_IN
from session_store.catalog.route import Authorization, Route
from session_store.catalog.sessions import END_SESSION, GET_SESSION, VALIDATE

_MAKES_A_SESSION: Final = (PROVIDER_SIGN_IN, GET_SESSION)

LOGIN_ROUTE: Final = Route(
    "GET",
    "/login",
    Function.SIGN_IN,
    (VALIDATE,),
    "signInWithProvider",
    "Send the browser to the provider",
    success=303,
    authorization=Authorization.NONE,
    query=("return_to", "step_up"),
)
CALLBACK_ROUTE: Final = Route(
    "GET",
    "/callback",
    Function.SIGN_IN,
    _MAKES_A_SESSION,
    "finishSignIn",
    "Turn the provider's answer into a session",
    success=303,
    authorization=Authorization.NONE,
)
FORM_CALLBACK_ROUTE: Final = Route(
    "POST",
    "/callback",
    Function.SIGN_IN,
    _MAKES_A_SESSION,
    "finishPostedSignIn",
    "The same for an answer that comes as a form",
    success=303,
    authorization=Authorization.NONE,
)
LOGOUT_ROUTE: Final = Route(
    "POST",
    "/logout",
    Function.SIGN_IN,
    (VALIDATE, END_SESSION),
    "signOutWithProvider",
    "End the session, and send the browser to the provider's logout",
    success=303,
    authorization=Authorization.NONE,
)
PROVIDER_LOGOUT_ROUTE: Final = Route(
    "POST",
    "/backchannel-logout",
    Function.PROVIDER_LOGOUT,
    (PROVIDER_LOGOUT,),
    "endSessionsByProvider",
    "End the sessions that a logout token of the provider names",
    authorization=Authorization.NONE,
)
SIGN_IN_ROUTES: Final = (LOGIN_ROUTE, CALLBACK_ROUTE, FORM_CALLBACK_ROUTE, LOGOUT_ROUTE, PROVIDER_LOGOUT_ROUTE)
SIGN_IN_FUNCTIONS: Final = tuple(dict.fromkeys(route.function for route in SIGN_IN_ROUTES))
BY_SECRET: Final = {Function.SIGN_IN: "secretsmanager:GetSecretValue"}
"""What each function may do with the client's secret."""
