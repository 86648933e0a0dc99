"""Reads of one session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from session_store.operations import customer_row
from session_store.operations.context import find_session, shown_with_data
from session_store.storage.records import ChildKey, ChildRecord, SessionRecord

if TYPE_CHECKING:
    from collections.abc import Iterable

    from session_store.checks import Reference
    from session_store.model import Session
    from session_store.operations.context import Context


def get_session(context: Context, reference: Reference, *, strict: bool = False) -> Session | None:
    """The session if reads serve it, otherwise None. Strictly also where the customer's row lets it be."""
    rows = context.storage.rows()
    record = shown_with_data(context, rows, find_session(rows, reference))
    if record is None:
        return None
    if strict and record.customer_id is not None:
        customer = rows.customer(record.customer_id)
        if customer is None or not customer_row.is_trusted(context, customer):
            return None
        if not customer_row.is_valid_under(customer, record):
            return None
    return record.to_session()


def get_session_by_child(context: Context, child_session_id: str) -> Session | None:
    """The owner of a child. The index only says where to look. Both records are read strongly."""
    rows = context.storage.rows()
    hit = rows.owner_of(child_session_id)
    if hit is None:
        return None
    root, children = _split(rows.read_all([ChildKey(hit.session_id, child_session_id), hit.key]))
    root, now = shown_with_data(context, rows, root), context.now()
    return root.to_session() if root and any(child.is_shown(root, now) for child in children) else None


def _split(records: Iterable[SessionRecord | ChildRecord]) -> tuple[SessionRecord | None, list[ChildRecord]]:
    """The session and its children, of records of one collection."""
    root, children = None, []
    for record in records:
        if isinstance(record, ChildRecord):
            children.append(record)
        else:
            root = record
    return root, children
