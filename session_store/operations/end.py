"""Ending: one change that leaves a tombstone. It cannot be undone by a late write, however that one's clock goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from session_store.catalog.metrics import Metric
from session_store.model import SessionState
from session_store.operations.context import known_key
from session_store.storage import conditions
from session_store.storage.changes import Change, ConditionFailedError
from session_store.storage.records import WRITE_IDS, ChildKey, new_write_id

if TYPE_CHECKING:
    from session_store.checks import Reference
    from session_store.model import EndReason
    from session_store.operations.context import Context
    from session_store.storage.changes import Value
    from session_store.storage.conditions import Condition
    from session_store.storage.port import Rows
    from session_store.storage.records import SessionKey

# Removed when a session ends, so that a tombstone shows nothing to an attacker, or to an application that lists it.
ERASED: Final = (
    "client",
    "data",
    "data_codec",
    "epoch",
    "family_hash",
    "first_used",
    "first_used_at",
    "head",
    "rotation_key",
    *WRITE_IDS[1:],
)


def end_session(context: Context, reference: Reference, reason: EndReason) -> bool:
    """End a session. Also one that has expired by this machine's clock. Another machine's may be behind."""
    rows = context.storage.rows()
    key = known_key(reference)
    if key is None:
        record = rows.session_by_id(reference.session_id)
        if record is None:
            return False
        key = record.key
    return end(context, rows, key, reason)


def end_child_session(context: Context, session_id: str, child_session_id: str, reason: EndReason) -> bool:
    """End a child session and leave its root. True when this call ended it."""
    return end(context, context.storage.rows(), ChildKey(session_id, child_session_id), reason)


def end(
    context: Context, rows: Rows, key: SessionKey | ChildKey, reason: EndReason, also: Condition | None = None
) -> bool:
    """Turn a record into a tombstone. True when this call did it, False when there was nothing (left) to end.

    Args:
        context: the store.
        rows: the method's reads and writes.
        key: of the session or child session.
        reason: why.
        also: a condition besides "not ended yet".
    """
    values = tombstone(context, context.now(), reason)
    try:
        rows.change(Change(key, values, conditions.not_ended() & also if also else conditions.not_ended()))
    except ConditionFailedError as failure:
        (current,) = failure.records
        if getattr(current, "write_id", None) != values["write_id"]:  # else our own write, whose reply was lost
            return False
    rows.count(*([Metric.CHILD_ENDED] if isinstance(key, ChildKey) else [Metric.ENDED, Metric.of_end(reason)]))
    return True


def children_ended() -> dict[str, Value]:
    """The values of a live session that end all its children. Each carries a copy of the mark from before."""
    return {"child_mark": new_write_id()}


def tombstone(context: Context, now: int, reason: EndReason) -> dict[str, Value]:
    """The values that ending writes and removes."""
    return dict.fromkeys(ERASED) | {
        "session_state": SessionState.ENDED,
        "expires_at": 0,
        "ended_at": now,
        "end_reason": reason,
        "write_id": new_write_id(),
        "ttl": context.ttl(now),
    }
