"""`session-store watch`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import click

from session_store.cli import options
from session_store.cli.command import operator_command
from session_store.cli.output import Format, Printer

if TYPE_CHECKING:
    from session_store.cli.connect import Connection
    from session_store.cli.exits import Exit

_LENGTH: Final = re.compile(r"(\d{1,6})([smhd])", re.ASCII)
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class _Length(click.ParamType[timedelta, str | timedelta]):
    name = "time"

    def convert(self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        match = _LENGTH.fullmatch(value)
        if match is None:
            self.fail(f"{value!r} is no length of time like 30s, 10m, 2h or 1d.", param, ctx)
        return timedelta(**{_UNITS[match[2]]: int(match[1])})


@operator_command(
    "watch",
    examples="""
        session-store watch --env prod
        # The last 10 minutes, with refused tokens and faults, and no further:
        session-store watch --env prod --since 10m --for 0s --all
        # Thefts alone, for another program:
        session-store watch --env prod --json | jq 'select(.what == "theft")'
    """,
)
@click.option("--since", metavar="TIME", type=_Length(), default="0s", help="Begin so far back, for instance 10m.")
@click.option("--for", "during", metavar="TIME", type=_Length(), help="End after this time, for instance 30s or 8h.")
@click.option("--all", "every", is_flag=True, help="Also show refused tokens and faults.")
@click.option("--json", "output", flag_value=Format.JSONL.value, help="One JSON object per line.")
@options.lines
@options.connected
def command(
    *, connection: Connection, output: str | None, since: timedelta, during: timedelta | None, every: bool
) -> Exit:
    """Show sessions that start and end, and thefts, as they happen, from the logs of the functions on the table.

    Each line has the time in UTC, what happened, the reason, the session and the route. CloudWatch shows an event some
    seconds after it happened. One that is more than 10 minutes late is not shown. Calls of the library outside of
    Lambda are in no log. At the end a summary goes to stderr.
    """
    from session_store.cli.watch.watching import Wanted, watch  # noqa: PLC0415 - the help needs no SDK
    from session_store.clock import SystemClock  # noqa: PLC0415

    printer = Printer(Format(output or Format.TABLE))
    return watch(connection, printer, Wanted(since, during, every), SystemClock())
