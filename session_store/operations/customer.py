"""Everything of one customer: list, last login, end all, erase.

The generation is the moment of the last end-all in epoch milliseconds, or one more than before where clocks disagree.
A session carries the generation it was created under and is refused once the customer's is higher.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from session_store.clock import to_datetime
from session_store.errors import ConflictError, SessionNotFoundError
from session_store.model import MAX_ABSOLUTE_TIMEOUT, Progress, SessionPage
from session_store.operations.context import seconds
from session_store.operations.end import end
from session_store.storage import conditions
from session_store.storage.changes import Change, ConditionFailedError
from session_store.storage.records import CustomerKey, CustomerRecord, SessionKey, SessionRecord, generation_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from session_store.operations.context import Context
    from session_store.storage.changes import Value
    from session_store.storage.port import Rows
    from session_store.storage.records import Hit, Page

# After this no session from before the end-all can be alive, and its marker has no more work to do.
_MARKER_LIFE: Final = MAX_ABSOLUTE_TIMEOUT
# An erased customer's marker goes as soon as no index can lag that long.
_ERASED_MARKER_LIFE: Final = timedelta(days=1)
_TRIES: Final = 4


def get_last_login_time(context: Context, customer_id: str) -> datetime | None:
    """The newest session's, ended ones included: ids sort by time, so the newest is the last login."""
    hits = context.storage.rows().sessions_of(customer_id, limit=1).hits
    moment = hits[0].last_login_time if hits else None
    return None if moment is None else to_datetime(moment)


def get_sessions(context: Context, customer_id: str, *, limit: int, cursor: str | None) -> SessionPage:
    """One page of the index, read strongly from the table."""
    rows = context.storage.rows()
    page = rows.sessions_of(customer_id, limit=limit, after=cursor)
    found = rows.read_all([hit.key for hit in _alive_at_most(context, page)])
    now = context.now()
    shown = [record for record in found if isinstance(record, SessionRecord) and record.is_shown(now)]
    newest_first = sorted(shown, key=lambda record: record.session_id, reverse=True)
    return SessionPage(tuple(record.to_session() for record in newest_first), page.cursor)


def end_sessions(
    context: Context, customer_id: str, *, except_session_id: str | None, limit: int, cursor: str | None
) -> Progress:
    """Raise the generation, then end what one page of the index shows."""
    rows = context.storage.rows()
    if cursor is not None:
        generation = generation_of(rows.customer(customer_id))
    elif except_session_id is None:
        generation = _raise_generation(context, rows, customer_id, _MARKER_LIFE)
    else:
        generation = _raise_generation_but_keep(context, rows, customer_id, except_session_id)
    page = rows.sessions_of(customer_id, limit=limit, after=cursor)
    too_old = conditions.generation_below(generation)

    def end_one(hit: Hit) -> int:
        return hit.session_id != except_session_id and end(context, rows, hit.key, too_old)

    return _go_through(rows, _alive_at_most(context, page), end_one, begin=cursor, next_page=page.cursor)


def erase(context: Context, customer_id: str, *, limit: int, cursor: str | None) -> Progress:
    """Delete the rows of what one page of the index shows, foreign ones too; the customer's own row goes by TTL."""
    rows = context.storage.rows()
    if cursor is None:
        _raise_generation(context, rows, customer_id, _ERASED_MARKER_LIFE)
    page = rows.sessions_of(customer_id, limit=limit, after=cursor)
    foreign = rows.delete(page.foreign)
    erase_one = partial(_erase_session, context, rows)
    erased = _go_through(rows, page.hits, erase_one, begin=cursor, next_page=page.cursor)
    return Progress(foreign + erased.count, erased.cursor)


def _go_through(
    rows: Rows, hits: Iterable[Hit], act: Callable[[Hit], int], *, begin: str | None, next_page: str | None
) -> Progress:
    """Act on one hit after another, until the deadline.

    Args:
        rows: the method's reads and writes.
        hits: of one page.
        act: returns what it adds to the count.
        begin: the cursor that the page began after.
        next_page: the page's own cursor.
    """
    count, cursor = 0, begin
    for hit in hits:
        if cursor is not None and rows.deadline.passed:  # without a cursor there is no place to go on from
            return Progress(count, cursor)
        cursor = hit.session_id
        count += act(hit)
    return Progress(count, next_page)


def _erase_session(context: Context, rows: Rows, hit: Hit) -> int:
    """Delete a session's collection, the session last: while it is there, a repetition finds what is left.

    It is ended first: from then on no child can be added behind the query's back. A large collection is deleted while
    it is read, so that a call that runs out of time has got somewhere.
    """
    end(context, rows, hit.key)
    return rows.delete(rows.children_keys(hit.session_id)) + rows.delete([hit.key])


def _alive_at_most(context: Context, page: Page) -> Iterator[Hit]:
    """The hits that have not passed their absolute end: that much the index knows."""
    now = context.now()
    return (hit for hit in page.hits if hit.absolute_expires_at > now)


def _raise_generation(context: Context, rows: Rows, customer_id: str, life: timedelta) -> int:
    """Raise the generation by one change; returns the new one.

    After a lost reply it is raised again, which does no harm: an equal one may be another call's, that kept a session.
    """
    generation = int(context.clock.now() * 1000)
    for _ in range(_TRIES):
        marker = _marker(context, generation, life)
        condition = conditions.generation_absent_or_below(generation)
        try:
            rows.change(Change(CustomerKey(customer_id), marker, condition))
        except ConditionFailedError as failure:
            generation = cast("CustomerRecord", failure.records[0]).generation + 1
        else:
            return generation
    raise ConflictError("the customer's sessions kept being ended by others")


def _raise_generation_but_keep(context: Context, rows: Rows, customer_id: str, session_id: str) -> int:
    """Raise the generation in one transaction with the copy in the session to keep; returns the new one.

    After a lost reply this too is done again: the session that our own attempt kept may be kept once more.
    """
    known = rows.customer(customer_id)
    for _ in range(_TRIES):
        before = generation_of(known)
        generation = max(before + 1, int(context.clock.now() * 1000))
        unchanged = conditions.generation_is(known and known.generation)
        marker = _marker(context, generation, _MARKER_LIFE)
        # What an earlier end-all has ended is not kept, even if the index never showed it and it looks alive.
        valid = conditions.live(context.now()) & conditions.generation_at_least(before)
        try:
            rows.transact(
                Change(SessionKey(session_id, customer_id), {"generation": generation}, valid),
                Change(CustomerKey(customer_id), marker, unchanged),
            )
        except ConditionFailedError as failure:
            known = cast("CustomerRecord | None", failure.records[1])
            if known is None:  # then it was the session's condition that did not hold
                raise SessionNotFoundError(session_id) from None
        else:
            return generation
    raise ConflictError("the customer's sessions kept being ended by others")


def _marker(context: Context, generation: int, life: timedelta) -> dict[str, Value]:
    return {
        "generation": generation,
        "ttl": context.now() + seconds(life),
    }
