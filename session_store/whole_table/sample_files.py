"""Rows in files of NoSQL Workbench: a data model as JSON, or a table's rows as CSV.

A CSV has attributes' names in its first line and no types. Those of the store's own attributes are known.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, Final

from session_store.errors import InvalidInputError
from session_store.storage import schema
from session_store.storage.attribute_values import write_map
from session_store.whole_table.rows import ATTRIBUTE_TYPES, RowError, read_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from session_store.storage.attribute_values import AttributeValue, Item

_MOST_BYTES: Final = 16 * 1024 * 1024  # Workbench's own limit is far below
_KEYS: Final = {schema.PARTITION_KEY, schema.SORT_KEY}
_TRUE: Final = {"true": True, "false": False}


def read_samples(path: Path) -> Iterator[tuple[int, Item | RowError]]:
    """The rows of a file with their numbers, from 1. A row in a wrong notation comes as its error.

    Args:
        path: of a model (`.json`) or of rows (`.csv`).

    Raises:
        InvalidInputError: the file is neither.
        OSError: it cannot be read.
    """
    if path.stat().st_size > _MOST_BYTES:
        raise InvalidInputError("file", "is larger than sample data is: `import` takes exports of any size")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInputError("file", "is no text in UTF-8") from None
    rows: Iterator[Any] = _of_csv(text) if path.suffix.lower() == ".csv" else iter(_of_model(text))
    for number, row in enumerate(rows, 1):
        try:
            yield number, read_json(row)
        except RowError as error:
            yield number, error


def _of_model(text: str) -> list[Any]:
    try:
        tables: Any = json.loads(text)["DataModel"]
        keys = [{key["AttributeName"] for key in table["KeyAttributes"].values()} for table in tables]
        return [row for table, names in zip(tables, keys, strict=True) if names == _KEYS for row in table["TableData"]]
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
        problem = "is no model of NoSQL Workbench: a JSON object with DataModel, or a .csv with names in its first line"
        raise InvalidInputError("file", problem) from None


def _of_csv(text: str) -> Iterator[object]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if not set(reader.fieldnames or ()) >= _KEYS:
        raise InvalidInputError("file", "has no columns PK and SK in its first line")
    for row in reader:
        try:
            yield {name: _value(name, cell) for name, cell in row.items() if name and cell}
        except ValueError:
            yield None  # in no notation


def _value(name: str, cell: str) -> AttributeValue:
    """A cell in DynamoDB's notation. The data may be that as well, or plain JSON."""
    if name == "data":
        data = json.loads(cell)
        is_typed = all(isinstance(value, dict) and len(value) == 1 for value in data.values())
        return {"M": data if is_typed and data else write_map(data)}
    kind = ATTRIBUTE_TYPES.get(name, "S")
    if kind == "N" and not cell.lstrip("-").isdecimal():
        kind = "S"  # the published schema has moments as text
    return {kind: _TRUE[cell.lower()] if kind == "BOOL" else cell}
