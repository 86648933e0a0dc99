"""Data as compressed text. Loaded where a row says so, or where the store's settings ask for it."""

from __future__ import annotations

import zlib
from typing import Final

from session_store.data.weights import MAX_CONTENT_BYTES

# JSON text takes six bytes at most for one that the table counts: `\u0000` in a text. So more comes of no data.
MAX_TEXT_BYTES: Final = 6 * MAX_CONTENT_BYTES
_FASTEST: Final = 1  # of nine levels. The others take longer and save no unit more.


class NotCompressedError(ValueError):
    """The bytes are no compressed text, or too much of it. The message says which."""


def compress(text: str) -> bytes:
    """A text's compressed form. Short texts grow."""
    return zlib.compress(text.encode(), _FASTEST)


def decompress(stored: object) -> str:
    """The text of a compressed form. No more of it is unpacked than data can be.

    Raises:
        NotCompressedError: it is not whole, or the text is longer than that of any data.
    """
    reading = zlib.decompressobj()
    try:
        text = reading.decompress(stored, MAX_TEXT_BYTES)  # type: ignore[arg-type]  # another type is told of below
        if reading.eof and not reading.unused_data:
            return text.decode()
    except (TypeError, ValueError, zlib.error):
        raise NotCompressedError("it is damaged") from None
    raise NotCompressedError("it is larger than session data can be, or cut off")
