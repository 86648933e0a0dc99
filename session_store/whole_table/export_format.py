"""The format of exports: lines of JSON.

    {"session_store_export": {"version": 1, ...}}     first: what this is
    {"Item": {"PK": {"S": ...}, ...}}                 a row, in DynamoDB's notation
    {"Done": {"segment": 0, "after": ..., "rows": 500}}   all rows before it are whole, and where its segment goes on
    {"End": {"rows": 1000}}                           last: the export is whole

The rows of a page and its `Done` are one frame of the file. So an export that was stopped anywhere, by a power cut too,
goes on after its last whole frame.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from session_store.errors import InvalidInputError
from session_store.whole_table.cursor import Cursor
from session_store.whole_table.frames import TornError, lines
from session_store.whole_table.rows import RowError, read_json, write_json

if TYPE_CHECKING:
    from typing import BinaryIO

    from session_store.storage.attribute_values import Item
    from session_store.whole_table.scan import Page

VERSION: Final = 1
HEADER: Final = "session_store_export"
ITEM: Final = "Item"
DONE: Final = "Done"
END: Final = "End"
_ITEM_LINE: Final = b'{"Item":'


@dataclass(frozen=True)
class Header:
    """The first line of an export.

    Attributes:
        table: the exported table's identity.
        segments: that it was read in.
        secrets: whether the rows have the tokens' hashes and keys.
        version: of the format.
    """

    table: str
    segments: int
    secrets: bool
    version: int = VERSION


@dataclass
class State:
    """How far an export in a file got.

    Attributes:
        header: None in an empty file.
        cursor: of the scan.
        rows: that are whole.
        size: bytes up to the end of the last whole frame.
        ended: whether it is complete.
    """

    header: Header | None
    cursor: Cursor
    rows: int = 0
    size: int = 0
    ended: bool = False


def header_line(header: Header) -> bytes:
    """The first line."""
    return _line(HEADER, asdict(header))


def page_lines(page: Page, rows: list[Item]) -> bytes:
    """The lines of a page: its rows, and that they are done."""
    texts = "".join(f'{{"{ITEM}":{write_json(row)}}}\n' for row in rows)
    return texts.encode("ascii") + _line(DONE, {"segment": page.segment, "after": page.after, "rows": len(rows)})


def end_line(rows: int) -> bytes:
    """The last line."""
    return _line(END, {"rows": rows})


def read_header(content: object) -> Header:
    """The header in the content of the first line.

    Raises:
        InvalidInputError: the export is of a newer version, or none.
    """
    try:
        says: Any = content
        version = int(says["version"])
        if version > VERSION:
            problem = f"is an export of version {version}, made by a newer session-store: this one knows {VERSION}"
            raise InvalidInputError("file", problem)
        return Header(str(says["table"]), int(says["segments"]), bool(says["secrets"]), version)
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, InvalidInputError):
            raise
        raise InvalidInputError("file", "has no readable first line: it is no export") from None


def read_state(file: BinaryIO) -> State:
    """How far an export got, read from its lines. The file may end anywhere.

    Raises:
        InvalidInputError: it is no export.
    """
    state = State(None, Cursor(1))
    header, cursor, rows, ended, clean = None, Cursor(1), 0, False, False
    try:
        for line in lines(file):
            clean = not line.text.startswith(_ITEM_LINE)
            if clean:
                kind, content = _parsed(line.text)
                if kind == HEADER:
                    header = read_header(content)
                    cursor = Cursor(header.segments)
                elif header is None:
                    break
                elif kind == DONE:
                    cursor.reached[int(content["segment"])] = content["after"] and read_json(content["after"])
                    rows += int(content["rows"])
                ended = kind == END
            if clean and line.boundary is not None:
                state = State(header, Cursor(cursor.segments, dict(cursor.reached)), rows, line.boundary, ended)
    except TornError:
        pass
    except (RowError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, InvalidInputError):
            raise
    return state


def _parsed(text: bytes) -> tuple[str, Any]:
    ((kind, content),) = json.loads(text).items()
    return kind, content


def _line(kind: str, content: object) -> bytes:
    return json.dumps({kind: content}, separators=(",", ":")).encode("ascii") + b"\n"
