"""Attempts: what a browser carries from the login to the callback, in a sealed cookie of its own for each attempt."""

from __future__ import annotations

import base64
import hmac
import json
import re
import secrets
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from session_store.errors import StoreConfigurationError
from session_store.jwt.claims import encoded
from session_store.oidc.errors import SignInNotBegunError
from session_store.settings import COOKIE_PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from session_store.clock import Clock

LIFE_SECONDS: Final = 600
_SKEW_SECONDS: Final = 60  # between the clocks of two functions
MAX_ATTEMPTS: Final = 4
"""Of one browser at a time. A further one takes the oldest one's place."""
_NAME_PREFIX: Final = f"{COOKIE_PREFIX}oidc-"
# The state begins with the cookie's own part of the name: 9 hexadecimal digits of its time, 8 of chance.
_STATE: Final = re.compile(r"([0-9a-f]{17})\.[A-Za-z0-9_-]{43}")
_NAME: Final = re.compile(rf"{_NAME_PREFIX}[0-9a-f]{{17}}")
_PURPOSE: Final = b"session-store oidc attempt 1"  # another number for cookies with other fields
_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32
_LEAST_SECRET_CHARACTERS: Final = 16
_MAX_SEALED_CHARACTERS: Final = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to sign in. None of its secrets is in `repr`.

    Attributes:
        state: of the authorization request.
        nonce: likewise. The ID token must have it.
        verifier: of PKCE, for the token request.
        begun_at: seconds since the epoch.
        return_to: the path that the visitor goes to.
        max_age: seconds, if the provider was asked for it.
        acr_values: likewise.
        session_id: the browser's session, where its cookie does not come with the answer.
    """

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    begun_at: int
    return_to: str = field(repr=False)
    max_age: int | None = None
    acr_values: tuple[str, ...] = ()
    session_id: str | None = None


def new_state(now: float) -> str:
    """A state that cannot be guessed, and that says when it was made."""
    return f"{int(now):09x}{secrets.token_hex(4)}.{secrets.token_urlsafe(32)}"


class AttemptCookies:
    """Writes and reads the cookies.

    Args:
        secret: gives the text that the key is made from, at least 16 characters.
        context: the issuer, the client and its redirect URI. A cookie of another context does not open.
        cross_site: whether the answer comes as a POST of the provider's page (`form_post`).
        clock: tells the time.
    """

    def __init__(self, secret: Callable[[], str], context: str, *, cross_site: bool, clock: Clock) -> None:
        self._secret = secret
        self._context = context
        self._clock = clock
        self._attributes = f"Path=/; Secure; HttpOnly; SameSite={'None' if cross_site else 'Lax'}"

    def write(self, attempt: Attempt, pairs: Iterable[str]) -> tuple[str, ...]:
        """The values of `Set-Cookie` that keep an attempt, and take away the oldest ones of too many.

        Args:
            attempt: the new one.
            pairs: the request's cookies.
        """
        name = _name_of(attempt.state)
        others = sorted({found for found, _ in map(_split, pairs) if _NAME.fullmatch(found)} - {name})
        too_old = others[: max(len(others) - MAX_ATTEMPTS + 1, 0)]
        sealed = self._seal(name, json.dumps(asdict(attempt), separators=(",", ":")).encode())
        return (*map(self._cleared, too_old), f"{name}={sealed}; Max-Age={LIFE_SECONDS}; {self._attributes}")

    def read(self, state: str | None, pairs: Iterable[str]) -> Attempt:
        """The attempt that an answer belongs to.

        Args:
            state: as the answer has it.
            pairs: the request's cookies.

        Raises:
            SignInNotBegunError: this browser has no such attempt.
        """
        name = _name_of(state or "")
        values = [value for found, value in map(_split, pairs) if name and found == name]
        if len(values) != 1 or state is None:
            raise SignInNotBegunError
        content = self._open(name, values[0])
        fields = json.loads(content) if content else {}
        age = self._clock.now() - fields.get("begun_at", float("-inf"))
        if not hmac.compare_digest(str(fields.get("state", "")), state) or not -_SKEW_SECONDS <= age <= LIFE_SECONDS:
            raise SignInNotBegunError
        return Attempt(**{**fields, "acr_values": tuple(fields["acr_values"])})

    def cleared(self, state: str | None, pairs: Iterable[str]) -> tuple[str, ...]:
        """The values of `Set-Cookie` that end the attempt that an answer names, if the browser has it."""
        name = _name_of(state or "")
        return (self._cleared(name),) if name and name in (found for found, _ in map(_split, pairs)) else ()

    def _cleared(self, name: str) -> str:
        return f"{name}=; Max-Age=0; {self._attributes}"

    def _seal(self, name: str, content: bytes) -> str:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self._cipher().encrypt(nonce, content, self._bound_to(name))
        return encoded(sealed)

    def _open(self, name: str, text: str) -> bytes | None:
        if len(text) > _MAX_SEALED_CHARACTERS:
            return None
        try:
            sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars="-_", validate=True)
            return self._cipher().decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], self._bound_to(name))
        except (InvalidTag, ValueError):
            return None

    def _bound_to(self, name: str) -> bytes:
        return f"{self._context}\n{name}".encode()

    def _cipher(self) -> AESGCM:
        secret = self._secret()
        if len(secret) < _LEAST_SECRET_CHARACTERS:
            problem = f"the secret of the sign-in's cookies must have at least {_LEAST_SECRET_CHARACTERS} characters"
            raise StoreConfigurationError(problem)
        derived = HKDF(SHA256(), _KEY_BYTES, salt=None, info=_PURPOSE).derive(secret.encode())
        return AESGCM(derived)


def _name_of(state: str) -> str:
    """The name of an attempt's cookie, empty for what is no state."""
    match = _STATE.fullmatch(state)
    return f"{_NAME_PREFIX}{match[1]}" if match else ""


def _split(pair: str) -> tuple[str, str]:
    name, _, value = pair.strip(" \t").partition("=")
    return name, value
