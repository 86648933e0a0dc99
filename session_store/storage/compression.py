"""Data as compressed text. Loaded where a row says so, or where the store's settings ask for it."""

from __future__ import annotations

import zlib
from typing import Final

from session_store.data.weights import MAX_CONTENT_BYTES

# JSON text takes six bytes at most for one that the table counts: `\u0000` in a text. So more comes of no data.
MAX_TEXT_BYTES: Final = 6 * MAX_CONTENT_BYTES
_FASTEST: Final = 1  # of nine levels. The others take longer and save no unit more.


def compress(text: str) -> bytes:
    """A text's compressed form. Short texts grow."""
    return zlib.compress(text.encode(), _FASTEST)


def decompress(stored: bytes) -> str:
    """The text of a compressed form. No more of it is unpacked than data can be.

    Raises:
        TypeError: it is no bytes.
        ValueError: it is damaged, not whole, or longer than that of any data.
    """
    reading = zlib.decompressobj()
    try:
        text = reading.decompress(stored, MAX_TEXT_BYTES)
    except zlib.error:
        raise ValueError from None
    if not reading.eof or reading.unused_data:
        raise ValueError
    return text.decode()
