"""The content of an access token (RFC 9068), and the bytes that are signed."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING, Any, Final

from session_store.errors import DataTooLargeError
from session_store.operations.authentication import authenticated_at

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from session_store.jwt.settings import IssuerSettings
    from session_store.model import Session

TYPE: Final = "at+jwt"
# As JSON. The token is half as long again, and all headers of a request to an HTTP API may have 10,240 bytes.
MAX_CLAIM_BYTES: Final = 4096
_ID_BYTES: Final = 16


def claims_of(
    session: Session, settings: IssuerSettings, *, audience: str, scopes: Collection[str], now: int
) -> dict[str, Any]:
    """The claims of a customer's session. They run out with the session at the latest.

    Args:
        session: a live one.
        settings: of the issuer.
        audience: the service that the token is for.
        scopes: what it allows.
        now: a moment, in seconds since 1970, that was not after the session was read.
    """
    login = session.last_login_time or session.created_at
    auth_time = authenticated_at(session.data, login.timestamp())
    ttl = int(settings.ttl.total_seconds())
    claims = {key: session.data[key] for key in settings.data_keys if key in session.data}
    claims |= {
        "iss": settings.issuer,
        "aud": audience,
        "sub": session.customer_id,
        "sid": session.session_id,
        "iat": now,
        "nbf": now,
        "exp": min(now + ttl, int(session.expires_at.timestamp())),
        "jti": secrets.token_urlsafe(_ID_BYTES),
    }
    claims |= {} if auth_time is None else {"auth_time": int(auth_time)}
    return claims | {"scope": " ".join(scopes)} if scopes else claims


def signing_input(claims: Mapping[str, Any], *, kid: str, algorithm: str) -> str:
    """The first two parts of a token.

    Raises:
        DataTooLargeError: the claims have more than 4,096 bytes.
    """
    content = _json(claims)
    if len(content) > MAX_CLAIM_BYTES:
        raise DataTooLargeError(len(content), MAX_CLAIM_BYTES, of="an access token")
    return f"{encoded(_json({'alg': algorithm, 'kid': kid, 'typ': TYPE}))}.{encoded(content)}"


def encoded(content: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
