"""How far a scan in parallel segments got, as a text that an operator can hand back."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from session_store.errors import InvalidInputError
from session_store.storage import schema

if TYPE_CHECKING:
    from session_store.storage.attribute_values import Item

MAX_SEGMENTS: Final = 64
_KEYS: Final = (schema.PARTITION_KEY, schema.SORT_KEY)


@dataclass
class Cursor:
    """How far each segment got.

    Attributes:
        segments: how many there are. A scan goes on with as many as it began with.
        reached: segment -> the key of the last row that is done, None for a segment that is done. Others begin anew.
    """

    segments: int
    reached: dict[int, Item | None] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        """Whether every segment is."""
        return all(self.reached.get(segment, ...) is None for segment in range(self.segments))

    def begins(self) -> list[tuple[int, Item | None]]:
        """The segments that are not done, with the key that each goes on after, None at its beginning."""
        left = [segment for segment in range(self.segments) if self.reached.get(segment, ...) is not None]
        return [(segment, self.reached.get(segment)) for segment in left]

    def __str__(self) -> str:
        reached = {segment: key and [key[name]["S"] for name in _KEYS] for segment, key in self.reached.items()}
        packed = zlib.compress(json.dumps([self.segments, reached], separators=(",", ":")).encode(), 9)
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def beginning(segments: int) -> Cursor:
    """The cursor of a scan that has not begun.

    Raises:
        InvalidInputError: not 1 to 64 segments.
    """
    if not 1 <= segments <= MAX_SEGMENTS:
        raise InvalidInputError("segments", f"must be a whole number from 1 to {MAX_SEGMENTS}", value=segments)
    return Cursor(segments)


def read_cursor(text: str) -> Cursor:
    """A cursor as it was printed.

    Raises:
        InvalidInputError: it is not one, or a part of one.
    """
    text = text.strip()
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        segments, reached = json.loads(zlib.decompress(packed))
        keys = {int(segment): key and _key(*key) for segment, key in reached.items()}
        is_one = 1 <= segments <= MAX_SEGMENTS and set(keys) <= set(range(segments))
    except (binascii.Error, zlib.error, ValueError, TypeError, AttributeError):
        is_one = False
    if not is_one:
        raise InvalidInputError("cursor", "is none that this command printed, or only a part of one")
    return Cursor(segments, keys)


def _key(partition_key: str, sort_key: str) -> Item:
    values: dict[str, Any] = dict(zip(_KEYS, (partition_key, sort_key), strict=True))
    return {name: {"S": str(value)} for name, value in values.items()}
