"""Sign-in with an identity provider (OpenID Connect): its sign-in becomes a session. Needs the extra `oidc`.

from session_store.oidc import OidcSignIn, SecretsManagerSecret, sign_in_handler

SIGN_IN = OidcSignIn(
    issuer="https://accounts.example.com",
    client_id="shop",
    client_secret=SecretsManagerSecret("oidc/shop"),
    redirect_uri="https://shop.example.com/auth/callback",
    customer_prefix="example:",
)
handler = sign_in_handler(SIGN_IN)  # GET /auth/login, GET /auth/callback, POST /auth/logout
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

_MODULES = {
    "AppleClientSecret": "apple",
    "Authentication": "authentication",
    "KeptTokens": "signing_out",
    "LogoutTokenError": "errors",
    "LogoutVerifier": "logouts",
    "OidcSignIn": "sign_in",
    "ProviderAnswerError": "errors",
    "ProviderLogout": "logout_token",
    "ProviderRefusedError": "errors",
    "ProviderSignIn": "sign_in",
    "ProviderUnavailableError": "errors",
    "SecretsManagerSecret": "secrets",
    "SignInError": "errors",
    "SignInNotBegunError": "errors",
    "SignInRefusedError": "errors",
    "StepUp": "step_up",
    "StepUpNotMetError": "errors",
    "authentication_of": "authentication",
    "backchannel_logout_handler": "logout_handler",
    "sign_in_handler": "handler",
    "sign_in_handler_from_environment": "handler",
}

if TYPE_CHECKING:
    from session_store.oidc.apple import AppleClientSecret
    from session_store.oidc.authentication import Authentication, authentication_of
    from session_store.oidc.errors import (
        LogoutTokenError,
        ProviderAnswerError,
        ProviderRefusedError,
        ProviderUnavailableError,
        SignInError,
        SignInNotBegunError,
        SignInRefusedError,
        StepUpNotMetError,
    )
    from session_store.oidc.handler import sign_in_handler, sign_in_handler_from_environment
    from session_store.oidc.logout_handler import backchannel_logout_handler
    from session_store.oidc.logout_token import ProviderLogout
    from session_store.oidc.logouts import LogoutVerifier
    from session_store.oidc.secrets import SecretsManagerSecret
    from session_store.oidc.sign_in import OidcSignIn, ProviderSignIn
    from session_store.oidc.signing_out import KeptTokens
    from session_store.oidc.step_up import StepUp
else:

    def __getattr__(name: str) -> Any:  # noqa: ANN401 - any member
        """Load a member when it is first asked for: a page that reads how its visitor signed in needs no provider."""
        if name not in _MODULES:
            raise AttributeError(name)
        try:
            return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        except ModuleNotFoundError as error:
            raise ImportError(
                "sign-in with a provider needs PyJWT and cryptography: install the extra, "
                "from a checkout with pip install '.[oidc]'"
            ) from error

    def __dir__() -> list[str]:
        return __all__


__all__ = [
    "AppleClientSecret",
    "Authentication",
    "KeptTokens",
    "LogoutTokenError",
    "LogoutVerifier",
    "OidcSignIn",
    "ProviderAnswerError",
    "ProviderLogout",
    "ProviderRefusedError",
    "ProviderSignIn",
    "ProviderUnavailableError",
    "SecretsManagerSecret",
    "SignInError",
    "SignInNotBegunError",
    "SignInRefusedError",
    "StepUp",
    "StepUpNotMetError",
    "authentication_of",
    "backchannel_logout_handler",
    "sign_in_handler",
    "sign_in_handler_from_environment",
]
