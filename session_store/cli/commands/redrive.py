"""`session-store redrive`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from session_store.cli import options
from session_store.cli.command import operator_command

if TYPE_CHECKING:
    from session_store.cli.connect import Connection
    from session_store.cli.exits import Exit
    from session_store.cli.output import Printer


@operator_command(
    "redrive",
    examples="""
        # Which events are due?
        session-store redrive --env prod --dry-run
        session-store redrive --env prod
        # A few first:
        session-store redrive --env prod --limit 10
    """,
)
@click.option("--limit", metavar="N", type=click.IntRange(min=1), help="Take at most so many messages. Default: all.")
@click.option("--dry-run", is_flag=True, help="Send nothing. List the events that are due.")
@options.queue_url
@options.event_bus
@options.connected
@options.printing
def command(
    *,
    connection: Connection,
    printer: Printer,
    limit: int | None,
    dry_run: bool,
    queue_url: str | None,
    event_bus: str | None,
) -> Exit:
    """Send the lifecycle events that could not be told: read the rows of the parked messages again.

    Repair the rows first, with the library or by hand. A message is deleted once the event bus has accepted its events,
    or when nothing is due any more. All others stay, and the exit status is 1. Consumers may get an event twice. For
    a batch that Lambda gave up on, the queue has only its place in the stream. The stream is read again, for 24 hours
    from then.

    The parking queue of large data is none for this command: it would send events again, and delete no object. See
    `session-store verify`.
    """
    from session_store.cli.redrive import redriving  # noqa: PLC0415 - the help needs no SDK
    from session_store.cli.redrive.names import find_names  # noqa: PLC0415

    names = find_names(connection.aws, connection.place, queue_url, event_bus)
    return redriving.redrive(connection, printer, names, redriving.How(limit, dry_run))
