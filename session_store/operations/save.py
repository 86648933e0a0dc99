"""Saves. A change of places depends on the values it replaces, a change of all data on the version."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar, cast

from session_store.data import merge_patch
from session_store.data.weights import STEP_BYTES
from session_store.errors import ConflictError, OutcomeUnknownError, PreconditionFailedError, SessionNotFoundError
from session_store.model import SessionState
from session_store.operations.context import find_session, live_with_data
from session_store.storage import conditions, places
from session_store.storage.changes import Change, ConditionFailedError, Plus
from session_store.storage.document import NO_DATA
from session_store.storage.records import WRITE_IDS, new_write_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from session_store.checks import Reference
    from session_store.data.types import JSONObject
    from session_store.model import Session
    from session_store.operations.context import Context
    from session_store.storage.changes import Value
    from session_store.storage.conditions import Condition, Field
    from session_store.storage.document import Document
    from session_store.storage.places import Place
    from session_store.storage.port import Rows
    from session_store.storage.records import SessionRecord

_T = TypeVar("_T")


class Write(NamedTuple):
    """One change's write of a session's row.

    Attributes:
        data: all of the data after it, if no other write comes in between.
        values: of the row.
        condition: besides that the session is live.
        growth: bytes that the data grows by at most, stored or as JSON text.
        room: bytes that the data may still grow by after it, None for as many as go into a row.
        places: whose values show whether it was done. None if only its id shows that.
        adds: whether it is made on top of any other write.
    """

    data: Document
    values: Mapping[Field, Value]
    condition: Condition
    growth: int
    room: int | None = None
    places: tuple[Place, ...] = ()
    adds: bool = False


class DataChange(Protocol):
    """A change to data that can be applied again to a later state of it."""

    def apply(self, rows: Rows, base: SessionRecord, current: SessionRecord) -> Write:
        """The write of this change.

        Args:
            rows: make the new data.
            base: the record that the caller saw.
            current: the record that is stored now. The same object when no other write is known.

        Raises:
            ConflictError: the change does not go with other writes since `base`.
        """


class Merge(NamedTuple):
    """A merge patch. `check` raises when its result is not to be stored, or says how much room it leaves."""

    patch: JSONObject
    last_write_wins: bool
    check: Callable[[JSONObject], int | None] | None = None

    def apply(self, rows: Rows, base: SessionRecord, current: SessionRecord) -> Write:
        """Merge, unless another write changed the same place."""
        data = current.data.read()
        if base is not current and not self.last_write_wins:
            clashes = merge_patch.clashes(self.patch, base.data.read(), data)
            if clashes:
                raise ConflictError("another request changed the same keys meanwhile", keys=tuple(clashes))
        merged = merge_patch.merge(data, self.patch)
        room = None if self.check is None else self.check(merged)
        after = rows.document(merged, current)
        touched = places.touched(self.patch, current.data, after)
        if touched is None:
            return whole(current, after)
        return in_places(touched, current.data, after, seen=not self.last_write_wins)._replace(room=room)


class Replace(NamedTuple):
    """New data in place of the old, only at one version."""

    data: JSONObject
    version: int

    def apply(self, rows: Rows, base: SessionRecord, current: SessionRecord) -> Write:  # noqa: ARG002 - the version says it
        """Replace, unless another save came in between."""
        if current.version != self.version:
            raise PreconditionFailedError(current.version)
        return whole(current, rows.document(self.data, current))


def update_data(
    context: Context,
    reference: Reference,
    changes: JSONObject,
    *,
    last_write_wins: bool,
    closing: bool,
    check: Callable[[JSONObject], int | None] | None,
) -> Session:
    """Merge changes into the data, and return the session as it is after."""
    return Save(context, reference, Merge(changes, last_write_wins, check), closing=closing).run()


def save_changes(context: Context, reference: Reference, changes: JSONObject, *, last_write_wins: bool) -> None:
    """Merge changes into the data. The reply that says how the session is after is not asked for."""
    Save(context, reference, Merge(changes, last_write_wins)).run_blindly()


def replace_data(context: Context, reference: Reference, data: JSONObject, version: int) -> Session:
    """Replace the data, only at one version."""
    return Save(context, reference, Replace(data, version)).run()


class Save:
    """One save with its tries.

    Args:
        context: the store.
        reference: the session.
        change: of its data.
        closing: set the session to closing with it.
    """

    def __init__(self, context: Context, reference: Reference, change: DataChange, *, closing: bool = False) -> None:
        self._context = context
        self._reference = reference
        self._change = change
        self._closing = closing
        self._write_id = new_write_id()
        self._uncertain = False  # an attempt may have taken effect without a reply

    def run(self) -> Session:
        """The session as it is after the save. Others may have changed it besides.

        Raises:
            SessionNotFoundError: it is not live.
            ConflictError: the change does not go with what others have written.
            OutcomeUnknownError: a reply was lost and others have written since.
            DataTooLargeError: the row would pass 399 KB.
        """
        rows = self._context.storage.rows()
        return cast("SessionRecord", self._sent(rows, rows.change_and_read)).to_session()

    def run_blindly(self) -> None:
        """The same for a caller who needs no session after it. Raises the same."""
        rows = self._context.storage.rows()
        self._sent(rows, rows.change)

    def _sent(self, rows: Rows, send: Callable[[Change], _T]) -> _T | SessionRecord:
        """What sending the change returns, or the record in which an attempt without a reply is found."""
        base = record = self._start(rows)
        attempt = 0
        while True:
            write = self._change.apply(rows, base, record)
            try:
                return send(self._changed(record, write))
            except ConditionFailedError as failure:
                self._uncertain = self._uncertain or failure.uncertain
                current = cast("SessionRecord | None", failure.records[0])
                if current and current.knows_write(self._write_id):  # it was our own write; its reply was lost
                    return self._done(rows, current)
                current = live_with_data(self._context, rows, self._reference, current)
                if self._is_done(write, record, current):
                    return current
                record = current
            attempt += 1
            if not rows.deadline.pause(attempt):
                raise ConflictError("the session kept changing, nothing was written")

    def _start(self, rows: Rows) -> SessionRecord:
        known = self._reference.record
        if known and self._context.accepts(known) and known.data.at_hand:
            return known  # as old as the caller's read: the condition judges the rest
        return live_with_data(self._context, rows, self._reference, find_session(rows, self._reference))

    def _done(self, rows: Rows, current: SessionRecord) -> SessionRecord:
        read = rows.with_data(current)
        if read is None or read.session_state is SessionState.ENDED:
            raise SessionNotFoundError(self._reference.session_id)
        return read

    def _is_done(self, write: Write, tried: SessionRecord, current: SessionRecord) -> bool:
        """Whether an attempt without a reply has done it. Its id is not among the last ones.

        Raises:
            OutcomeUnknownError: it may have been, and others have written since.
        """
        few = current.version <= tried.version + len(WRITE_IDS)
        if not self._uncertain or few or current.knows_write(tried.write_id):
            return False  # the row would know it
        data = current.data.read()
        if write.places and places.written(write.places, data) and not self._closing:
            return True
        if not write.places or not places.unwritten(write.places, data):
            raise OutcomeUnknownError("the reply to this write was lost and others have written since: read and decide")
        return False

    def _changed(self, current: SessionRecord, write: Write) -> Change:
        """The change of the row. Each step of the version stands for a KB at most by which the data has grown.

        So others can have added only a known size since, never more than there is room for.

        Raises:
            DataTooLargeError: the row would pass 399 KB.
        """
        room = self._context.storage.room(current._replace(data=write.data))
        room = room if write.room is None else min(room, write.room)
        values: dict[Field, Value] = {
            **write.values,
            "version": Plus(max(1, -(-write.growth // STEP_BYTES))),
        }
        if self._closing:
            values["session_state"] = SessionState.CLOSING
        at_most = conditions.version_at_most(current.version + room // STEP_BYTES)
        condition = conditions.live(self._context.now()) & at_most & write.condition
        # An addition is right on top of any other. Again it is made only while the row would still know the first one.
        again = conditions.version_at_most(current.version + len(WRITE_IDS)) if write.adds else None
        if again and self._uncertain:
            condition, again = condition & again, None
        return Change(current.key, values, condition, self._write_id, again)


def whole(current: SessionRecord, after: Document) -> Write:
    """All of the data, on condition of the version."""
    growth = places.growth_as_a_whole(current.data, after)
    return Write(after, {"data": after}, conditions.version_is(current.version), growth)


def in_places(touched: tuple[Place, ...], before: Document, after: Document, *, seen: bool = True) -> Write:
    """A write of places, on condition that each holds the value that was seen, or with no condition."""
    condition = (places.as_seen if seen else places.writable)(touched, after.codec)
    values: dict[Field, Value] = {place.path: place.after for place in touched}
    growth = places.growth(touched, seen=seen)
    if places.encrypted(touched):  # nothing else can be told of them
        growth = max(growth, places.growth_as_a_whole(before if seen else NO_DATA, after))
        return Write(after, values, condition, growth)
    return Write(after, values, condition, growth, places=touched)
