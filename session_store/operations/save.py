"""Saves: read, apply the change, write on condition of the version; when that lost, apply it to the current data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from session_store import checks
from session_store.data import merge_patch
from session_store.data.json_pointer import pointer_to
from session_store.errors import ConflictError, OutcomeUnknownError, PreconditionFailedError, SessionNotFoundError
from session_store.model import SessionState
from session_store.operations.context import find_session
from session_store.storage import attribute_values, conditions, items
from session_store.storage.dynamodb import ConditionFailedError, Update

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.checks import Reference
    from session_store.model import JSONObject, Session
    from session_store.operations.context import Context
    from session_store.storage.attribute_values import AttributeValue
    from session_store.storage.dynamodb import Call
    from session_store.storage.items import SessionRecord

_REAPPLICATIONS: Final = 3
_RECOGNISED_WRITES: Final = 2  # write_id and previous_write_id


class Change(Protocol):
    """A change to data that can be applied again to a later state of it."""

    def apply(self, base: SessionRecord, current: SessionRecord) -> JSONObject:
        """The new data.

        Args:
            base: the row that the caller saw.
            current: the row that is stored now.

        Raises:
            ConflictError: the change does not go with what others did since `base`.
        """


class Merge(NamedTuple):
    """A merge patch; `check` raises when what it makes is not to be stored."""

    patch: JSONObject
    last_write_wins: bool
    check: Callable[[JSONObject], object] | None = None

    def apply(self, base: SessionRecord, current: SessionRecord) -> JSONObject:
        """Merge, unless somebody else changed the same place."""
        clashes = [] if self.last_write_wins else merge_patch.clashes(self.patch, base.data, current.data)
        if clashes:
            raise ConflictError("somebody else changed the same keys meanwhile", keys=tuple(clashes))
        merged = merge_patch.merge(current.data, self.patch)
        if self.check is not None:
            self.check(merged)
        return merged


class Replace(NamedTuple):
    """New data in place of the old, only at one version."""

    data: JSONObject
    version: int

    def apply(self, base: SessionRecord, current: SessionRecord) -> JSONObject:  # noqa: ARG002 - the version says it
        """Replace, unless somebody saved since."""
        if current.version != self.version:
            raise PreconditionFailedError(current.version)
        return self.data


class Increment(NamedTuple):
    """An addition to a top-level number."""

    key: str
    by: float

    def apply(self, base: SessionRecord, current: SessionRecord) -> JSONObject:  # noqa: ARG002 - goes with any base
        """Add to what is stored now."""
        before = current.data.get(self.key, 0)
        if isinstance(before, bool) or not isinstance(before, int | float):
            raise ConflictError("what the key holds is not a number", keys=(pointer_to((self.key,)),))
        return current.data | {self.key: checks.check_number("by", before + self.by)}


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
        change: Change,
        reapplications: int | None,
        *,
        closing: bool = False,
    ) -> None:
        self._context = context
        self._reference = reference
        self._change = change
        self._reapplications = reapplications
        self._closing = closing
        self._write_id = items.new_write_id()

    def run(self) -> Session:
        call = self._context.table.call()
        base = record = self._start(call)
        attempt = 0
        while True:
            changed = self._changed(base, record)
            update = self._update(record, changed)
            try:
                call.update(update)
            except ConditionFailedError as failure:
                current = items.read_session(failure.item) if failure.item else None
                if current and self._write_id in {current.write_id, current.previous_write_id}:
                    return current.to_session()  # it was our own write; its reply was lost
                record = self._next(record, current, uncertain=failure.uncertain)
            else:
                return _as_stored(changed, update).to_session()
            attempt += 1
            if attempt - 1 == self._reapplications or not call.deadline.pause(attempt):
                raise ConflictError("the session kept changing, nothing was written")

    def _start(self, call: Call) -> SessionRecord:
        if self._reference.record:
            return self._reference.record  # as old as the caller's read: the condition judges it
        return self._require_live(find_session(call, self._reference))

    def _next(self, tried: SessionRecord, current: SessionRecord | None, *, uncertain: bool) -> SessionRecord:
        current = self._require_live(current)
        if uncertain and current.version > tried.version + _RECOGNISED_WRITES:
            raise OutcomeUnknownError("the reply to this write was lost and others have written since: read and decide")
        return current

    def _require_live(self, record: SessionRecord | None) -> SessionRecord:
        if record is None or not record.is_live(self._context.now()):
            raise SessionNotFoundError(self._reference.session_id)
        return record

    def _changed(self, base: SessionRecord, current: SessionRecord) -> SessionRecord:
        """The row with the change applied."""
        return current._replace(
            data=self._change.apply(base, current),
            version=current.version + 1,
            write_id=self._write_id,
            previous_write_id=current.write_id,
            session_state=SessionState.CLOSING if self._closing else current.session_state,
        )

    def _update(self, current: SessionRecord, changed: SessionRecord) -> Update:
        item = items.session_item(changed)
        items.check_size(item)
        assignments: dict[str, AttributeValue | str] = {
            "data": item["data"],
            "version": item["version"],
            "write_id": item["write_id"],
            "previous_write_id": "write_id",
        }
        if self._closing:
            assignments["session_state"] = item["session_state"]
        condition = conditions.live(self._context.now()) & conditions.version_is(current.version)
        return Update(current.key, assignments, condition.expression, condition.values)


def _as_stored(changed: SessionRecord, update: Update) -> SessionRecord:
    """The row with its data as a read would find it."""
    data: Any = update.assignments["data"]
    return changed._replace(data=attribute_values.to_object(data))
