"""Verification of access tokens, without a call to the store. It says what was true when the token was made."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

try:
    import cryptography  # noqa: F401 - without it PyJWT knows HMAC alone
    import jwt  # noqa: F401
except ModuleNotFoundError as error:
    raise ImportError(
        "verify needs PyJWT and cryptography: install the extra, from a checkout with pip install '.[jwt]'"
    ) from error

from session_store.checks import check_id, check_names
from session_store.errors import Refusal
from session_store.jwt.agreed import KEYS_PATH, MAX_LEEWAY, check_address, check_algorithm
from session_store.jwt.decoding import Expected, verified_claims
from session_store.jwt.errors import InsufficientScopeError, InvalidJwtError
from session_store.jwt.key_set import key_set
from session_store.model import check_whole_seconds

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from session_store.jwt.agreed import Algorithm

DEFAULT_LEEWAY: Final = timedelta(seconds=30)
_TYPES: Final = ("at+jwt", "application/at+jwt")
_REQUIRED: Final = ("iss", "aud", "sub", "sid", "iat", "nbf", "exp", "jti")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """The content of a verified access token. Times are aware UTC datetimes.

    Attributes:
        session_id: of the session that it was made from (`sid`).
        customer_id: whose it is (`sub`).
        audience: the service that it is for (`aud`).
        scopes: what it allows (`scope`). May be empty.
        auth_time: when the customer signed in, or the earlier moment at which their provider asked for it. None if the
            provider did not say.
        issued_at: when it was made (`iat`). The session was live then.
        expires_at: when it runs out (`exp`).
        token_id: of this token alone (`jti`).
        claims: all claims, with the session's data among them. Never in `repr`.
    """

    session_id: str
    customer_id: str
    audience: str
    scopes: frozenset[str]
    auth_time: datetime | None
    issued_at: datetime
    expires_at: datetime
    token_id: str
    claims: Mapping[str, Any] = field(repr=False)


def verify(
    token: str,
    *,
    issuer: str,
    audience: str,
    scopes: Collection[str] = (),
    algorithm: Algorithm = "RS256",
    leeway: timedelta = DEFAULT_LEEWAY,
    keys_url: str | None = None,
) -> AccessToken:
    """Verify an access token that a `SessionIssuer` made: its signature first, then everything else.

    A session that has ended since is not noticed until the token runs out, after the issuer's `ttl` at most. If an
    end must count at once, ask the store (`SessionStore.validate`).

    The issuer's keys are fetched once and kept for 10 minutes. A token with an unknown key makes them be fetched again,
    every 30 seconds at most. While the issuer does not answer, they stay good for an hour.

    Args:
        token: as the client presented it, without `Bearer`.
        issuer: the issuer's address, as the token must name it.
        audience: the service that asks. A token for another one is refused.
        scopes: all of these the token must have.
        algorithm: the only one that is accepted. `ES256` for issuers with such a local key.
        leeway: how far the clocks may be apart. Whole seconds, at most 5 minutes.
        keys_url: the address of the keys, by default the issuer's `/.well-known/jwks.json`.

    Raises:
        InvalidJwtError: it is not good. `refusal` says why, the client need not know.
        InsufficientScopeError: it is good and lacks a scope.
        KeysUnavailableError: the keys cannot be read. Nothing is known to be valid.
        InvalidInputError: an argument other than the token is not acceptable. Also a ValueError.
    """
    check_address("issuer", issuer)
    check_id("audience", audience)
    check_names("scopes", scopes)
    check_whole_seconds("leeway", leeway, minimum=timedelta(0), maximum=MAX_LEEWAY)
    check_algorithm("algorithm", algorithm)
    keys = key_set(check_address("keys_url", keys_url or f"{issuer}{KEYS_PATH}"))
    expected = Expected(
        types=_TYPES,
        algorithm=algorithm,
        issuer=issuer,
        audience=audience,
        required=_REQUIRED,
        leeway=leeway,
        alone=True,
    )
    verified = _access_token(verified_claims(token, keys, expected))
    if missing := set(scopes) - verified.scopes:
        raise InsufficientScopeError(missing)
    return verified


def _access_token(claims: dict[str, Any]) -> AccessToken:
    try:
        return AccessToken(
            session_id=_text(claims["sid"]),
            customer_id=_text(claims["sub"]),
            audience=_text(claims["aud"]),
            scopes=frozenset(_text(claims.get("scope", "")).split()),
            auth_time=_time(claims["auth_time"]) if "auth_time" in claims else None,
            issued_at=_time(claims["iat"]),
            expires_at=_time(claims["exp"]),
            token_id=_text(claims["jti"]),
            claims=claims,
        )
    except (ValueError, TypeError, OverflowError, OSError):
        pass
    raise InvalidJwtError(Refusal.MALFORMED)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _time(value: Any) -> datetime:  # noqa: ANN401 - what is no number raises
    return datetime.fromtimestamp(value, UTC)
