"""`session-store end`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from session_store.cli import ending, options
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
        # Those of a list, in a script:
        session-store list ABC | session-store end - --yes
    """,
)
@click.argument("session", metavar="[ID]", required=False)
@click.option("--customer", metavar="CUSTOMER", help="End all sessions of this customer. - for ids from stdin.")
@click.option("--except", "kept", metavar="ID", help="With --customer: keep this session. Its children end.")
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
    yes: bool,
    dry_run: bool,
    cursor: str | None,
) -> Exit:
    """End a session with its children, or all sessions of a customer, for good.

    ID is the session's id, or - for ids from stdin, one a line. Lines of `list` do as well. Ending a session that has
    ended already does no harm. Ending more than one asks first: type the customer's id.
    """
    how = ending.How(yes=yes, dry_run=dry_run)
    if session is not None and customer is None and kept is None and cursor is None:
        return ending.end_sessions(connection, printer, session, how)
    if session is None and customer is not None:
        return ending.end_all(connection, printer, ending.All(customer, kept, cursor), how)
    raise click.UsageError("Give the ID of a session, or --customer. --except and --cursor go with --customer.")
