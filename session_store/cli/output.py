"""The result of a command on stdout: JSON, JSON lines, or a table on a terminal."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from session_store.cli.exits import Exit, Failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from session_store.cli.columns import Column

_NO_TERMINAL: Final = "--output table is for a terminal: use json or jsonl for files and other programs."


class Format(StrEnum):
    """The forms of a result."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"


class Printer(NamedTuple):
    """Writes results in the form that was chosen.

    Attributes:
        format: the form.
        show_data: whether the data of sessions is a part of the result.
    """

    format: Format
    show_data: bool = False

    @classmethod
    def for_stdout(cls, chosen: str | None, *, show_data: bool = False) -> Printer:
        """The printer that `--output` and `--show-data` choose.

        Raises:
            Failure: a table is asked for, and stdout is no terminal.
        """
        is_terminal = sys.stdout.isatty()
        default = Format.TABLE if is_terminal else Format.JSONL
        printer = cls(Format(chosen) if chosen else default, show_data)
        if printer.format is Format.TABLE and not is_terminal:
            raise Failure(_NO_TERMINAL, Exit.USAGE)
        return printer

    def at_once(self, rows: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
        """All rows of a table, which waits for the last one. Those of another form come one by one."""
        return list(rows) if self.format is Format.TABLE else rows

    def rows(self, rows: Iterable[Mapping[str, Any]], columns: Sequence[Column], *, none: str) -> None:
        """Write rows as they come. A table waits for the last one.

        Args:
            rows: each with all keys, as JSON has them.
            columns: those of a table.
            none: what a terminal shows in place of an empty table.
        """
        if self.format is Format.TABLE:
            from session_store.cli import terminal  # noqa: PLC0415 - it loads rich, which only a terminal needs

            terminal.show_rows(list(rows), columns, none=none)
        elif self.format is Format.JSONL:
            for row in rows:
                click.echo(_json(row))
        else:
            _write_array(rows)

    def one(self, row: Mapping[str, Any], columns: Sequence[Column]) -> None:
        """Write a result that is one object."""
        if self.format is Format.TABLE:
            from session_store.cli import terminal  # noqa: PLC0415

            terminal.show_one(row, columns)
        else:
            click.echo(_json(row, indent=2 if self.format is Format.JSON else None))


def _write_array(rows: Iterable[Mapping[str, Any]]) -> None:
    """As the rows come: what an interrupted command has printed is lost to a reader of JSON, but not to people."""
    opening = "["
    for row in rows:
        click.echo(f"{opening}\n  {_json(row)}", nl=False)
        opening = ","
    click.echo("[]" if opening == "[" else "\n]")


def _json(row: Mapping[str, Any], *, indent: int | None = None) -> str:
    """JSON whose characters are all visible: others could move a terminal's cursor, or hide a part of the line."""
    is_unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    text = json.dumps(row, ensure_ascii=not is_unicode, indent=indent)
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() or each == "\n" else json.dumps(each)[1:-1] for each in text)
