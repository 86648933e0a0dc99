"""The rows of an export, line by line, with what is wrong with the others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

from session_store.errors import InvalidInputError
from session_store.storage.items import row_key
from session_store.storage.schema import EntityType, session_id_of
from session_store.whole_table import export_format as exports
from session_store.whole_table.frames import TornError, lines
from session_store.whole_table.rows import RowError, read_json, read_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from session_store.storage.attribute_values import Item
    from session_store.storage.records import Record

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_CUSTOMER: Final = f'"{EntityType.CUSTOMER}"'.encode()

_NO_ROW: Final = tuple(f'{{"{kind}"'.encode() for kind in (exports.HEADER, exports.DONE, exports.END))


class Row(NamedTuple):
    """A row of an export.

    Attributes:
        line: its number, from 1.
        item: as the export has it.
        record: the same, read.
    """

    line: int
    item: Item
    record: Record


class LineProblem(NamedTuple):
    """A line that is skipped, or is missing.

    Attributes:
        line: its number, from 1. For a torn end that of the last line that is whole.
        problem: without any value of the line.
        session_id: whose row it is, empty when that cannot be read.
    """

    line: int
    problem: str
    session_id: str = ""


class Lines:
    """Reads an export.

    Args:
        file: at its beginning.
        on_problem: called with each line that is skipped.

    Attributes:
        header: of the export, once the first line was read.
    """

    def __init__(self, file: BinaryIO, on_problem: Callable[[LineProblem], object]) -> None:
        self.header: exports.Header | None = None
        self._file = file
        self._on_problem = on_problem
        self._number = 0
        self._counted = 0  # rows since the header
        self._ended = False

    def rows(self, after: int = 0, *, customers_alone: bool = False) -> Iterator[Row]:
        """The rows behind a line. Problems of earlier lines are not reported again.

        Args:
            after: number of the last line that is done.
            customers_alone: reads the customers' own rows and reports nothing.

        Raises:
            InvalidInputError: it is no export, or one of a newer version.
        """
        try:
            for line in lines(self._file):
                self._number += 1
                text = line.text.removeprefix(_BYTE_ORDER_MARK) if self._number == 1 else line.text
                if self.header is None:
                    self.header = _header(text)
                elif self._number > after and (not customers_alone or _CUSTOMER in text):
                    row = self._row(text, silent=customers_alone)
                    if row:
                        yield row
                else:
                    self._counted += bool(text.strip()) and not text.startswith(_NO_ROW)
        except TornError:
            if not customers_alone:
                self._report("the file ends in the middle of a line or of a compressed part: the rest is missing")
            return
        if self.header is None:
            raise InvalidInputError("file", "is empty: it is no export")
        if not customers_alone and not self._ended:
            self._report("the export is unfinished: run the same export again, it goes on where it was stopped")

    def _row(self, text: bytes, *, silent: bool) -> Row | None:
        kind, content = _parsed(text)
        if kind == exports.ITEM:
            self._counted += 1
            session_id = ""
            try:
                item = read_json(content)
                session_id = _session_id(item)
                return Row(self._number, item, read_row(item))
            except RowError as error:
                problem, session = str(error), session_id
        elif kind == exports.HEADER:  # two parts of an export that went to a pipe, one behind the other
            self.header, self._counted, self._ended = exports.read_header(content), 0, False
            return None
        elif kind in {exports.DONE, exports.END, ""}:
            self._end(kind, content)
            return None
        else:
            self._counted += 1
            problem, session = "it is no line of an export", ""
        if not silent:
            self._on_problem(LineProblem(self._number, problem, session))
        return None

    def _end(self, kind: str, content: Any) -> None:  # noqa: ANN401 - JSON of any form
        if kind == exports.END:
            self._ended = True
            says = content.get("rows") if isinstance(content, dict) else None
            if says != self._counted:
                self._report(f"the export had {says} rows, and the file has {self._counted}")

    def _report(self, problem: str) -> None:
        self._ended = True
        self._on_problem(LineProblem(self._number, problem))


def _header(text: bytes) -> exports.Header:
    kind, content = _parsed(text)
    if kind != exports.HEADER:
        raise InvalidInputError("file", "does not begin as an export of session-store does")
    return exports.read_header(content)


def _parsed(text: bytes) -> tuple[str, Any]:
    """The kind and content of a line, no kind for an empty line."""
    if not text.strip():
        return "", None
    try:
        ((kind, content),) = json.loads(text).items()
    except (AttributeError, RecursionError, ValueError):
        return "?", None
    return kind, content


def _session_id(item: Item) -> str:
    try:
        return session_id_of(row_key(item).partition_key)
    except (AttributeError, ValueError):
        return ""
