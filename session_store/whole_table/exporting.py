"""Export: every row of the table as a line of JSON, into a file that goes on where it was left, or into a stream."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

from session_store.errors import InvalidInputError
from session_store.whole_table.cursor import Cursor, beginning
from session_store.whole_table.export_format import Header, end_line, header_line, page_lines, read_state
from session_store.whole_table.frames import Compression, frame
from session_store.whole_table.large_rows import LargeRows
from session_store.whole_table.progress import OnProgress, unwatched
from session_store.whole_table.scan import DEFAULT_SEGMENTS, scanning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from session_store.large_data.config import LargeData
    from session_store.storage.attribute_values import Item
    from session_store.whole_table.table import Table

# The parts of a row with which a thief can begin something: see the threat model.
SECRETS: Final = ("family_hash", "rotation_key", "head", "first_used")
_OWNERS_ALONE: Final = 0o600


class Exported(NamedTuple):
    """The outcome of an export.

    Attributes:
        rows: in the whole export.
        rru: request units to read that this run consumed.
        went_on: whether this run went on with an export that had been stopped.
    """

    rows: int
    rru: float
    went_on: bool = False


class Options(NamedTuple):
    """Choices of an export.

    Attributes:
        compression: of the output.
        segments: how many parts of the table are read in parallel. An export that goes on keeps its own.
        secrets: whether the tokens' hashes and keys go along. Without them no session can be revived.
        large_data: of the table's stores. Without it rows go along with pointers to S3 in place of that data.
        on_left: called with the id of each session whose data in S3 does not go along.
    """

    compression: Compression = Compression.NONE
    segments: int = DEFAULT_SEGMENTS
    secrets: bool = True
    large_data: LargeData | None = None
    on_left: Callable[[str], object] = lambda _: None


USUAL: Final = Options()


def export_to_file(table: Table, path: Path, options: Options = USUAL, on_progress: OnProgress = unwatched) -> Exported:
    """Export into a file, which only its owner can read. An export that was stopped goes on.

    Args:
        table: to export.
        path: the file. One that is there has to be an unfinished export of the same table.
        options: choices. Of an export that goes on they must be the same.
        on_progress: called after each page.

    Raises:
        InvalidInputError: the file is something else, a finished export, or another process writes it.
        OSError: the file cannot be written, for instance because the disk is full. Its rows so far stay good.
        StoreUnavailableError: a fault lasted. The rows in the file stay good.
    """
    description = table.describe()
    header = Header(description.identity, beginning(options.segments).segments, options.secrets)
    if path.exists() and not path.is_file():
        raise InvalidInputError("file", "is no regular file")  # a device would be replaced
    if not path.exists() or not path.stat().st_size:
        _begin(path, frame(header_line(header), options.compression))
    with _opened(path) as file:
        state = read_state(file)
        _check_goes_on(header, state.header, ended=state.ended)
        file.truncate(state.size)  # a torn end
        file.seek(state.size)
        writer = _Writer(file, options, state.rows, LargeRows(table, options.large_data))
        went_on = state.rows > 0
        writer.run(table, state.cursor, description.rows, on_progress)
        os.fsync(file.fileno())
    return Exported(writer.rows, table.reads.units, went_on)


def export_to_stream(
    table: Table,
    stream: BinaryIO,
    options: Options = USUAL,
    cursor: Cursor | None = None,
    on_progress: OnProgress = unwatched,
) -> Exported:
    """Export into a stream, for instance a pipe.

    Args:
        table: to export.
        stream: takes bytes.
        options: choices.
        cursor: where to begin. It is moved on, so that after an interruption it says where to go on.
        on_progress: called after each page.

    Raises:
        OSError: the stream takes no more.
        StoreUnavailableError: a fault lasted.
    """
    cursor = cursor or beginning(options.segments)
    description = table.describe()
    header = Header(description.identity, cursor.segments, options.secrets)
    stream.write(frame(header_line(header), options.compression))
    writer = _Writer(stream, options, 0, LargeRows(table, options.large_data))
    writer.run(table, cursor, description.rows, on_progress)
    return Exported(writer.rows, table.reads.units)


class _Writer:
    """Writes frames, one for each page. One that was not written as a whole is taken back where that is possible."""

    def __init__(self, file: BinaryIO, options: Options, rows: int, large_rows: LargeRows) -> None:
        self.rows = rows
        self._file = file
        self._options = options
        self._large_rows = large_rows

    def run(self, table: Table, cursor: Cursor, total: int, on_progress: OnProgress) -> None:
        with scanning(table, cursor) as pages:
            for page in pages:
                self._write(page_lines(page, [self._shown(row) for row in page.rows]))
                self.rows += len(page.rows)
                on_progress(table.progress(self.rows, total))
        self._write(end_line(self.rows))

    def _shown(self, row: Item) -> Item:
        row = self._large_rows.joined(row, self._options.on_left)
        return row if self._options.secrets else {name: value for name, value in row.items() if name not in SECRETS}

    def _write(self, content: bytes) -> None:
        rest = memoryview(frame(content, self._options.compression))
        begin = self._file.tell() if self._file.seekable() else None
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
            self._file.flush()
        except OSError:
            if begin is not None:
                with suppress(OSError):  # the next run finds the torn end
                    self._file.truncate(begin)
            raise


def _begin(path: Path, first: bytes) -> None:
    """Make the file with its first line. It appears as a whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNERS_ALONE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(first)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    with path.open("r+b", buffering=0) as file:
        _lock(file)
        yield file


def _lock(file: BinaryIO) -> None:
    """Keep a second process from writing into the same file."""
    try:
        import fcntl  # noqa: PLC0415 - Windows has none
    except ImportError:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InvalidInputError("file", "is being written by another export") from None


def _check_goes_on(wanted: Header, found: Header | None, *, ended: bool) -> None:
    if found is None:
        raise InvalidInputError("file", "is there already and is no export: name another one")
    if ended:
        raise InvalidInputError("file", "is a finished export: name another one")
    if found.table != wanted.table:
        raise InvalidInputError("file", "is an unfinished export of another table: name another one")
    if found.secrets is not wanted.secrets:
        raise InvalidInputError("file", "is an unfinished export with the other choice of secrets: name another one")
