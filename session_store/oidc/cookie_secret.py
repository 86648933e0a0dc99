"""The text that seals the cookies of attempts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from session_store import checks
from session_store.errors import InvalidInputError
from session_store.oidc.apple import AppleClientSecret

if TYPE_CHECKING:
    from collections.abc import Callable


def cookie_secret_of(own: Callable[[], str] | None, client_secret: Callable[[], str] | None) -> Callable[[], str]:
    """The application's own, or else the client's secret.

    Raises:
        InvalidInputError: there is neither, or it cannot be called.
    """
    if own is not None:
        return checks.check_function("cookie_secret", own)
    if isinstance(client_secret, AppleClientSecret):  # the secret itself changes every few minutes
        return client_secret.private_key
    if client_secret is None:
        raise InvalidInputError("cookie_secret", "must be given where client_secret is not")
    return client_secret
