"""`session-store list`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from session_store.cli import options, sessions
from session_store.cli.batch import Batch
from session_store.cli.command import operator_command
from session_store.cli.ids import each_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from session_store.cli.connect import Connection
    from session_store.cli.exits import Exit
    from session_store.cli.output import Printer

_PAGE = 100


@operator_command(
    "list",
    examples="""
        session-store list ABC --env prod
        # The ids alone, for another program:
        session-store list ABC | jq -r .session_id
    """,
)
@click.argument("customer")
@options.connected
@options.printing_sessions
@options.cursor
def command(*, connection: Connection, printer: Printer, customer: str, cursor: str | None) -> Exit:
    """List the live sessions of a customer, newest first.

    CUSTOMER is the customer's id, or - for ids from stdin, one a line. A session that began less than about a second
    ago may be missing. One whose data this command cannot read is named on stderr, and the exit status is 1.
    """

    def of_customer(name: str) -> Iterator[dict[str, Any]]:
        while True:
            page = connection.store.get_customer_sessions(name, limit=_PAGE, cursor=batch.cursor)
            yield from sessions.rows_of(page.sessions, connection.unread, show_data=printer.show_data)
            batch.cursor = page.cursor
            if page.cursor is None:
                return

    with Batch(customer, each_id(customer), cursor=cursor) as batch:
        columns = sessions.columns(sessions.SESSIONS, printer, several=batch.several)
        rows = printer.at_once(batch.rows(of_customer))
        printer.rows(rows, columns, none=connection.unread.or_none("There are no live sessions."))
    return connection.unread.status(batch.status)
