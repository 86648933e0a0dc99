"""Watching the functions on a table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from session_store.catalog.routes import BACKEND_ROUTES
from session_store.cli.exits import Exit, Failure, say
from session_store.cli.functions import functions_on
from session_store.cli.notes import GO_ON, note
from session_store.cli.output import Format
from session_store.cli.watch.following import Following
from session_store.cli.watch.happenings import happenings_in, pattern
from session_store.cli.watch.lines import Summary, show

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import timedelta

    from session_store.aws.functions import Function
    from session_store.cli.connect import Connection
    from session_store.cli.output import Printer
    from session_store.cli.watch.happenings import Happening
    from session_store.clock import Clock

_NONE: Final = (
    "No function of this account and region has the table {} in its variable TABLE_NAME, so that there is nothing to "
    "watch. Is the service deployed there?"
)


class Wanted(NamedTuple):
    """The things that are shown.

    Attributes:
        since: how far back to begin.
        during: how long to watch, None for no end.
        every: also refused validations and faults.
    """

    since: timedelta
    during: timedelta | None
    every: bool


def watch(connection: Connection, printer: Printer, wanted: Wanted, clock: Clock) -> Exit:
    """Show what happens, as it happens.

    Args:
        connection: where the table is.
        printer: writes them. For a table: a line each, also where stdout is no terminal.
        wanted: what is shown.
        clock: tells the time, and waits.

    Raises:
        Failure: there is no function on the table.
    """
    table = connection.table_name.rpartition("/")[2]
    functions = functions_on(connection)
    if not functions:
        raise Failure(_NONE.format(table), Exit.MISCONFIGURED)
    _name_missing(functions)
    now, writers, summary = clock.now(), _writers(functions), Summary()
    begin = max(0.0, now - wanted.since.total_seconds())
    following = Following(
        _client(connection),
        writers,
        begin=begin,
        until=None if wanted.during is None else now + wanted.during.total_seconds(),
        pattern=pattern(every=wanted.every),
        clock=clock,
    )
    say(f"Watching the functions on {table}, {len(functions)} of them. Ctrl-C ends it.")
    try:
        _write(summary.counted(_happenings(following, writers, table, every=wanted.every)), printer)
    except BrokenPipeError:
        raise
    except BaseException:
        note(GO_ON, summary.text(clock.now() - begin))
        raise
    say(summary.text(clock.now() - begin))
    return Exit.SOME_FAILED if following.gone else Exit.DONE


def _happenings(
    following: Following, writers: Mapping[str, str | None], table: str, *, every: bool
) -> Iterator[Happening]:
    for event in following.events():
        yield from happenings_in(event, table=table, function=writers[event.group], every=every)


def _writers(functions: list[Function]) -> dict[str, str | None]:
    """The function that writes to each log group, None for several."""
    found: dict[str, str | None] = {}
    for function in functions:
        found[function.log_group] = None if function.log_group in found else function.name
    return found


def _write(happenings: Iterator[Happening], printer: Printer) -> None:
    if printer.format is not Format.TABLE:
        printer.rows((happening._asdict() for happening in happenings), (), none="")
        return
    for happening in happenings:
        show(happening)


def _name_missing(functions: list[Function]) -> None:
    """Say which functions of the back ends' API are not there. An application alone has none of them."""
    there = {function.serves for function in functions if function.own}
    missing = sorted({route.function.value.replace("_", " ") for route in BACKEND_ROUTES} - there)
    if there and missing:
        say(f"Not deployed on this table: {', '.join(missing)}.")


def _client(connection: Connection) -> Any:  # noqa: ANN401 - made at run time
    """A client that leaves the trying again to what follows the logs, which can wait for longer."""
    return connection.aws.client("logs", settings=replace(connection.aws.settings, max_attempts=1))
