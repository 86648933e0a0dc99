"""`session-store verify`."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import click

from session_store.cli import options, whole_table
from session_store.cli.columns import Column
from session_store.cli.command import operator_command
from session_store.cli.exits import Exit, say
from session_store.cli.output import Format

if TYPE_CHECKING:
    from collections.abc import Iterable

    from session_store.cli.connect import Connection
    from session_store.cli.output import Printer
    from session_store.whole_table.findings import Finding

_COLUMNS: Final = (
    Column("finding", "finding"),
    Column("row", "partition_key", wraps=True),
    Column("of", "sort_key", wraps=True),
    Column("meaning", "meaning", wraps=True),
    Column("repair", "repair", wraps=True),
)


@operator_command(
    "verify",
    examples="""
        session-store verify --env prod
        # Repair what can be repaired:
        session-store verify --env prod --fix
    """,
)
@click.option("--fix", is_flag=True, help="Repair what can be repaired.")
@click.option("--no-index", is_flag=True, help="Leave the index out, which is read after the table.")
@whole_table.max_rcu
@whole_table.max_wcu
@whole_table.segments
@options.cursor
@options.connected
@options.printing
def command(
    *,
    connection: Connection,
    printer: Printer,
    fix: bool,
    no_index: bool,
    max_rcu: float,
    max_wcu: float,
    segments: int,
    cursor: str | None,
) -> Exit:
    """Check all rows: each against the schema, children and sessions against what they depend on, the index.

    With large data in S3 (SESSION_LARGE_DATA_BUCKET, or the stack's output) it also lists the bucket: sessions whose
    object is gone, and objects older than a day that no row points to. --fix deletes the latter. Do not do that on a
    restored table whose bucket another table still uses: its objects would be deleted.

    Each finding is a line. Nothing is found by a scan alone: what looks wrong is read again. The exit status is 1
    while a finding is not repaired.

    A repair is a write with a condition, and safe beside live traffic. It revives nothing, and ends or deletes
    nothing that a token opens. It ends sessions that are refused already, deletes children whose session is gone,
    removes what a tombstone should not have, and lets rows stay for as long as the sessions that need them. Rows that
    this version cannot read stay as they are.
    """
    from session_store.whole_table import object_check, verifying  # noqa: PLC0415 - the help needs no SDK
    from session_store.whole_table.cursor import beginning, read_cursor  # noqa: PLC0415

    begin = read_cursor(cursor) if cursor else beginning(segments)
    bucket = None
    if (large_data := connection.large_data) is not None:
        client = connection.aws.client("s3")
        bucket = object_check.Bucket(client, large_data.bucket, large_data.expected_bucket_owner)
    choices = verifying.Choices(
        fix=fix, index=not no_index, segments=segments, settings=connection.place.settings, bucket=bucket
    )
    table = whole_table.table_of(connection, max_rcu=max_rcu, max_wcu=max_wcu)
    with (
        whole_table.watching("Verifying", "rows") as watch,
        whole_table.going_on(lambda: f"To go on, give the same command with --cursor {begin}"),
    ):
        verification = verifying.Verification(table, choices, begin, watch)
        with closing(verification.findings()) as findings:
            rows: Iterable[dict[str, Any]] = map(_row, findings)
            if printer.format is Format.TABLE:
                rows = list(rows)  # to be shown when the progress is gone
            else:
                printer.rows(rows, _COLUMNS, none="")
        figures = watch.figures(verification.result.rows)
    if printer.format is Format.TABLE:
        printer.rows(rows, _COLUMNS, none="No findings.")
    result = verification.result
    say(
        f"{result.rows:,} rows read, {result.found.total():,} findings, {result.fixed:,} of them repaired, in "
        f"{figures['seconds']} s ({figures['per_second']:,} rows a second), {figures['rru']:g} RRU and "
        f"{figures['wru']:g} WRU."
    )
    return Exit.SOME_FAILED if result.left else Exit.DONE


def _row(finding: Finding) -> dict[str, Any]:
    from session_store.whole_table.findings import MEANINGS  # noqa: PLC0415

    meaning = MEANINGS[finding.kind]
    detail = f" ({finding.detail})" if finding.detail else ""
    done = {True: "repaired", False: "changed meanwhile: verify again", None: None}[finding.fixed]
    possible = f"--fix {meaning.repair}" if meaning.repair else meaning.advice
    return {
        "finding": finding.kind,
        "partition_key": finding.partition_key,
        "sort_key": finding.sort_key,
        "meaning": f"{meaning.text}{detail}",
        "fixed": finding.fixed,
        "repair": done or possible,
    }
