"""`session-store children`."""

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

_PAGE = 100


@operator_command("children", examples="session-store children 01880fb9-92c0-7001-8abc-000000000002 --env prod")
@click.argument("session", metavar="ID")
@options.connected
@options.printing_sessions
@options.cursor
def command(*, connection: Connection, printer: Printer, session: str, cursor: str | None) -> Exit:
    """List the live child sessions of a session, oldest first.

    ID is the session's id, or - for ids from stdin, one a line. The exit status is 3 when there is no such live
    session.
    """

    def of_id(name: str) -> Iterator[dict[str, Any]]:
        session_id = check_session_id(name)
        while True:
            page = connection.store.get_child_sessions(session_id, limit=_PAGE, cursor=batch.cursor)
            if page is None:
                raise SessionNotFoundError(session_id)
            yield from sessions.rows_of(page.children, connection.unread, show_data=printer.show_data)
            batch.cursor = page.cursor
            if page.cursor is None:
                return

    with Batch(session, each_session_id(session), cursor=cursor) as batch:
        columns = sessions.columns(sessions.CHILDREN, printer)
        rows = printer.at_once(batch.rows(of_id))
        printer.rows(rows, columns, none=connection.unread.or_none("The session has no live children."))
    return connection.unread.status(batch.status)
