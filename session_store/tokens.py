"""Ids, secrets, hashing and parsing of tokens.

A token is `v1.<session_id>.<family>.<secret>`, a child's `v1.<session_id>.<child_session_id>.<family>.<secret>`.
The family (128 random bits) is fixed for the session's life, the secret (256 bits) is replaced at each rotation. The
table holds SHA-256 of both. A fast hash is right because the input is random.

The first secret is random. A successor is made without a write, as often as it is asked for: the time of its issue (5
bytes, seconds), a nonce (11) and the first 16 bytes of HMAC-SHA256 over all that it belongs to, with the session's
rotation key, which only the row has. The MAC covers the family, which the row does not have and a thief of the row
lacks: see `operations.token_rules`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import threading
from typing import TYPE_CHECKING, Final

from session_store.errors import InvalidTokenError, Refusal
from session_store.values import dataclass, field, replace

if TYPE_CHECKING:
    from session_store.clock import Clock

_VERSION: Final = "v1"
_COUNTER_BITS: Final = 12
_RANDOM_BITS: Final = 52  # after the home byte; two more are before it, in the digit of the variant
_MAX_AHEAD: Final = 1000  # milliseconds that ids may be ahead of the clock, after borrowing or a small step back
_TIME_DIGITS: Final = 12  # hexadecimal, at the beginning of an id
_FAMILY_BYTES: Final = 16
_SECRET_BYTES: Final = 32
_TIME_BYTES: Final = 5
_NONCE_BYTES: Final = 11
_HEAD_BYTES: Final = _TIME_BYTES + _NONCE_BYTES
_EPOCH_BYTES: Final = 8
_KEY_BYTES: Final = 32
_NO_ID: Final = "-" * 36  # in the place of a child's id in what is authenticated: its fields have fixed lengths
HOME: Final = 0
"""The home byte of new ids: the region that owns a session, once there are several. A child has its root's."""
ID_PATTERN: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
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

    def successor(self, rotation_key: bytes, epoch: int, now: int) -> Token:
        """A token with a fresh secret of an epoch.

        Args:
            rotation_key: the session's.
            epoch: of the new secret, from 1.
            now: epoch seconds.
        """
        head = now.to_bytes(_TIME_BYTES) + secrets.token_bytes(_NONCE_BYTES)
        return replace(self, secret=_encode(head + self._mac(rotation_key, epoch, head)))

    def issued_at(self, rotation_key: bytes, epoch: int) -> int | None:
        """When the secret was issued as one of this epoch, epoch seconds, None when it was not.

        Args:
            rotation_key: the session's.
            epoch: from 1.
        """
        secret = _decode(self.secret)
        head = secret[:_HEAD_BYTES]
        genuine = hmac.compare_digest(secret[_HEAD_BYTES:], self._mac(rotation_key, epoch, head))
        return _time_in(secret) if genuine else None

    @property
    def time(self) -> int:
        """When the secret was issued, epoch seconds, of one that is known to be of an epoch from 1."""
        return _time_in(_decode(self.secret))

    def _mac(self, rotation_key: bytes, epoch: int, head: bytes) -> bytes:
        ids = f"{_VERSION}{self.session_id}{self.child_session_id or _NO_ID}{self.family}".encode("ascii")
        message = ids + epoch.to_bytes(_EPOCH_BYTES) + head
        return hmac.digest(rotation_key, message, "sha256")[: _SECRET_BYTES - _HEAD_BYTES]

    @property
    def is_child(self) -> bool:
        """Whether it is a child session's token."""
        return self.child_session_id is not None

    @property
    def family_hash(self) -> bytes:
        """SHA-256 of the family, 32 bytes."""
        return digest(self.family)

    @property
    def token_hash(self) -> bytes:
        """SHA-256 of the secret, 32 bytes."""
        return digest(self.secret)

    def encode(self) -> str:
        """The token as the client keeps it."""
        ids = (self.session_id,) if self.child_session_id is None else (self.session_id, self.child_session_id)
        return ".".join((_VERSION, *ids, self.family, self.secret))


def parse(text: object) -> Token:
    """Read a token.

    Raises:
        InvalidTokenError: malformed. Says no more, because the text may be a secret with a typing error.
    """
    match = _TOKEN.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise InvalidTokenError(Refusal.MALFORMED)
    session_id, child_session_id, family, secret = match.groups()
    return Token(session_id, child_session_id, family, secret)


def new_rotation_key() -> bytes:
    """A session's key for the secrets of its successors, 32 random bytes."""
    return secrets.token_bytes(_KEY_BYTES)


def is_session_id(text: object) -> bool:
    """Whether a text is an id as this module makes them."""
    return isinstance(text, str) and re.fullmatch(ID_PATTERN, text) is not None


def made_at(session_id: str) -> int:
    """When an id was made, in epoch milliseconds of its maker's clock."""
    return int(session_id.replace("-", "")[:_TIME_DIGITS], 16)


def same(one: bytes | None, other: bytes) -> bool:
    """Compare two hashes in constant time. A missing one equals nothing."""
    return one is not None and hmac.compare_digest(one, other)


class IdFactory:
    """Makes UUIDv7 ids (RFC 9562) that sort by creation time, also within one millisecond of one factory.

    The 12 bits after the version count up within a millisecond (section 6.2, method 1), from a random start in their
    lower half. The two digits after the variant's are the home byte. 54 random bits are around it. They come from the
    operating system at each call, so that copies of a frozen process (Lambda SnapStart) do not repeat each other. Two
    factories that meet in one millisecond are unordered.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._millisecond = -1
        self._counter = 0

    def new_id(self, home: int = HOME) -> str:
        """A new id, 36 characters.

        Args:
            home: its home byte.
        """
        millisecond, counter = self._tick(int(self._clock.now() * 1000))
        moment = millisecond << 80 | 0x7 << 76 | counter << 64
        variant = 0b10 << 62 | secrets.randbits(2) << 60
        value = moment | variant | home << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
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


def home_of(session_id: str) -> int:
    """The home byte of an id."""
    return int(session_id[20:22], 16)


def _new_secret() -> str:
    return secrets.token_urlsafe(_SECRET_BYTES)


def _encode(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(f"{text}=")


def _time_in(secret: bytes) -> int:
    return int.from_bytes(secret[:_TIME_BYTES])


def digest(text: str) -> bytes:
    """SHA-256 of a text, 32 bytes."""
    return hashlib.sha256(text.encode()).digest()
