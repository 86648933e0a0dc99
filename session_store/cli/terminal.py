"""Results on a terminal, with rich. Only a terminal loads this module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from session_store.cli.exits import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from session_store.cli.columns import Column

_GAP: Final = 2
_LEAST_OF_WRAPPED: Final = 12
_WORST: Final = "error"
_STYLES: Final = {"ok": "green", "note": "cyan", "warning": "yellow", _WORST: "bold red"}
_SEVERITY_WIDTH: Final = max(map(len, _STYLES))


def show_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[Column], *, none: str) -> None:
    """Show a table, or a block for each row where the terminal is too narrow for a table.

    Args:
        rows: each with a value for every column.
        columns: the first one names a row.
        none: what is said when there are no rows.
    """
    console = _console()
    fitting = [column for column in columns if column.from_width <= console.width]
    if not rows:
        say(none)
    elif _least_width(rows, fitting) <= console.width:
        console.print(_table(rows, fitting))
    else:
        for row in rows:
            console.print(_block(row, columns))


def show_one(row: Mapping[str, Any], columns: Sequence[Column]) -> None:
    """Show one result, a line for each value."""
    _console().print(_block(row, columns))


def _console() -> Console:
    # Nothing in a value may be taken for rich's own marks, nor be coloured because it looks like a number.
    return Console(highlight=False, markup=False, emoji=False)


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[Column]) -> Table:
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.title.upper(), no_wrap=not column.wraps, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row, column) for column in columns))
    return table


def _block(row: Mapping[str, Any], columns: Sequence[Column]) -> Table:
    block = Table.grid(padding=(0, _GAP, 0, 0))
    block.add_column(style="bold", no_wrap=True)
    block.add_column(overflow="fold")
    for column in columns:
        if column.key in row:
            block.add_row(column.title, _cell(row, column))
    return block


def _cell(row: Mapping[str, Any], column: Column) -> Text:
    """A value without control characters: they could move the cursor, or hide a part of the line."""
    shown = column.shown(row[column.key])
    return Text("".join(each if each.isprintable() or each == "\n" else "\N{REPLACEMENT CHARACTER}" for each in shown))


def _least_width(rows: Sequence[Mapping[str, Any]], columns: Sequence[Column]) -> int:
    return sum(_least_width_of(rows, column) for column in columns) + _GAP * (len(columns) - 1)


def _least_width_of(rows: Sequence[Mapping[str, Any]], column: Column) -> int:
    longest = max(len(column.title), *(_cell(row, column).cell_len for row in rows))
    return min(longest, _LEAST_OF_WRAPPED) if column.wraps else longest


def show_findings(rows: Iterable[Mapping[str, Any]]) -> None:
    """Show the findings of a diagnosis as they come, under the account and region that they are about."""
    console = _console()
    about: object = None
    for row in rows:
        place = " ".join(filter(None, (row["account"], row["region"])))
        if row["account"] and place != about:
            console.print(Text(f"\n{place}" if about else place, style="bold"))
        about = place
        lines = [Text(row["what"], style="bold" if row["severity"] == _WORST else ""), Text(row["why"], style="dim")]
        lines += [Text(f"Do: {row['fix']}")] if row["fix"] else []
        block = Table.grid(padding=(0, _GAP, 0, 0))
        block.add_column(width=_SEVERITY_WIDTH, no_wrap=True)
        block.add_column(overflow="fold")
        for number, line in enumerate(filter(None, lines)):
            block.add_row(Text("" if number else row["severity"], style=_STYLES.get(row["severity"], "")), line)
        console.print(block)
