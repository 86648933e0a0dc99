"""Data as compressed text. Loaded where a row says so, or where the store's settings ask for it."""

from __future__ import annotations

import zlib
from typing import Final

_FASTEST: Final = 1  # of nine levels. The others take longer and save no unit more.


def compress(text: str) -> bytes:
    """A text's compressed form. Short texts grow."""
    return zlib.compress(text.encode(), _FASTEST)


def decompress(stored: bytes, limit: int) -> str:
    """The text of a compressed form. No more of it is unpacked than data can be.

    Args:
        stored: the compressed form.
        limit: bytes that the text of data can have.

    Raises:
        TypeError: it is no bytes.
        ValueError: it is damaged, not whole, or longer than that of any data.
    """
    reading = zlib.decompressobj()
    try:
        text = reading.decompress(stored, limit)
    except zlib.error:
        raise ValueError from None
    if not reading.eof or reading.unused_data:
        raise ValueError
    return text.decode()
