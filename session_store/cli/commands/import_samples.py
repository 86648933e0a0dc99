"""`session-store import-samples`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from session_store.cli import options, whole_table
from session_store.cli.columns import Column
from session_store.cli.command import operator_command
from session_store.cli.exits import Exit, say

if TYPE_CHECKING:
    from session_store.cli.connect import Connection
    from session_store.cli.output import Printer

_COLUMNS: Final = (
    Column("created", "created"),
    Column("there already", "there"),
    Column("left out", "left_out"),
    Column("broken rows", "broken"),
)


@operator_command(
    "import-samples",
    examples="""
        session-store import-samples docs/nosql-workbench.json
        session-store import-samples rows.csv --env dev
    """,
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@options.connected
@options.printing
def command(*, connection: Connection, printer: Printer, file: Path) -> Exit:
    """Create sample sessions from FILE, as NoSQL Workbench exports them: a model (.json) or rows (.csv).

    They live from now on, as if their customers had just come back. Their tokens are new and thrown away, so they can
    be looked at and ended but not used. Rows that are there stay as they are. Rows of the schema that AWS publishes
    for session management work as well. A row that is wrong is named and skipped, and the exit status is 1. For
    tables with real customers this is the wrong command.
    """
    from session_store.whole_table.samples import import_samples  # noqa: PLC0415 - the help needs no SDK

    table = whole_table.table_of(connection)
    with whole_table.files(str(file)):
        result = import_samples(
            table, file, connection.place.settings, on_problem=lambda number, problem: say(f"Row {number}: {problem}.")
        )
    printer.one(asdict(result), _COLUMNS)
    return Exit.SOME_FAILED if result.broken else Exit.DONE
