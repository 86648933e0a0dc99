"""The weights of JSON values in DynamoDB, and the form of its numbers."""

from __future__ import annotations

import json
from typing import Final

MAX_ITEM_BYTES: Final = 400 * 1024
# Of an item without what the store itself adds during a session's life: hashes, ids of writes, ends. That has the rest,
# so that a full session can still be extended, rotated and ended.
MAX_CONTENT_BYTES: Final = MAX_ITEM_BYTES - 1024
MAX_LARGE_BYTES: Final = 16 * 1024 * 1024  # of data that may go into an object in S3, also as JSON text
STEP_BYTES: Final = 1024  # by which data may grow while its version rises by one
NESTED_OVERHEAD: Final = 3  # bytes that a list or map takes, plus one for each member
MEMBER_OVERHEAD: Final = 1
INTEGER_DIGITS: Final = 38
INTEGER_LIMIT: Final = 10**INTEGER_DIGITS
# Made once: `json.dumps` makes one for each call.
_compact: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=dict)


def digits(value: float) -> str:
    """A number as it is stored. Of an enum's member, or another library's number, the digits alone."""
    if isinstance(value, int):
        return int.__repr__(value)
    return str(int(value)) if value.is_integer() and abs(value) < INTEGER_LIMIT else float.__repr__(value)


def text_bytes(value: object) -> int:
    """Size of JSON, in any mappings, as compact text in UTF-8."""
    return len(_compact.encode(value).encode())


def number_bytes(text: str) -> int:
    """Size of a number, given as it is stored."""
    return len(text) // 2 + 2
