"""`session-store export`."""

from __future__ import annotations

import sys
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
    Column("file", "file"),
    Column("rows", "rows"),
    Column("seconds", "seconds"),
    Column("rows a second", "per_second"),
    Column("read units", "rru"),
)
_COMPRESSIONS: Final = ("none", "gzip", "zstd")


@operator_command(
    "export",
    examples="""
        session-store export sessions.jsonl.gz --env prod
        # Gently, and nothing of the tokens in it:
        session-store export sessions.jsonl.gz --max-rcu 50 --without-secrets
        # Into a pipe. The export is on stdout when no file is named:
        session-store export --compress zstd | aws s3 cp - s3://backups/sessions.jsonl.zst
    """,
)
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--compress",
    type=click.Choice(_COMPRESSIONS),
    help="Default: by the file's name, .gz or .zst. zstd needs the extra zstd.",
)
@click.option(
    "--without-secrets", is_flag=True, help="Leave out the tokens' hashes and keys. Then no import can revive sessions."
)
@whole_table.max_rcu
@whole_table.segments
@options.cursor
@options.connected
@options.printing
def command(
    *,
    connection: Connection,
    printer: Printer,
    file: Path | None,
    compress: str | None,
    without_secrets: bool,
    max_rcu: float,
    segments: int,
    cursor: str | None,
) -> Exit:
    """Write all rows of the table to FILE, as JSON lines, one row a line.

    An export that was stopped, by Ctrl-C, a full disk or a power cut, goes on: give the same command again. Only its
    owner can read the file. It is no snapshot: each row is as it was at the moment when it was read.

    An export is worth as much to a thief as the table: the data of every session, who was signed in, when and from
    which device. It opens no session by itself, because it has hashes of tokens only. But with it and any token of a
    session, even one that was replaced long ago, a thief makes a token that is good (--without-secrets prevents
    that). It also keeps what is erased from the table later. Keep it like a backup of a database: encrypted, out of
    repositories and chats, and not for longer than it is needed.

    Large data comes from its objects in S3 (SESSION_LARGE_DATA_BUCKET, or the stack's output). A session whose object
    cannot be had is named, and the exit status is 1.
    """
    from session_store.whole_table import cursor as cursors  # noqa: PLC0415 - the help needs no SDK
    from session_store.whole_table import exporting  # noqa: PLC0415
    from session_store.whole_table.frames import Compression, compression_of  # noqa: PLC0415

    if file is not None and cursor is not None:
        raise click.UsageError("--cursor goes with an export to stdout. A file knows itself where to go on.")
    compression = Compression(compress) if compress else compression_of(file or Path())
    if file is None and compression is not Compression.NONE and sys.stdout.isatty():
        raise click.UsageError("A compressed export is for a FILE or a pipe, not for a terminal.")
    left: list[str] = []
    chosen = exporting.Options(
        compression,
        segments,
        secrets=not without_secrets,
        large_data=connection.large_data,
        on_left=left.append,
    )
    table = whole_table.table_of(connection, max_rcu=max_rcu)
    if file is None:
        begin = cursors.read_cursor(cursor) if cursor else cursors.beginning(segments)
        with (
            whole_table.files("stdout"),
            whole_table.watching("Exporting", "rows") as watch,
            whole_table.going_on(lambda: f"To go on, give the same command with --cursor {begin}"),
        ):
            done = exporting.export_to_stream(table, sys.stdout.buffer, chosen, begin, watch)
            sys.stdout.buffer.flush()
        figures = watch.figures(done.rows)
        say(f"{done.rows} rows in {figures['seconds']} s, {figures['per_second']}/s, {figures['rru']:g} RRU.")
        return _left(left, connection)
    with (
        whole_table.files(str(file)),
        whole_table.watching("Exporting", "rows") as watch,
        whole_table.going_on(
            lambda: f"To go on, give the same command again: {file} knows where." if file.exists() else None
        ),
    ):
        done = exporting.export_to_file(table, file, chosen, watch)
    if done.went_on:
        say("Went on with an export that had been stopped.")
    printer.one({"file": str(file), "rows": done.rows, **watch.figures(done.rows)}, _COLUMNS)
    return _left(left, connection)


def _left(session_ids: list[str], connection: Connection) -> Exit:
    """Name the sessions whose data is not in the export."""
    for session_id in session_ids if connection.large_data else ():
        say(f"{session_id}: its data in S3 cannot be read, and is not in the export.")
    if session_ids and not connection.large_data:
        say(f"Data in S3 of {len(session_ids)} sessions is not in the export: set SESSION_LARGE_DATA_BUCKET.")
    return Exit.SOME_FAILED if session_ids else Exit.DONE
