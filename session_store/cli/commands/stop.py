"""`session-store stop`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from session_store.cli import options, stopping
from session_store.cli.command import operator_command

if TYPE_CHECKING:
    from session_store.cli.connect import Connection
    from session_store.cli.exits import Exit
    from session_store.cli.output import Printer


@operator_command(
    "stop",
    examples="""
        session-store stop --env prod
        # Which functions are those?
        session-store stop --env prod --dry-run
    """,
)
@click.option("--all", "every", is_flag=True, help="Also stop functions of applications on the table.")
@click.option("--dry-run", is_flag=True, help="Change nothing. List the functions.")
@options.yes
@options.connected
@options.printing
def command(*, connection: Connection, printer: Printer, every: bool, dry_run: bool, yes: bool) -> Exit:
    """Stop the functions on the table, in an emergency: their concurrency becomes zero, and every request is refused.

    A tag of each function keeps the concurrency that it had, for `resume`. Stopping again does no harm. A request that
    is under way goes on to its end. It asks first: type the table's name.
    """
    return stopping.stop(connection, printer, every=every, yes=yes, dry_run=dry_run)
