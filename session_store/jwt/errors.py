"""The errors of JWTs. No message has any part of a token."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from session_store.errors import InvalidTokenError, SessionStoreError, StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Collection


class JwtRefusal(StrEnum):
    """Why a JWT was refused. For logs and metrics. A client only learns that it is not signed in."""

    MALFORMED = "malformed"
    WRONG_TYPE = "wrong type"  # not an access token
    WRONG_ALGORITHM = "wrong algorithm"
    UNKNOWN_KEY = "unknown key"
    WRONG_SIGNATURE = "wrong signature"
    WRONG_ISSUER = "wrong issuer"
    WRONG_AUDIENCE = "wrong audience"
    EXPIRED = "expired"
    NOT_YET_VALID = "not yet valid"


class InvalidJwtError(InvalidTokenError):
    """The JWT is not a good access token of this issuer for this audience. As an InvalidTokenError it is answered 401.

    Attributes:
        refusal: why, for logs and metrics.
    """

    refusal: JwtRefusal

    def __init__(self, refusal: JwtRefusal) -> None:
        super().__init__(refusal)


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
