"""`session-store stats`."""

from __future__ import annotations

from dataclasses import asdict
from itertools import dropwhile
from typing import TYPE_CHECKING, Any, Final

import click

from session_store.cli import options, whole_table
from session_store.cli.columns import Column
from session_store.cli.command import operator_command
from session_store.errors import shorten

if TYPE_CHECKING:
    from session_store.cli.connect import Connection
    from session_store.cli.output import Printer

_BAR: Final = 12  # characters of the longest one


def _bars(counts: dict[str, int]) -> str:
    """Counts, each with a bar. Of long texts the beginning."""
    most = max(counts.values(), default=0)
    width = max((len(shorten(name)) for name in counts), default=0)
    lines = [
        f"{shorten(name):{width}}  {number:>7,}  {'#' * round(_BAR * number / most) if most else ''}".rstrip()
        for name, number in counts.items()
    ]
    return "\n".join(lines) or "none"


def _hours(counts: dict[str, int]) -> str:
    """From the first hour on that has any."""
    shown = dropwhile(lambda hour: not counts[hour], counts)
    return _bars({f"{hour[5:10]} {hour[11:16]} UTC": counts[hour] for hour in shown})


_COLUMNS: Final = (
    Column("active", "active", "{:,}".format),
    Column("of them anonymous", "anonymous", "{:,}".format),
    Column("closing", "closing", "{:,}".format),
    Column("expired", "expired", "{:,}".format),
    Column("ended", "ended", "{:,}".format),
    Column("child sessions", "children", "{:,}".format),
    Column("customers", "customers", "{:,}".format),
    Column("unreadable rows", "unknown", "{:,}".format),
    Column("active, by age", "ages", _bars),
    Column("active, by client", "clients", _bars),
    Column("active, by start", "signed_in", _hours),
    Column("active, last in use", "seen", _hours),
    Column("seconds", "seconds"),
    Column("rows a second", "per_second"),
    Column("read units", "rru"),
)


@operator_command(
    "stats",
    examples="""
        session-store stats --env prod
        session-store stats --env prod --output json | jq .active
    """,
)
@click.option(
    "--clients", "most", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many to list."
)
@whole_table.max_rcu
@whole_table.segments
@options.connected
@options.printing
def command(*, connection: Connection, printer: Printer, most: int, max_rcu: float, segments: int) -> None:
    """Count the sessions of the whole table: by state, by hour, by client, by age.

    A session counts as active by its own row, without a look at its customer's. Expired and ended ones are kept for
    the retention. For each of the last 24 hours, "by start" counts the active sessions that began then, "last in use"
    those whose last recorded activity was then. A scan sees each row at another moment, so the numbers are about right
    on a busy table.
    """
    from session_store.whole_table.counting import count  # noqa: PLC0415 - the help needs no SDK

    table = whole_table.table_of(connection, max_rcu=max_rcu)
    with whole_table.watching("Counting", "rows") as watch:
        counts = count(table, segments, watch)
    shown: dict[str, Any] = asdict(counts) | watch.figures(counts.rows)
    shown["clients"] = dict(counts.clients.most_common(most))
    printer.one(shown, _COLUMNS)
