"""Everything of one customer: list, last login, erase."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from session_store.checks import Cursor
from session_store.clock import to_datetime
from session_store.errors import InvalidInputError, SessionNotFoundError
from session_store.model import EndReason, Progress, SessionPage
from session_store.operations import customer_row
from session_store.operations.children import readable
from session_store.operations.context import shown_with_data
from session_store.operations.end import end
from session_store.storage.records import CustomerKey, SessionRecord

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from session_store.model import Session
    from session_store.operations.context import Context
    from session_store.storage.port import Rows
    from session_store.storage.records import CustomerRecord, Hit, Page


def get_last_login_time(context: Context, customer_id: str) -> datetime | None:
    """The newest session's, ended ones included. Ids sort by time, so the newest is the last login."""
    hits = context.storage.rows().sessions_of(customer_id, limit=1).hits
    moment = hits[0].last_login_time if hits else None
    return None if moment is None else to_datetime(moment)


def get_sessions(context: Context, customer_id: str, *, limit: int, cursor: str | None) -> SessionPage:
    """One page of the index, read strongly from the table."""
    rows = context.storage.rows()
    page = rows.sessions_of(customer_id, limit=limit, after=cursor)
    found = rows.read_all([hit.key for hit in _alive_at_most(context, page)])
    shown = [record for record in found if isinstance(record, SessionRecord) and context.is_shown(record)]
    newest_first = sorted(shown, key=lambda record: record.session_id, reverse=True)
    return SessionPage(tuple(readable(rows, newest_first, partial(_listed, context))), page.cursor)


def _listed(context: Context, record: SessionRecord) -> Session:
    """A session of a list. Data in S3 is read when it is looked at, because few lists show it."""
    if not record.data.is_in_s3:
        return record.to_session()
    text = partial(_text_later, context, record)
    return record._replace(data=record.data._replace(text=text)).to_session(reads_later=True)


def _text_later(context: Context, record: SessionRecord) -> str:
    read = shown_with_data(context, context.storage.rows(), record)
    if read is None:
        raise SessionNotFoundError(record.session_id)
    return str(read.data.opened().text)


def erase(context: Context, customer_id: str, *, limit: int, cursor: Cursor | None) -> Progress:
    """Delete the customer's row, which refuses all sessions, then the rows that one page of the index shows.

    Sessions that the index does not show stay refused, because a later sign-in makes another row of the customer.
    """
    rows = context.storage.rows()
    if cursor is None:
        began = customer_row.now_ms(context)
        rows.delete([CustomerKey(customer_id)])
    else:
        began = cursor.generation
        _check_cursor(cursor, rows.customer(customer_id))
    reached = cursor and cursor.session_id
    page = rows.sessions_of(customer_id, limit=limit, after=reached)
    count = rows.delete(page.foreign)
    for hit in page.hits:
        if reached is not None and rows.deadline.passed:  # without it there is no place to go on from
            return Progress(count, str(Cursor(began, "", reached)))
        reached = hit.session_id
        count += _erase_session(context, rows, hit)
    return Progress(count, None if page.cursor is None else str(Cursor(began, "", page.cursor)))


def _check_cursor(cursor: Cursor, customer: CustomerRecord | None) -> None:
    """Refuse a cursor of another list. The call that this one goes on from has deleted the row that was there."""
    if customer is not None and customer.generation <= cursor.generation:
        problem = "is not of a call that erased this customer: begin anew, without it"
        raise InvalidInputError("cursor", problem, value=str(cursor))


def _erase_session(context: Context, rows: Rows, hit: Hit) -> int:
    """Delete a session's objects and its collection, the session last. While it is there, a repetition finds the rest.

    It is ended first. From then on no child can be added behind the query's back. A large collection is deleted while
    it is read, so that a call that runs out of time has got somewhere.
    """
    end(context, rows, hit.key, EndReason.ALL_ENDED)
    rows.delete_objects(hit.session_id)
    return rows.delete(rows.children_keys(hit.session_id)) + rows.delete([hit.key])


def _alive_at_most(context: Context, page: Page) -> Iterator[Hit]:
    """The hits that have not passed their absolute end. That much the index knows."""
    now = context.now()
    return (hit for hit in page.hits if hit.absolute_expires_at > now)
