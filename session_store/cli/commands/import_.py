"""`session-store import`."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import click

from session_store.cli import options, whole_table
from session_store.cli.columns import Column
from session_store.cli.command import operator_command
from session_store.cli.exits import Exit, say
from session_store.cli.ids import STDIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from session_store.cli.connect import Connection
    from session_store.cli.output import Printer
    from session_store.whole_table.import_lines import LineProblem

_COLUMNS: Final = (
    Column("created", "created"),
    Column("created, as ended", "ended"),
    Column("there already", "there"),
    Column("left out", "left_out"),
    Column("broken lines", "broken"),
    Column("seconds", "seconds"),
    Column("rows a second", "per_second"),
    Column("read units", "rru"),
    Column("write units", "wru"),
)


@operator_command(
    "import",
    examples="""
        session-store import sessions.jsonl.gz --env prod
        # Into an empty table that replaces a lost one, so that customers stay signed in:
        session-store import sessions.jsonl.gz --table new-table --revive
    """,
)
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--revive", is_flag=True, help="Let sessions stay valid. See above for the price.")
@click.option(
    "--workers",
    metavar="N",
    type=click.IntRange(1, 64),
    default=10,
    show_default=True,
    help="How many rows are written at the same time.",
)
@whole_table.max_rcu
@whole_table.max_wcu
@options.cursor
@options.connected
@options.printing
def command(
    *,
    connection: Connection,
    printer: Printer,
    file: Path,
    revive: bool,
    workers: int,
    max_rcu: float,
    max_wcu: float,
    cursor: str | None,
) -> Exit:
    """Create the rows of an export that the table does not have. FILE is the export, or - for stdin.

    It changes and deletes no row that is there, tombstones included. Sessions arrive as ended: the export does not
    know which of them were ended since, and would bring them back. Customers' own rows are left out.

    With --revive sessions and children stay valid, as far as the table lets them be: not where the customer's
    sessions were all ended since, and not where the customer was erased and came back. A session that was ended
    alone, and whose tombstone is gone, comes back to life. So does an erased customer: erase those again.

    Large data of sessions that stay valid goes into objects of the table's bucket (SESSION_LARGE_DATA_BUCKET, or the
    stack's output). Without one, a session that has more data than a row can hold is a broken line. Ended sessions have
    no data, and need none.

    A broken line is named and skipped, and the exit status is 1. Rows whose TTL has passed are left out, and so are
    children without their session. An import that was stopped goes on: give the same command again.
    """
    from session_store.whole_table import import_file, importing  # noqa: PLC0415 - the help needs no SDK

    from_stdin = str(file) == STDIN
    if from_stdin and revive:
        raise click.UsageError("--revive reads the export twice: give a FILE, not stdin.")
    choices = importing.Choices(
        revive=revive, settings=connection.place.settings, workers=workers, large_data=connection.large_data
    )
    place = importing.read_place(cursor) if cursor else None
    table = whole_table.table_of(connection, max_rcu=max_rcu, max_wcu=max_wcu)
    with whole_table.files("stdin" if from_stdin else str(file)), whole_table.watching("Importing", "rows") as watch:
        if from_stdin:
            work = importing.Import(
                table, _stdin, choices, place or importing.BEGINNING, on_problem=_name, on_progress=watch
            )
            with whole_table.going_on(lambda: f"To go on, give the same command with --cursor {work.result.place}"):
                done = work.run()
        else:
            with whole_table.going_on(lambda: "To go on, give the same command again."):
                done = import_file.import_file(table, file, choices, place, on_problem=_name, on_progress=watch)
        counts = {outcome.name.lower(): number for outcome, number in done.counts.items()}
        figures = watch.figures(sum(counts.values()))
    printer.one(counts | figures, _COLUMNS)
    return Exit.SOME_FAILED if counts["broken"] else Exit.DONE


def _name(problem: LineProblem) -> None:
    whose = f" (session {problem.session_id})" if problem.session_id else ""
    say(f"Line {problem.line}{whose}: {problem.problem}.")


@contextmanager
def _stdin() -> Iterator[BinaryIO]:
    yield sys.stdin.buffer
