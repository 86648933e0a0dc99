"""Ending: one update that leaves a tombstone. It cannot be undone by a late write, whatever that one's clock says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from session_store.model import SessionState
from session_store.operations.context import known_key
from session_store.storage import conditions, items, schema
from session_store.storage.attribute_values import binary, number, string
from session_store.storage.dynamodb import ConditionFailedError, Update

if TYPE_CHECKING:
    from session_store.checks import Reference
    from session_store.operations.context import Context
    from session_store.storage.attribute_values import AttributeValue, Item
    from session_store.storage.conditions import Condition
    from session_store.storage.dynamodb import Call, IfNotExists


def end_session(context: Context, reference: Reference) -> bool:
    """End a session. Also one that has expired by this machine's clock: another machine's may be behind."""
    call = context.table.call()
    key = known_key(reference)
    if key is None:
        item = call.get_session(reference.session_id)
        if item is None:
            return False
        key = items.key_of(item)
    return end(context, call, key)


def end_child_session(context: Context, session_id: str, child_session_id: str) -> bool:
    """End a child session."""
    return end(context, context.table.call(), items.child_key(session_id, child_session_id))


def end(context: Context, call: Call, key: Item, further: Condition | None = None) -> bool:
    """Turn a row into a tombstone; True when this call did it, False when there was nothing (left) to end.

    Args:
        context: the store.
        call: the method's operations.
        key: of the session or child session.
        further: a condition besides "not ended yet".
    """
    now = context.now()
    condition = conditions.not_ended() & further if further else conditions.not_ended()
    written = tombstone(context, now)
    try:
        call.update(Update(key, written, condition.expression, condition.values))
    except ConditionFailedError as failure:
        return (failure.item or {}).get("write_id") == written["write_id"]  # it was our own write; its reply was lost
    return True


def tombstone(context: Context, now: int) -> dict[str, AttributeValue | IfNotExists | None]:
    """What ending writes and takes away."""
    return dict.fromkeys(items.ERASED_AT_END) | {
        "session_state": string(SessionState.ENDED),
        "expires_at": number(0),
        "ended_at": number(now),
        "write_id": binary(items.new_write_id()),
        schema.TTL_ATTRIBUTE: context.ttl(now),
    }
