"""Ids, secrets, hashing and parsing of tokens.

A token is `v1.<session_id>.<family>.<secret>`, a child's `v1.<session_id>.<child_session_id>.<family>.<secret>`.
The family (128 random bits) is fixed for the session's life, the secret (256 bits) is replaced at each rotation. The
table holds SHA-256 of both and nothing else of them; a fast hash is right because the input is random.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from session_store.errors import InvalidTokenError, Refusal

if TYPE_CHECKING:
    from session_store.clock import Clock

_VERSION: Final = "v1"
_COUNTER_BITS: Final = 12
_MAX_AHEAD: Final = 1000  # milliseconds that ids may be ahead of the clock, after borrowing or a small step back
_TIME_DIGITS: Final = 12  # hexadecimal, at the beginning of an id
_FAMILY_BYTES: Final = 16
_SECRET_BYTES: Final = 32
ID_PATTERN: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_ID: Final = re.compile(ID_PATTERN)
# The last character of each part carries unused bits, which have to be zero: one token, one spelling.
_TOKEN: Final = re.compile(
    rf"{_VERSION}\.({ID_PATTERN})(?:\.({ID_PATTERN}))?\.([A-Za-z0-9_-]{{21}}[AQgw])\.([A-Za-z0-9_-]{{42}}[AEIMQUYcgkosw048])"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A parsed token. Its family and secret never show in `repr`."""

    session_id: str
    child_session_id: str | None
    family: str = field(repr=False)
    secret: str = field(repr=False)

    @classmethod
    def new(cls, session_id: str, child_session_id: str | None = None) -> Token:
        """A fresh token for a session, or for a child session."""
        return cls(session_id, child_session_id, secrets.token_urlsafe(_FAMILY_BYTES), _new_secret())

    def rotated(self) -> Token:
        """The same family with a new secret."""
        return replace(self, secret=_new_secret())

    @property
    def is_child(self) -> bool:
        """Whether it is a child session's token."""
        return self.child_session_id is not None

    @property
    def family_hash(self) -> bytes:
        """SHA-256 of the family, 32 bytes."""
        return _digest(self.family)

    @property
    def token_hash(self) -> bytes:
        """SHA-256 of the secret, 32 bytes."""
        return _digest(self.secret)

    def encode(self) -> str:
        """The token as the client keeps it."""
        ids = (self.session_id,) if self.child_session_id is None else (self.session_id, self.child_session_id)
        return ".".join((_VERSION, *ids, self.family, self.secret))


def parse(text: object) -> Token:
    """Read a token.

    Raises:
        InvalidTokenError: malformed; says no more, because the text may be a secret with a typing error.
    """
    match = _TOKEN.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise InvalidTokenError(Refusal.MALFORMED)
    session_id, child_session_id, family, secret = match.groups()
    return Token(session_id, child_session_id, family, secret)


def is_session_id(text: object) -> bool:
    """Whether a text is an id as this module makes them."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


def made_at(session_id: str) -> int:
    """When an id was made, in epoch milliseconds of its maker's clock."""
    return int(session_id.replace("-", "")[:_TIME_DIGITS], 16)


def same(one: bytes | None, other: bytes) -> bool:
    """Compare two hashes in constant time; a missing one equals nothing."""
    return one is not None and hmac.compare_digest(one, other)


class IdFactory:
    """Makes UUIDv7 ids (RFC 9562) that sort by creation time, also within one millisecond of one factory.

    The 12 bits after the version count up within a millisecond (section 6.2, method 1), from a random start in their
    lower half; 62 random bits follow. They come from the operating system at each call, so that copies of a frozen
    process (Lambda SnapStart) do not repeat each other. Two factories that meet in one millisecond are unordered.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._millisecond = -1
        self._counter = 0

    def new_id(self) -> str:
        """A new id, 36 characters."""
        millisecond, counter = self._tick(int(self._clock.now() * 1000))
        value = millisecond << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | secrets.randbits(62)
        digits = f"{value:032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def _tick(self, millisecond: int) -> tuple[int, int]:
        with self._lock:
            if not 0 <= self._millisecond - millisecond <= _MAX_AHEAD:
                self._millisecond, self._counter = millisecond, _first_count()
            elif self._counter + 1 < 1 << _COUNTER_BITS:
                self._counter += 1
            else:  # a full counter borrows the next millisecond
                self._millisecond, self._counter = self._millisecond + 1, _first_count()
            return self._millisecond, self._counter


def _first_count() -> int:
    return secrets.randbits(_COUNTER_BITS - 1)


def _new_secret() -> str:
    return secrets.token_urlsafe(_SECRET_BYTES)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("ascii")).digest()
