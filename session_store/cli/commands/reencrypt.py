"""`session-store reencrypt`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from session_store.cli import options, whole_table
from session_store.cli.columns import Column
from session_store.cli.command import operator_command
from session_store.cli.exits import Exit, Failure, say

if TYPE_CHECKING:
    from session_store.cli.connect import Connection
    from session_store.cli.output import Printer

_COLUMNS: Final = (
    Column("rows encrypted", "encrypted"),
    Column("unreadable rows", "unreadable"),
    Column("seconds", "seconds"),
    Column("read units", "rru"),
    Column("write units", "wru"),
)
_WOULD: Final = (Column("rows to encrypt", "rows"), Column("seconds", "seconds"), Column("read units", "rru"))


@operator_command(
    "reencrypt",
    examples="""
        # With the environment variables of the functions: the new key first, then the old one.
        session-store reencrypt --env prod --dry-run
        session-store reencrypt --env prod
    """,
)
@whole_table.max_rcu
@whole_table.max_wcu
@whole_table.segments
@options.dry_run
@options.cursor
@options.connected
@options.printing
def command(
    *,
    connection: Connection,
    printer: Printer,
    max_rcu: float,
    max_wcu: float,
    segments: int,
    dry_run: bool,
    cursor: str | None,
) -> Exit:
    """Encrypt the data of all sessions as new data is: after a new key, or after encryption was switched on.

    It goes by SESSION_ENCRYPTION_KEYS, SESSION_STORE_ID, SESSION_ENCRYPTED_DATA_KEYS, SESSION_ACCEPTS_PLAIN_DATA and
    SESSION_LARGE_DATA_BUCKET, as the functions do. Its policy allows to use these keys and objects, if it was printed
    with these variables.

    Data that is not encrypted is left as it is, unless SESSION_ACCEPTS_PLAIN_DATA is true. Sessions go on meanwhile.
    Doing it again does no harm.
    """
    from session_store.whole_table.cursor import beginning, read_cursor  # noqa: PLC0415 - the help needs no SDK
    from session_store.whole_table.reencrypting import reencrypt  # noqa: PLC0415

    encryption = connection.encryption
    if encryption is None:
        hint = "Set SESSION_ENCRYPTION_KEYS and SESSION_STORE_ID to the values that the functions have."
        raise Failure("There is nothing to encrypt with.", Exit.USAGE, hint)
    begin = read_cursor(cursor) if cursor else beginning(segments)
    table = whole_table.table_of(connection, max_rcu=max_rcu, max_wcu=max_wcu)
    with (
        whole_table.watching("Counting" if dry_run else "Encrypting", "rows") as watch,
        whole_table.going_on(lambda: f"To go on, give the same command with --cursor {begin}"),
    ):
        done = reencrypt(
            table,
            encryption,
            compresses=connection.place.settings.compression,
            large_data=connection.large_data,
            dry_run=dry_run,
            cursor=begin,
            segments=segments,
            on_unreadable=lambda session_id: say(
                f"{session_id}: its data cannot be read with these keys and settings."
            ),
            on_progress=watch,
        )
    figures = watch.figures(done.found)
    if dry_run:
        printer.one({"rows": done.found, **figures}, _WOULD)
        return Exit.DONE
    printer.one({"encrypted": done.changed, "unreadable": done.unreadable, **figures}, _COLUMNS)
    if done.overtaken:
        say(f"{done.overtaken} were saved by others meanwhile. Give the same command again to be sure of them.")
    return Exit.SOME_FAILED if done.unreadable else Exit.DONE
