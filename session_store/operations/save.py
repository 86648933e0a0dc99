"""Saves: read, apply the change, write on condition of the version; when that lost, apply it to the current data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, cast

from session_store.data import merge_patch
from session_store.data.addition import add
from session_store.errors import ConflictError, OutcomeUnknownError, PreconditionFailedError
from session_store.model import SessionState
from session_store.operations.context import find_session, require_live
from session_store.storage import conditions
from session_store.storage.changes import Change, ConditionFailedError, CopyOf
from session_store.storage.records import new_write_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.checks import Reference
    from session_store.data.types import JSONObject
    from session_store.model import Session
    from session_store.operations.context import Context
    from session_store.storage.changes import Value
    from session_store.storage.port import Rows
    from session_store.storage.records import SessionRecord

_REAPPLICATIONS: Final = 3
_RECOGNISED_WRITES: Final = 2  # write_id and previous_write_id


class DataChange(Protocol):
    """A change to data that can be applied again to a later state of it."""

    def apply(self, base: SessionRecord, current: SessionRecord) -> JSONObject:
        """The new data.

        Args:
            base: the record that the caller saw.
            current: the record that is stored now; the same object when no other write is known.

        Raises:
            ConflictError: the change does not go with other writes since `base`.
        """


class Merge(NamedTuple):
    """A merge patch; `check` raises when its result is not to be stored."""

    patch: JSONObject
    last_write_wins: bool
    check: Callable[[JSONObject], object] | None = None

    def apply(self, base: SessionRecord, current: SessionRecord) -> JSONObject:
        """Merge, unless another write changed the same place."""
        data = current.data.read()
        if base is not current and not self.last_write_wins:
            clashes = merge_patch.clashes(self.patch, base.data.read(), data)
            if clashes:
                raise ConflictError("somebody else changed the same keys meanwhile", keys=tuple(clashes))
        merged = merge_patch.merge(data, self.patch)
        if self.check is not None:
            self.check(merged)
        return merged


class Replace(NamedTuple):
    """New data in place of the old, only at one version."""

    data: JSONObject
    version: int

    def apply(self, base: SessionRecord, current: SessionRecord) -> JSONObject:  # noqa: ARG002 - the version says it
        """Replace, unless another save came in between."""
        if current.version != self.version:
            raise PreconditionFailedError(current.version)
        return self.data


class Increment(NamedTuple):
    """An addition to a top-level number."""

    key: str
    by: float

    def apply(self, base: SessionRecord, current: SessionRecord) -> JSONObject:  # noqa: ARG002 - goes with any base
        """Add to the stored number."""
        data = current.data.read()
        return data | {self.key: add(data, self.key, self.by)}


def update_data(
    context: Context,
    reference: Reference,
    changes: JSONObject,
    *,
    last_write_wins: bool,
    closing: bool,
    check: Callable[[JSONObject], object] | None,
) -> Session:
    """Merge into the data."""
    return _Save(context, reference, Merge(changes, last_write_wins, check), _REAPPLICATIONS, closing=closing).run()


def replace_data(context: Context, reference: Reference, data: JSONObject, version: int) -> Session:
    """Replace the data, only at one version."""
    return _Save(context, reference, Replace(data, version), _REAPPLICATIONS).run()


def increment(context: Context, reference: Reference, key: str, by: float) -> Session:
    """Add to a number, for as long as the deadline allows: giving up early would make it less than atomic."""
    return _Save(context, reference, Increment(key, by), None).run()


class _Save:
    """One save with its tries."""

    def __init__(
        self,
        context: Context,
        reference: Reference,
        change: DataChange,
        reapplications: int | None,
        *,
        closing: bool = False,
    ) -> None:
        self._context = context
        self._reference = reference
        self._change = change
        self._reapplications = reapplications
        self._closing = closing
        self._write_id = new_write_id()

    def run(self) -> Session:
        rows = self._context.storage.rows()
        base = record = self._start(rows)
        attempt = 0
        while True:
            changed = self._changed(base, record)
            try:
                rows.change(self._written(record, changed))
            except ConditionFailedError as failure:
                current = cast("SessionRecord | None", failure.records[0])
                if current and self._write_id in {current.write_id, current.previous_write_id}:
                    return current.to_session()  # it was our own write; its reply was lost
                record = self._next(record, current, uncertain=failure.uncertain)
            else:
                return changed.to_session()
            attempt += 1
            if attempt - 1 == self._reapplications or not rows.deadline.pause(attempt):
                raise ConflictError("the session kept changing, nothing was written")

    def _start(self, rows: Rows) -> SessionRecord:
        known = self._reference.record
        if known and self._context.accepts(known):
            return known  # as old as the caller's read: the condition judges the rest
        return require_live(self._context, self._reference, known or find_session(rows, self._reference))

    def _next(self, tried: SessionRecord, current: SessionRecord | None, *, uncertain: bool) -> SessionRecord:
        current = require_live(self._context, self._reference, current)
        if uncertain and current.version > tried.version + _RECOGNISED_WRITES:
            raise OutcomeUnknownError("the reply to this write was lost and others have written since: read and decide")
        return current

    def _changed(self, base: SessionRecord, current: SessionRecord) -> SessionRecord:
        """The record with the change applied.

        Raises:
            DataTooLargeError: it would pass 399 KB.
        """
        data = self._change.apply(base, current)
        changed = current._replace(
            data=self._context.storage.document(data, replacing=current.data),
            version=current.version + 1,
            write_id=self._write_id,
            previous_write_id=current.write_id,
            session_state=SessionState.CLOSING if self._closing else current.session_state,
        )
        self._context.storage.check_size(changed)
        return changed

    def _written(self, current: SessionRecord, changed: SessionRecord) -> Change:
        values: dict[str, Value] = {
            "data": changed.data,
            "version": changed.version,
            "write_id": changed.write_id,
            "previous_write_id": CopyOf("write_id"),
        }
        if self._closing:
            values["session_state"] = changed.session_state
        condition = conditions.live(self._context.now()) & conditions.version_is(current.version)
        return Change(current.key, values, condition)
