"""Decodes signed JWTs of any type: the header, then the signature, then the claims that all types have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import jwt
from jwt import exceptions

from session_store.errors import Refusal
from session_store.jwt.errors import InvalidJwtError

if TYPE_CHECKING:
    from datetime import timedelta

    from session_store.jwt.key_set import KeySet

_MAX_CHARACTERS: Final = 16 * 1024
_TIMES: Final = ("iat", "nbf", "exp")
_LAST_SECOND: Final = 253_402_300_799  # of the year 9999
# The first that fits.
_REFUSALS: Final[tuple[tuple[type[exceptions.PyJWTError], Refusal], ...]] = (
    (exceptions.ExpiredSignatureError, Refusal.EXPIRED),
    (exceptions.ImmatureSignatureError, Refusal.NOT_YET_VALID),
    (exceptions.InvalidAudienceError, Refusal.WRONG_AUDIENCE),
    (exceptions.InvalidIssuerError, Refusal.WRONG_ISSUER),
    (exceptions.InvalidSignatureError, Refusal.WRONG_SIGNATURE),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The token that a caller accepts.

    Attributes:
        types: in lower case. An empty one stands for a token that names none.
        algorithm: the only one.
        issuer: as the token names it.
        audience: likewise.
        required: the claims that it must have.
        leeway: how far the clocks may be apart.
        alone: whether the audience must be the only one, and no list.
    """

    types: tuple[str, ...]
    algorithm: str
    issuer: str
    audience: str
    required: tuple[str, ...]
    leeway: timedelta
    alone: bool


def verified_claims(token: str, keys: KeySet, expected: Expected) -> dict[str, Any]:
    """The claims of a token, once its signature and they are as expected.

    Raises:
        InvalidJwtError: they are not.
        KeysUnavailableError: the keys cannot be read.
    """
    claims = _claims(token, keys.key(_key_id(token, expected), expected.algorithm), expected)
    if not all(is_time(claims[name]) for name in _TIMES if name in claims):  # PyJWT takes texts, too
        raise InvalidJwtError(Refusal.MALFORMED)
    return claims


def is_time(value: object) -> bool:
    """Whether a claim is a number of seconds, and within the time that Python knows."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= abs(value) <= _LAST_SECOND


def _key_id(token: str, expected: Expected) -> str:
    """The id of the key that a token names, once its header is one that we accept. Its other hints about keys are not.

    Raises:
        InvalidJwtError: it is not.
    """
    header = _header(token)
    if header.get("alg") != expected.algorithm:
        raise InvalidJwtError(Refusal.WRONG_ALGORITHM)
    if str(header.get("typ", "")).lower() not in expected.types:
        raise InvalidJwtError(Refusal.WRONG_KIND)
    kid = header.get("kid")
    if not isinstance(kid, str) or "crit" in header:  # we know no header that a token may insist on
        raise InvalidJwtError(Refusal.MALFORMED)
    return kid


def _header(token: str) -> dict[str, Any]:
    if isinstance(token, str) and token.isascii() and len(token) <= _MAX_CHARACTERS:
        try:
            return jwt.get_unverified_header(token)
        except (exceptions.PyJWTError, ValueError, RecursionError):
            pass
    # Raised out here: as its context the error would carry one that quotes the token.
    raise InvalidJwtError(Refusal.MALFORMED)


def _claims(token: str, key: jwt.PyJWK, expected: Expected) -> dict[str, Any]:
    try:
        return jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            issuer=expected.issuer,
            audience=expected.audience,
            leeway=expected.leeway,
            options={"require": list(expected.required), "strict_aud": expected.alone},
        )
    except exceptions.PyJWTError as error:
        refusal = next((refusal for kind, refusal in _REFUSALS if isinstance(error, kind)), Refusal.MALFORMED)
    except (ValueError, TypeError, RecursionError, OverflowError):
        refusal = Refusal.MALFORMED
    raise InvalidJwtError(refusal)
