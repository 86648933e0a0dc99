"""The errors of JWTs. No message has any part of a token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from session_store.errors import InvalidTokenError, SessionStoreError, StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Collection


class InvalidJwtError(InvalidTokenError):
    """The JWT is not a good access token of this issuer for this audience. `refusal` says why, for logs and metrics."""


class InsufficientScopeError(SessionStoreError):
    """The JWT is good, but lacks a scope. Answer 403.

    Attributes:
        missing: the scopes that it lacks, sorted.
    """

    def __init__(self, missing: Collection[str]) -> None:
        self.missing = tuple(sorted(missing))
        super().__init__(f"the token lacks the scope {' '.join(self.missing)}")


class KeysUnavailableError(StoreUnavailableError):
    """The issuer's public keys could not be read, so nothing is known to be valid. Fail closed."""

    def __init__(self, cause: str) -> None:
        super().__init__("GET of the issuer's keys", cause)
