"""Saves: a change of places in the data, on condition of what it replaces there; of all of it, of the version."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, cast

from session_store.data.weights import STEP_BYTES
from session_store.errors import ConflictError, OutcomeUnknownError
from session_store.model import SessionState
from session_store.operations.context import find_session, require_live
from session_store.operations.data_changes import GoneError, Increment, Merge, Replace, Take
from session_store.storage import conditions, places
from session_store.storage.changes import Change, ConditionFailedError, FieldOr, Plus
from session_store.storage.records import WRITE_IDS, new_write_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.checks import Reference
    from session_store.data.types import JSONObject
    from session_store.model import Session
    from session_store.operations.context import Context
    from session_store.operations.data_changes import DataChange, Write
    from session_store.storage.changes import Value
    from session_store.storage.conditions import Field
    from session_store.storage.port import Rows
    from session_store.storage.records import SessionRecord

# From the last id to the first, so that each is copied before it is overwritten, in whatever order they are set.
_SHIFTED: Final = tuple(pairwise(WRITE_IDS))[::-1]


def update_data(
    context: Context,
    reference: Reference,
    changes: JSONObject,
    *,
    last_write_wins: bool,
    closing: bool,
    check: Callable[[JSONObject], int | None] | None,
) -> Session:
    """Merge into the data."""
    return _Save(context, reference, Merge(changes, last_write_wins, check), closing=closing).run()


def replace_data(context: Context, reference: Reference, data: JSONObject, version: int) -> Session:
    """Replace the data, only at one version."""
    return _Save(context, reference, Replace(data, version)).run()


def increment(context: Context, reference: Reference, key: str, by: float) -> Session:
    """Add to a number, in the table."""
    return _Save(context, reference, Increment(key, by)).run()


def take(context: Context, reference: Reference, key: str, default: object) -> Any:  # noqa: ANN401 - any JSON value
    """Remove a value and return it, if this call is the one that removed it."""
    change = Take(key)
    try:
        _Save(context, reference, change).run()
    except (GoneError, OutcomeUnknownError):
        return default
    return change.value


class _Save:
    """One save with its tries."""

    def __init__(self, context: Context, reference: Reference, change: DataChange, *, closing: bool = False) -> None:
        self._context = context
        self._reference = reference
        self._change = change
        self._closing = closing
        self._write_id = new_write_id()
        self._uncertain = False  # an attempt may have taken effect without a reply

    def run(self) -> Session:
        rows = self._context.storage.rows()
        base = record = self._start(rows)
        attempt = 0
        while True:
            write = self._change.apply(self._context.storage, base, record)
            try:
                return rows.change_and_read(self._changed(record, write)).to_session()
            except ConditionFailedError as failure:
                self._uncertain = self._uncertain or failure.uncertain
                current = cast("SessionRecord | None", failure.records[0])
                if current and current.knows_write(self._write_id):
                    return current.to_session()  # it was our own write; its reply was lost
                current = require_live(self._context, self._reference, current)
                if self._is_done(write, record, current):
                    return current.to_session()
                record = current
            attempt += 1
            if not rows.deadline.pause(attempt):
                raise ConflictError("the session kept changing, nothing was written")

    def _start(self, rows: Rows) -> SessionRecord:
        known = self._reference.record
        if known and self._context.accepts(known):
            return known  # as old as the caller's read: the condition judges the rest
        return require_live(self._context, self._reference, known or find_session(rows, self._reference))

    def _is_done(self, write: Write, tried: SessionRecord, current: SessionRecord) -> bool:
        """Whether an attempt without a reply has done it; its id is not among the last ones.

        Raises:
            OutcomeUnknownError: it may have been, and others have written since.
        """
        if not self._uncertain or current.version <= tried.version + len(WRITE_IDS):
            return False  # the row would know it
        data = current.data.read()
        if write.places and places.written(write.places, data) and not self._closing:
            return True
        if not write.places or not places.unwritten(write.places, data):
            raise OutcomeUnknownError("the reply to this write was lost and others have written since: read and decide")
        return False

    def _changed(self, current: SessionRecord, write: Write) -> Change:
        """The change of the row. Each step of the version stands for a KB at most by which the data has grown.

        So it is known how much others can have added since: never more than there is room for.

        Raises:
            DataTooLargeError: the row would pass 399 KB.
        """
        room = self._context.storage.room(current._replace(data=write.data))
        room = room if write.room is None else min(room, write.room)
        values: dict[Field, Value] = {
            **write.values,
            "version": Plus(max(1, -(-write.growth // STEP_BYTES))),
            **{later: FieldOr(earlier, self._write_id) for earlier, later in _SHIFTED},
            "write_id": self._write_id,
        }
        if self._closing:
            values["session_state"] = SessionState.CLOSING
        live = conditions.live(self._context.now()) & conditions.not_written_by(self._write_id)
        condition = live & conditions.version_at_most(current.version + room // STEP_BYTES) & write.condition
        # An addition is right on top of any other. Again it is made only while the row would still know the first one.
        again = conditions.version_at_most(current.version + len(WRITE_IDS)) if write.adds else None
        if again and self._uncertain:
            condition, again = condition & again, None
        return Change(current.key, values, condition, again)
