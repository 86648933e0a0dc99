"""The limit on sessions per customer: signing in ends the oldest beyond it. Best effort."""

from __future__ import annotations

from typing import TYPE_CHECKING

from session_store.checks import MAX_LIMIT
from session_store.errors import SessionStoreError
from session_store.incidents import Incident, IncidentName
from session_store.operations.end import end
from session_store.storage import items, schema

if TYPE_CHECKING:
    from session_store.operations.context import Context
    from session_store.storage.dynamodb import Call
    from session_store.storage.items import SessionRecord


def enforce(context: Context, call: Call, created: SessionRecord) -> None:
    """End the customer's oldest sessions beyond the limit. The sign-in stands whatever happens here."""
    limit, customer_id = context.settings.max_sessions_per_customer, created.customer_id
    if limit is None or customer_id is None:
        return
    try:
        for record in _beyond(context, call, customer_id, created.session_id, limit):
            end(context, call, record.key)
    except SessionStoreError as error:
        context.on_incident(Incident(IncidentName.SESSION_LIMIT_FAILED, created.session_id, type(error).__name__))


def _beyond(context: Context, call: Call, customer_id: str, session_id: str, limit: int) -> list[SessionRecord]:
    """The customer's sessions beyond the limit. The new one counts without being looked for: the index lags.

    Of the newest 100 those are read that have not passed their absolute end: which of them have ended or been idle for
    too long only their rows know. As long as they are not more than the limit, none is read. Else each costs 1 RRU per
    4 KB of its row, and ending one 1 WRU per KB. Sessions that have ended have no data any more, 1 RRU. With rows of
    16 KB it is 400 RRU at the very most.
    """
    now = context.now()
    hits = call.query_index(schema.customer_sort_key(customer_id), limit=MAX_LIMIT).items
    new = items.session_key(session_id, customer_id)
    keys = [key for key in (items.key_of(hit) for hit in hits if items.may_be_live(hit, now)) if key != new]
    if len(keys) < limit:
        return []
    others = [record for record in map(items.read_session, call.batch_get(keys)) if record.is_live(now)]
    return sorted(others, key=lambda record: record.session_id, reverse=True)[limit - 1 :]
