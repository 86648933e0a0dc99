"""The limit on sessions per customer: signing in ends the oldest beyond it. Best effort."""

from __future__ import annotations

from typing import TYPE_CHECKING

from session_store import items, schema
from session_store.errors import SessionStoreError
from session_store.events import Event, EventName
from session_store.inputs import MAX_LIMIT
from session_store.operations.end import end

if TYPE_CHECKING:
    from session_store.dynamodb import Call
    from session_store.items import SessionRecord
    from session_store.operations.context import Context


def enforce(context: Context, call: Call, created: SessionRecord) -> None:
    """End the customer's oldest sessions beyond the limit. The sign-in stands whatever happens here."""
    limit, customer_id = context.max_sessions_per_customer, created.customer_id
    if limit is None or customer_id is None:
        return
    try:
        others = _live_others(context, call, customer_id, created.session_id)
        for record in others[limit - 1 :]:
            end(context, call, record.key)
    except SessionStoreError as error:
        context.on_event(Event(EventName.SESSION_LIMIT_FAILED, created.session_id, type(error).__name__))


def _live_others(context: Context, call: Call, customer_id: str, session_id: str) -> list[SessionRecord]:
    """The customer's other sessions, newest first. The new one counts without being looked for: the index lags."""
    hits = call.query_index(schema.customer_sort_key(customer_id), limit=MAX_LIMIT).items
    records = map(items.read_session, call.batch_get([items.key_of(hit) for hit in hits]))
    now = context.now()
    others = [record for record in records if record.session_id != session_id and record.is_live(now)]
    return sorted(others, key=lambda record: record.session_id, reverse=True)
