"""Access tokens: short-lived JWTs made from sessions, for services that cannot ask the store. Needs the extra `jwt`.

    from session_store.jwt import verify

    claims = verify(token, issuer="https://api.example.com", audience="orders")

`SessionIssuer` of `session_store.cdk` makes them. With `Issuer` a function of your own does. It needs no extra. The
session's own token is the refresh token.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from session_store.jwt.errors import InsufficientScopeError, InvalidJwtError, KeysUnavailableError
    from session_store.jwt.issuer import IssuedToken, Issuer
    from session_store.jwt.verifying import AccessToken, verify
else:

    def __getattr__(name: str) -> Any:  # noqa: ANN401 - any member
        """Load a member when it is first asked for: the functions that make tokens verify none."""
        if name not in __all__:
            raise AttributeError(name)
        modules = {"AccessToken": "verifying", "verify": "verifying", "IssuedToken": "issuer", "Issuer": "issuer"}
        return getattr(import_module(f"{__name__}.{modules.get(name, 'errors')}"), name)

    def __dir__() -> list[str]:
        return __all__


__all__ = [
    "AccessToken",
    "InsufficientScopeError",
    "InvalidJwtError",
    "IssuedToken",
    "Issuer",
    "KeysUnavailableError",
    "verify",
]
