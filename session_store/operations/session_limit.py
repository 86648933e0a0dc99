"""The limit on sessions per customer: signing in ends the oldest beyond it. Best effort."""

from __future__ import annotations

from typing import TYPE_CHECKING

from session_store.checks import MAX_LIMIT
from session_store.errors import SessionStoreError
from session_store.incidents import Incident, IncidentName
from session_store.model import EndReason
from session_store.operations.end import end
from session_store.storage.records import SessionRecord

if TYPE_CHECKING:
    from session_store.operations.context import Context
    from session_store.storage.port import Rows


def enforce(context: Context, rows: Rows, created: SessionRecord) -> None:
    """End the customer's oldest sessions beyond the limit. The sign-in stands, also when this fails."""
    limit = context.settings.max_sessions_per_customer
    if limit is None or created.customer_id is None:
        return
    try:
        for record in _beyond(context, rows, created, created.customer_id, limit):
            end(context, rows, record.key, EndReason.SESSION_LIMIT)
    except SessionStoreError as error:
        rows.report(Incident(IncidentName.SESSION_LIMIT_FAILED, created.session_id, type(error).__name__))


def _beyond(context: Context, rows: Rows, created: SessionRecord, customer_id: str, limit: int) -> list[SessionRecord]:
    """The customer's sessions beyond the limit. The new one counts without being looked for. The index lags.

    Of the newest 100 those are read that have not passed their absolute end. Only their rows know which of them have
    ended or been idle for too long. As long as they are not more than the limit, none is read. The access pattern
    `LIMIT_SESSIONS` says what it costs. Sessions that have ended have no data any more, and are cheap to read.
    """
    now = context.now()
    hits = rows.sessions_of(customer_id, limit=MAX_LIMIT).hits
    keys = [hit.key for hit in hits if hit.absolute_expires_at > now and hit.session_id != created.session_id]
    if len(keys) < limit:
        return []
    read = rows.read_all(keys)
    others = [record for record in read if isinstance(record, SessionRecord) and context.is_live(record)]
    return sorted(others, key=lambda record: record.session_id, reverse=True)[limit - 1 :]
