"""Ending all sessions of a table that began before a moment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from session_store.cli import asking, whole_table
from session_store.cli.columns import Column
from session_store.cli.exits import Exit, say

if TYPE_CHECKING:
    from session_store.cli.connect import Connection
    from session_store.cli.ending import How
    from session_store.cli.output import Printer

_FIGURES: Final = (Column("seconds", "seconds"), Column("read units", "rru"), Column("write units", "wru"))
_COLUMNS: Final = (Column("sessions ended", "sessions_ended"), Column("unreadable rows", "unreadable"), *_FIGURES)
_WOULD_END: Final = (
    Column("sessions", "sessions"),
    Column("unreadable rows", "unreadable"),
    Column("seconds", "seconds"),
    Column("read units", "rru"),
    Column("write units it takes", "wru"),
)


class Before(NamedTuple):
    """Which sessions, and how fast.

    Attributes:
        moment: as it was typed.
        cursor: from an interrupted command.
        max_rcu: request units to read a second, at most.
        max_wcu: request units to write a second, at most.
    """

    moment: str
    cursor: str | None
    max_rcu: float
    max_wcu: float


def end_created_before(connection: Connection, printer: Printer, wanted: Before, how: How) -> Exit:
    """End them, or count them.

    Raises:
        UsageError: the moment is none.
        Failure: it should have asked and cannot, or another text was typed than the table's name.
    """
    from session_store.whole_table import ending  # noqa: PLC0415 - the help needs no SDK
    from session_store.whole_table.cursor import beginning, read_cursor  # noqa: PLC0415
    from session_store.whole_table.scan import DEFAULT_SEGMENTS  # noqa: PLC0415

    moment = _moment(wanted.moment)
    begin = read_cursor(wanted.cursor) if wanted.cursor else beginning(DEFAULT_SEGMENTS)
    if not how.yes and not how.dry_run:
        asking.check_terminal()
        name, shown = connection.table_name, f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        question = f"All sessions of the table {name} that began before {shown} will end. To end them type {name}"
        asking.ask_to_type(name, question)
    table = whole_table.table_of(connection, max_rcu=wanted.max_rcu, max_wcu=wanted.max_wcu)
    with (
        whole_table.watching("Counting" if how.dry_run else "Ending", "rows") as watch,
        whole_table.going_on(lambda: f"To go on, give the same command with --cursor {begin}"),
    ):
        done = ending.end_created_before(
            table,
            int(moment.timestamp()),
            dry_run=how.dry_run,
            cursor=begin,
            settings=connection.place.settings,
            on_progress=watch,
        )
        if connection.validation_cache is not None and not how.dry_run:
            from session_store.validation_cache.waiting import LIFETIME_SECONDS  # noqa: PLC0415 - few tables have one

            table.clock.sleep(LIFETIME_SECONDS)  # until the cache holds nothing from before
    figures = watch.figures(done.found) | {"rru": round(done.rru, 1), "wru": round(done.wru, 1)}
    if how.dry_run:
        printer.one({"sessions": done.found, "unreadable": done.unreadable, **figures}, _WOULD_END)
    else:
        printer.one({"sessions_ended": done.ended, "unreadable": done.unreadable, **figures}, _COLUMNS)
        if done.found > done.ended:
            say(f"{done.found - done.ended} more were ended by others meanwhile.")
    return Exit.DONE


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"--created-before: {text!r} is no moment like 2026-11-27T10:00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
