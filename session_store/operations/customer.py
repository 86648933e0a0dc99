"""Everything of one customer: list, last login, end all, erase.

The generation is the moment of the last end-all in epoch milliseconds, or one more than before where clocks disagree.
A session carries the generation it was created under and is refused once the customer's is higher.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from session_store.clock import to_datetime
from session_store.errors import ConflictError, SessionNotFoundError
from session_store.model import MAX_ABSOLUTE_TIMEOUT, Progress, SessionPage
from session_store.operations.context import seconds
from session_store.operations.end import end
from session_store.storage import conditions, items, schema
from session_store.storage.attribute_values import number, string
from session_store.storage.dynamodb import ConditionFailedError, Update

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from session_store.operations.context import Context
    from session_store.storage.attribute_values import AttributeValue, Item
    from session_store.storage.dynamodb import Call, Page

# After this no session from before the end-all can be alive, and its marker has no more work to do.
_MARKER_LIFE: Final = MAX_ABSOLUTE_TIMEOUT
# An erased customer's marker goes as soon as no index can lag that long.
_ERASED_MARKER_LIFE: Final = timedelta(days=1)
_TRIES: Final = 4


def get_last_login_time(context: Context, customer_id: str) -> datetime | None:
    """The newest session's, ended ones included: ids sort by time, so the newest is the last login."""
    hits = context.table.call().query_index(schema.customer_sort_key(customer_id), limit=1).items
    return to_datetime(int(hits[0]["last_login_time"]["N"])) if hits else None


def get_sessions(context: Context, customer_id: str, *, limit: int, cursor: str | None) -> SessionPage:
    """One page of the index, read strongly from the table."""
    call = context.table.call()
    page = _page(call, customer_id, limit, cursor)
    keys = [items.key_of(hit) for hit in _alive_at_most(context, page)]
    records = {record.session_id: record for record in map(items.read_session, call.batch_get(keys))}
    now = context.now()
    newest_first = sorted(records.values(), key=lambda record: record.session_id, reverse=True)
    return SessionPage(tuple(record.to_session() for record in newest_first if record.is_shown(now)), _cursor(page))


def end_sessions(
    context: Context, customer_id: str, *, except_session_id: str | None, limit: int, cursor: str | None
) -> Progress:
    """Raise the generation, then end what one page of the index shows."""
    call = context.table.call()
    if cursor is not None:
        generation = items.read_generation(call.get(items.customer_key(customer_id)))
    elif except_session_id is None:
        generation = _raise_generation(context, call, customer_id, _MARKER_LIFE)
    else:
        generation = _raise_generation_but_keep(context, call, customer_id, except_session_id)
    page = _page(call, customer_id, limit, cursor)
    expired = 0
    for hit in _alive_at_most(context, page):
        if cursor is not None and call.deadline.passed:  # without a cursor there is no place to go on from
            return Progress(expired, cursor)
        cursor = _session_id(hit)
        if cursor != except_session_id:
            expired += end(context, call, items.key_of(hit), conditions.generation_below(generation))
    return Progress(expired, _cursor(page))


def erase(context: Context, customer_id: str, *, limit: int, cursor: str | None) -> Progress:
    """Delete the rows of what one page of the index shows; the customer's own row goes by TTL."""
    call = context.table.call()
    if cursor is None:
        _raise_generation(context, call, customer_id, _ERASED_MARKER_LIFE)
    page = _page(call, customer_id, limit, cursor)
    deleted = 0
    for hit in page.items:
        if cursor is not None and call.deadline.passed:  # without a cursor there is no place to go on from
            return Progress(deleted, cursor)
        cursor = _session_id(hit)
        deleted += _erase_session(context, call, hit)
    return Progress(deleted, _cursor(page))


def _erase_session(context: Context, call: Call, hit: Item) -> int:
    """Delete a session's collection, the session last: while it is there, a repetition finds what is left.

    It is ended first: from then on nobody can add a child behind the query's back. A large collection is deleted while
    it is read, so that a call that runs out of time has got somewhere.
    """
    root = items.key_of(hit)
    end(context, call, root)
    rows = call.query(hit[schema.PARTITION_KEY]["S"])
    children = (key for key in map(items.key_of, rows) if key != root)
    return call.batch_delete(children) + call.batch_delete([root])


def _page(call: Call, customer_id: str, limit: int, cursor: str | None) -> Page:
    start = None if cursor is None else items.session_key(cursor, customer_id)
    return call.query_index(schema.customer_sort_key(customer_id), limit=limit, start_key=start)


def _cursor(page: Page) -> str | None:
    return _session_id(page.last_key) if page.last_key else None


def _session_id(hit: Item) -> str:
    return schema.session_id_of(hit[schema.PARTITION_KEY]["S"])


def _alive_at_most(context: Context, page: Page) -> Iterator[Item]:
    """The hits that have not passed their absolute end."""
    now = context.now()
    return (hit for hit in page.items if items.may_be_live(hit, now))


def _raise_generation(context: Context, call: Call, customer_id: str, life: timedelta) -> int:
    """Raise the generation by one update; returns the new one.

    After a lost reply it is raised again, which does no harm: an equal one may be another call's, that kept a session.
    """
    generation = int(context.clock.now() * 1000)
    for _ in range(_TRIES):
        expression = f"{conditions.no_generation().expression} OR #generation < :generation"
        update = Update(
            items.customer_key(customer_id),
            _marker(context, customer_id, generation, life),
            expression,
            conditions.generation_below(generation).values,
        )
        try:
            call.update(update)
        except ConditionFailedError as failure:
            generation = items.read_generation(failure.item) + 1
        else:
            return generation
    raise ConflictError("the customer's sessions kept being ended by others")


def _raise_generation_but_keep(context: Context, call: Call, customer_id: str, session_id: str) -> int:
    """Raise the generation in one transaction with the copy in the session to keep; returns the new one.

    After a lost reply this too is done again: the session that our own attempt kept may be kept once more.
    """
    key = items.customer_key(customer_id)
    known = call.get(key)
    for _ in range(_TRIES):
        before = items.read_generation(known)
        generation = max(before + 1, int(context.clock.now() * 1000))
        unchanged = conditions.generation_is(before) if known else conditions.no_generation()
        marker = _marker(context, customer_id, generation, _MARKER_LIFE)
        # What an earlier end-all has ended is not kept, even if the index never showed it and it looks alive.
        valid = conditions.live(context.now()) & conditions.generation_at_least(before)
        kept = items.session_key(session_id, customer_id)
        parts = [
            call.update_part(Update(kept, {"generation": number(generation)}, valid.expression, valid.values)),
            call.update_part(Update(key, marker, unchanged.expression, unchanged.values)),
        ]
        try:
            call.transact(parts, secrets.token_hex(16))
        except ConditionFailedError as failure:
            known = failure.items[1]
            if known is None:  # then it was the session's condition that did not hold
                raise SessionNotFoundError(session_id) from None
        else:
            return generation
    raise ConflictError("the customer's sessions kept being ended by others")


def _marker(context: Context, customer_id: str, generation: int, life: timedelta) -> dict[str, AttributeValue]:
    return {
        "entity_type": string(schema.EntityType.CUSTOMER),
        "customer_id": string(customer_id),
        "generation": number(generation),
        schema.TTL_ATTRIBUTE: number(context.now() + seconds(life)),
    }
