"""`session-store end`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from session_store.cli import ending, ending_before, options, whole_table
from session_store.cli.command import operator_command

if TYPE_CHECKING:
    from session_store.cli.connect import Connection
    from session_store.cli.exits import Exit
    from session_store.cli.output import Printer


@operator_command(
    "end",
    examples="""
        session-store end 01880fb9-92c0-7001-8abc-000000000002 --env prod
        # All sessions of a customer, after an account was taken over:
        session-store end --customer ABC
        # All but one, and first see how many that are:
        session-store end --customer ABC --except 01880fb9-92c0-7001-8abc-000000000002 --dry-run
        # All that began before a moment, for instance after a leak of tokens:
        session-store end --created-before 2026-11-27T10:00Z --dry-run
        # Those of a list, in a script:
        session-store list ABC | session-store end - --yes
    """,
)
@click.argument("session", metavar="[ID]", required=False)
@click.option("--customer", metavar="CUSTOMER", help="End all sessions of this customer. - for ids from stdin.")
@click.option("--except", "kept", metavar="ID", help="With --customer: keep this session. Its children end.")
@click.option("--created-before", "moment", metavar="T", help="End all sessions of the table that began before T.")
@whole_table.max_rcu
@whole_table.max_wcu
@options.yes
@options.dry_run
@options.cursor
@options.connected
@options.printing
def command(
    *,
    connection: Connection,
    printer: Printer,
    session: str | None,
    customer: str | None,
    kept: str | None,
    moment: str | None,
    max_rcu: float,
    max_wcu: float,
    yes: bool,
    dry_run: bool,
    cursor: str | None,
) -> Exit:
    """End a session with its children, all sessions of a customer, or all from before a moment, for good.

    ID is the session's id, or - for ids from stdin, one a line. Lines of `list` do as well. Ending a session that has
    ended already does no harm. Ending more than one asks first: type the customer's id.

    T is like 2026-11-27, 2026-11-27T10:00 or 2026-11-27T10:00+01:00, UTC unless it says otherwise. --created-before
    goes through the whole table, no faster than --max-rcu and --max-wcu say, and asks first: type the table's name.

    Where functions have a cache of validations, set SESSION_VALIDATION_CACHE_HOST as they do. Without it an ended
    session stays usable for up to 5 seconds. If this machine cannot reach the cache, each end takes 5 seconds.
    """
    how = ending.How(yes=yes, dry_run=dry_run)
    if session is not None and customer is None and kept is None and cursor is None and moment is None:
        return ending.end_sessions(connection, printer, session, how)
    if session is None and customer is not None and moment is None:
        return ending.end_all(connection, printer, ending.All(customer, kept, cursor), how)
    if session is None and customer is None and kept is None and moment is not None:
        rates = {"max_rcu": max_rcu, "max_wcu": max_wcu}
        return ending_before.end_created_before(connection, printer, ending_before.Before(moment, cursor, **rates), how)
    raise click.UsageError(
        "Give the ID of a session, --customer or --created-before. --except goes with --customer, --cursor with both."
    )
