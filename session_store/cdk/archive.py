"""Zips whose content depends on nothing but the files: no time, no owner, one order, one mode."""

from __future__ import annotations

import io
import stat
import zipfile
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# The modes go into the archive. The functions' user must be able to read it, with any umask here.
READABLE: Final = 0o644


def zipped(files: Mapping[str, bytes], *, onto: bytes = b"", level: int = 9) -> bytes:
    """A zip of files.

    Args:
        files: path in the archive (POSIX, sorted) to content.
        onto: a zip whose files are in it as well, compressed as they are.
        level: of the compression, 1 to 9. Of megabytes, 9 takes three times as long as 6 and saves half a percent.
    """
    archive = io.BytesIO(onto)
    with zipfile.ZipFile(archive, "a" if onto else "w") as written:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path)  # of the oldest date that there is
            entry.external_attr = (stat.S_IFREG | READABLE) << 16
            written.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=level)
    return archive.getvalue()


@cache
def unzipped(archive: bytes) -> Mapping[str, bytes]:
    """The files of a zip: path to content."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {path: opened.read(path) for path in opened.namelist()}
