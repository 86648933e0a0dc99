"""Reads of a session's children, and what all lists go by."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from session_store.errors import UnreadableDataError
from session_store.incidents import Incident, IncidentName
from session_store.model import ChildSessionPage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from session_store.model import ChildSession
    from session_store.operations.context import Context
    from session_store.storage.port import Rows
    from session_store.storage.records import ChildRecord, SessionRecord

_R = TypeVar("_R", bound="SessionRecord | ChildRecord")
_S = TypeVar("_S")


def get_child_sessions(context: Context, session_id: str, *, limit: int, cursor: str | None) -> ChildSessionPage | None:
    """One page of the children that reads serve, of a session that reads serve."""
    rows = context.storage.rows()
    root, children, further = rows.children(session_id, limit=limit, after=cursor)
    if root is None or not context.is_shown(root):
        return None
    now = context.now()
    shown = (child for child in children if child.is_shown(root, now))
    made = readable(rows, shown, lambda child: _with_data(rows, child, root, now))
    return ChildSessionPage(tuple(filter(None, made)), further)


def _with_data(rows: Rows, child: ChildRecord, root: SessionRecord, now: int) -> ChildSession | None:
    read = rows.with_data(child)
    return read.to_child_session(root) if read is not None and read.is_shown(root, now) else None


def readable(rows: Rows, records: Iterable[_R], made: Callable[[_R], _S]) -> Iterator[_S]:
    """The results of records for callers. One whose data cannot be read is reported, and hides none of the others."""
    for record in records:
        try:
            yield made(record)
        except UnreadableDataError as error:
            rows.report(Incident(IncidentName.UNREADABLE_ROW, record.session_id, type(error).__name__))
