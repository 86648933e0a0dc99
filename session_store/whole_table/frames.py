"""Plain, gzip and zstd files as a row of frames. Each is whole by itself, so that a torn end hurts no other.

A plain line is a frame. Of the others each block that is written becomes one, with its own checksum. Together they
are still a file that every tool for the format reads.
"""

from __future__ import annotations

import gzip
import zlib
from enum import StrEnum
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

from session_store.errors import InvalidInputError, StoreConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import PurePath

_CHUNK: Final = 16 * 1024  # a small one: what it unfolds to is held at once
_GZIP_LEVEL: Final = 6
_GZIP: Final = 31  # zlib's name for the format
_LONGEST_LINE: Final = 4 * 1024 * 1024  # far more than a row of 400 KB needs


class Compression(StrEnum):
    """How a file is compressed."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"


_SUFFIXES: Final = {".gz": Compression.GZIP, ".zst": Compression.ZSTD, ".zstd": Compression.ZSTD}
_MAGIC: Final = {b"\x1f\x8b": Compression.GZIP, b"\x28\xb5\x2f\xfd": Compression.ZSTD}


class TornError(Exception):
    """A file ends within a frame, or a frame is damaged."""


class Line(NamedTuple):
    """A line of a file.

    Attributes:
        text: without the line end, of any system's kind.
        boundary: where in the file the frame ends that this line ends, None for a line within a frame.
    """

    text: bytes
    boundary: int | None


def compression_of(path: PurePath) -> Compression:
    """The compression by a file's name: `.gz`, `.zst`, else none."""
    return _SUFFIXES.get(path.suffix.lower(), Compression.NONE)


def frame(content: bytes, compression: Compression) -> bytes:
    """A block of whole lines as a frame, or as frames of its lines.

    Raises:
        StoreConfigurationError: zstd is not installed.
    """
    if compression is Compression.GZIP:
        return gzip.compress(content, _GZIP_LEVEL, mtime=0)
    if compression is Compression.ZSTD:
        compressed: bytes = zstd().ZstdCompressor(write_checksum=True).compress(content)
        return compressed
    return content


def lines(file: BinaryIO) -> Iterator[Line]:
    """The lines of a file in any of the formats, which its first bytes tell.

    Raises:
        TornError: after the last line that is whole.
        InvalidInputError: a line is longer than any row.
        StoreConfigurationError: zstd is not installed.
    """
    begin = file.read(_CHUNK)
    compression = next((each for magic, each in _MAGIC.items() if begin.startswith(magic)), Compression.NONE)
    if compression is Compression.NONE:
        yield from _plain(file, begin)
    else:
        yield from _compressed(file, begin, compression)


def zstd() -> Any:  # noqa: ANN401 - a module that may be missing
    """The library for zstd.

    Raises:
        StoreConfigurationError: it is not installed.
    """
    try:
        import zstandard  # noqa: PLC0415 - only who uses zstd needs it
    except ImportError:
        raise StoreConfigurationError(
            "zstd needs a package: install the extra zstd, from a checkout with pip install '.[zstd]'; gzip needs none"
        ) from None
    return zstandard


def _plain(file: BinaryIO, begin: bytes) -> Iterator[Line]:
    position, rest, chunk = 0, b"", begin
    while chunk:
        *whole, rest = (rest + chunk).split(b"\n")
        for text in whole:
            position += len(text) + 1
            yield Line(text.rstrip(b"\r"), position)
        _check_length(rest)
        chunk = file.read(_CHUNK)
    if rest.strip():
        raise TornError


def _compressed(file: BinaryIO, begin: bytes, compression: Compression) -> Iterator[Line]:
    """Lines frame by frame. The last line of a frame is held back until the frame turns out to be whole."""
    position, rest, chunk = 0, b"", begin
    unfolding, held = _unfolding(compression), None
    damaged = zlib.error if compression is Compression.GZIP else zstd().ZstdError
    while chunk:
        try:
            content = unfolding.decompress(chunk)
        except damaged:
            raise TornError from None
        *whole, rest = (rest + content).split(b"\n")
        _check_length(rest)
        for text in whole:
            if held is not None:
                yield Line(held, None)
            held = text.rstrip(b"\r")
        left = unfolding.unused_data if unfolding.eof else b""
        position += len(chunk) - len(left)
        chunk = left
        if unfolding.eof:
            if held is not None:
                yield Line(held, None if rest else position)
            unfolding, held = _unfolding(compression), None
        chunk = chunk or file.read(_CHUNK)
    if held is not None or rest.strip():
        raise TornError


def _unfolding(compression: Compression) -> Any:  # noqa: ANN401 - two libraries' objects with the same methods
    if compression is Compression.GZIP:
        return zlib.decompressobj(_GZIP)
    return zstd().ZstdDecompressor().decompressobj()


def _check_length(line: bytes) -> None:
    if len(line) > _LONGEST_LINE:
        raise InvalidInputError("file", "has a line longer than any row: it is no export")
