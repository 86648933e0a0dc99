"""Signing out with the provider, once the session here has ended. A fault loses no more than a line in the log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from session_store.errors import InvalidInputError, SessionStoreError
from session_store.log import logger, place_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.model import Session
    from session_store.oidc.sign_in import OidcSignIn


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTokens:
    """The provider's tokens that an application has kept, and gives back at the logout. None is in `repr`.

    Attributes:
        id_token: becomes `id_token_hint` in the address of the provider's logout, where the standard wants it. There
            the browser's history and the provider's logs see it: leave it out if the provider does without.
        refresh_token: is revoked.

    Raises:
        InvalidInputError: one of them is no text.
    """

    id_token: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name in ("id_token", "refresh_token"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, str):
                raise InvalidInputError(name, "must be a string", confidential=True)


def given_back(on_sign_out: Callable[[Session], KeptTokens | None] | None, session: Session | None) -> KeptTokens:
    """The tokens that the application has kept with a session, which has ended by now."""
    if on_sign_out is None or session is None:
        return KeptTokens()
    try:
        return _checked(on_sign_out(session))
    except Exception as error:  # noqa: BLE001 - it is the application's code, and its message may quote a token
        logger().error("on_sign_out raised %s at %s", type(error).__name__, place_of(error))
    return KeptTokens()


def _checked(kept: KeptTokens | None) -> KeptTokens:
    if kept is not None and not isinstance(kept, KeptTokens):
        raise InvalidInputError("on_sign_out", "must return KeptTokens or None", confidential=True)
    return kept or KeptTokens()


def leave_provider(sign_in: OidcSignIn, kept: KeptTokens) -> str | None:
    """Revoke what was kept.

    Returns:
        The address of the provider's logout. None if it has none, or does not answer.
    """
    try:
        if kept.refresh_token is not None and not sign_in.revoke(kept.refresh_token):
            logger().warning("the provider has no revocation endpoint: the refresh token stays good")
    except SessionStoreError as error:
        logger().warning("%s: %s", type(error).__name__, error)
    try:
        return sign_in.logout_url(id_token_hint=kept.id_token)
    except SessionStoreError as error:
        logger().warning("%s: %s", type(error).__name__, error)
    return None
