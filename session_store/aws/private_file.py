"""Files that only their owner may read, replaced as a whole."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from session_store.errors import StoreConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_OWNER_ALONE: Final = 0o600
_FOLDER_OF_OWNER: Final = 0o700
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_BINARY: Final = getattr(os, "O_BINARY", 0)  # Windows has it, and would change line ends without


def read_private(file: Path) -> bytes | None:
    """The content, None when there is no such file.

    Raises:
        StoreConfigurationError: others than the owner may read or write it, or it cannot be read.
    """
    try:
        with file.open("rb") as opened:
            mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
            if os.name == "posix" and mode & ~_OWNER_ALONE & 0o777:
                raise StoreConfigurationError(f"{file} has mode {mode:o}, so others can read it: chmod 600 {file}")
            return opened.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreConfigurationError(f"cannot read {file}: {error.strerror}") from None


def replace_private(file: Path, content: bytes) -> None:
    """Put a new content in place of the file's, all at once. No moment shows half of it, or shows it to others.

    Only one process at a time may do so: `locked`.

    Raises:
        StoreConfigurationError: it cannot be written.
    """
    target = file.resolve()  # of a link, so that the link stays
    fresh = target.with_name(f"{target.name}.new")
    try:
        target.parent.mkdir(_FOLDER_OF_OWNER, parents=True, exist_ok=True)
        fresh.unlink(missing_ok=True)  # of a process that was killed
        with os.fdopen(os.open(fresh, _NEW | _BINARY, _OWNER_ALONE), "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        fresh.replace(target)
        _keep_the_name(target.parent)
    except OSError as error:
        raise StoreConfigurationError(f"cannot write {file}: {error.strerror}") from None


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Keep other processes of this machine from changing the file. They wait.

    Windows has no such locks. There the last of two changes wins.

    Raises:
        StoreConfigurationError: its folder cannot be written.
    """
    try:
        import fcntl  # noqa: PLC0415 - Windows has none
    except ModuleNotFoundError:  # pragma: no cover
        yield
        return
    target = file.resolve()
    try:
        target.parent.mkdir(_FOLDER_OF_OWNER, parents=True, exist_ok=True)
        descriptor = os.open(target.with_name(f"{target.name}.lock"), os.O_RDWR | os.O_CREAT, _OWNER_ALONE)
    except OSError as error:
        raise StoreConfigurationError(f"cannot write beside {file}: {error.strerror}") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _keep_the_name(folder: Path) -> None:
    """Without this a power cut may bring the old file back."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
