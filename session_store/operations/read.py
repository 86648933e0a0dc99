"""Reads of sessions and their children."""

from __future__ import annotations

from typing import TYPE_CHECKING

from session_store.operations.context import find_session
from session_store.storage import items, schema

if TYPE_CHECKING:
    from session_store.checks import Reference
    from session_store.model import ChildSession, Session
    from session_store.operations.context import Context
    from session_store.storage.attribute_values import Item
    from session_store.storage.items import ChildRecord, SessionRecord


def get_session(context: Context, reference: Reference) -> Session | None:
    """A session that reads serve."""
    record = find_session(context.table.call(), reference)
    return record.to_session() if record and record.is_shown(context.now()) else None


def get_child_sessions(context: Context, session_id: str) -> tuple[ChildSession, ...] | None:
    """The children that reads serve, of a session that reads serve."""
    root, children = _split(list(context.table.call().query(schema.session_partition_key(session_id))))
    now = context.now()
    if root is None or not root.is_shown(now):
        return None
    return tuple(child.to_child_session(root) for child in children if child.is_shown(now))


def get_session_by_child(context: Context, child_session_id: str) -> Session | None:
    """The owner of a child. The index only says where to look; both rows are read strongly."""
    call = context.table.call()
    hits = call.query_index(schema.child_sort_key(child_session_id), limit=1).items
    if not hits:
        return None
    root, children = _split(call.batch_get([items.key_of(hits[0]), _root_key(hits[0])]))
    now = context.now()
    shown = root is not None and root.is_shown(now) and any(child.is_shown(now) for child in children)
    return root.to_session() if root and shown else None


def _root_key(child_hit: Item) -> Item:
    customer_id = child_hit.get("customer_id")
    session_id = schema.session_id_of(child_hit[schema.PARTITION_KEY]["S"])
    return items.session_key(session_id, customer_id["S"] if customer_id else None)


def _split(rows: list[Item]) -> tuple[SessionRecord | None, list[ChildRecord]]:
    """The session and its children, of rows of one collection."""
    children = [items.read_child(row) for row in rows if items.is_child(row)]
    root = next((items.read_session(row) for row in rows if not items.is_child(row)), None)
    return root, children
