"""`session-store show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from session_store.cli import options, sessions
from session_store.cli.batch import Batch
from session_store.cli.command import operator_command
from session_store.cli.ids import check_session_id, each_session_id
from session_store.errors import SessionNotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from session_store.cli.connect import Connection
    from session_store.cli.exits import Exit
    from session_store.cli.output import Printer


@operator_command(
    "show",
    examples="""
        session-store show 01880fb9-92c0-7001-8abc-000000000002 --env prod
        # With the data that the application keeps in it:
        session-store show 01880fb9-92c0-7001-8abc-000000000002 --show-data --output json
    """,
)
@click.argument("session", metavar="ID")
@options.connected
@options.printing_sessions
def command(*, connection: Connection, printer: Printer, session: str) -> Exit:
    """Show a live session by its id.

    ID is the session's id, or - for ids from stdin, one a line. The exit status is 3 when there is no such live
    session: it never existed, has ended or has expired.
    """

    def of_id(name: str) -> Iterator[dict[str, Any]]:
        session_id = check_session_id(name)
        found = connection.store.get_session(session_id)
        if found is None:
            raise SessionNotFoundError(session_id)
        yield sessions.row_of(found, show_data=printer.show_data)

    with Batch(session, each_session_id(session)) as batch:
        columns = sessions.columns(sessions.SESSIONS, printer, several=True)
        batch.print_results(printer, of_id, columns, of_one=sessions.SESSION)
    return batch.status
