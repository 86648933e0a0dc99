"""Sessions as rows of a result, and their columns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from session_store.cli.columns import Column, distance, indented_json, moment
from session_store.errors import SessionNotFoundError, UnreadableDataError
from session_store.kernel.response import session_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from session_store.cli.output import Printer
    from session_store.cli.unread import Unread
    from session_store.model import ChildSession, Session

_DATA: Final = "data"


def row_of(session: Session | ChildSession, *, show_data: bool) -> dict[str, Any]:
    """A session as a row, under the names that the HTTP API has. Without its data unless that is to be shown.

    Data in S3 that is not shown is not read either.
    """
    if show_data:
        return session_json(session)
    row = session_json(replace(session, data={}))
    del row[_DATA]
    return row


def rows_of(sessions: Iterable[Session | ChildSession], unread: Unread, *, show_data: bool) -> Iterator[dict[str, Any]]:
    """The same of a list. A session whose data cannot be read is noted, one that has just ended is left out."""
    for session in sessions:
        try:
            yield row_of(session, show_data=show_data)
        except UnreadableDataError as error:
            unread.ids.append(error.session_id)
        except SessionNotFoundError:
            continue


CUSTOMER: Final = Column("customer", "customer_id")
"""Where the sessions of several customers are listed."""

SESSIONS: Final = (
    Column("session", "session_id"),
    Column("state", "session_state"),
    Column("last seen", "last_seen_at", distance),
    Column("ends", "expires_at", distance, from_width=96),
    Column("signed in", "last_login_time", distance, from_width=110),
    Column("client", "client", wraps=True),
)
"""Of a list of a customer's sessions."""

CHILDREN: Final = (
    Column("child session", "child_session_id"),
    Column("state", "session_state"),
    Column("created", "created_at", distance),
    Column("ends", "expires_at", distance, from_width=96),
    Column("audience", "audience", wraps=True),
)
"""Of a list of a session's children."""

SESSION: Final = (
    Column("session", "session_id"),
    CUSTOMER,
    Column("state", "session_state"),
    Column("client", "client"),
    Column("created", "created_at", moment),
    Column("signed in", "last_login_time", moment),
    Column("last seen", "last_seen_at", moment),
    Column("ends", "expires_at", moment),
    Column("ends at latest", "absolute_expires_at", moment),
    Column("version", "version"),
    Column("data", _DATA, indented_json),
)
"""Of one session. A value that the row lacks is left out."""

_DATA_TOO: Final = Column("data", _DATA, indented_json, wraps=True)


def columns(kind: Sequence[Column], printer: Printer, *, several: bool = False) -> tuple[Column, ...]:
    """The columns of a list.

    Args:
        kind: `SESSIONS` or `CHILDREN`.
        printer: says whether data is shown.
        several: whether it is about several customers.
    """
    return (*((CUSTOMER,) if several else ()), *kind, *((_DATA_TOO,) if printer.show_data else ()))
