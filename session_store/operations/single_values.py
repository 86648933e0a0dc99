"""Changes of one top-level value: additions to a number, and values that are taken once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from session_store.data.addition import EXACT_BELOW, add, adds_exactly
from session_store.data.difference import same
from session_store.errors import OutcomeUnknownError
from session_store.operations.save import Save, Write, in_places, whole
from session_store.storage import places
from session_store.storage.changes import Plus
from session_store.storage.single_values import growth_by_sum, number_within, with_member
from session_store.values import replace

if TYPE_CHECKING:
    from session_store.checks import Reference
    from session_store.model import Session
    from session_store.operations.context import Context
    from session_store.storage.port import Rows
    from session_store.storage.records import SessionRecord

_ABSENT: Final = object()


def increment(context: Context, reference: Reference, key: str, by: float) -> Session:
    """Add to a number, in the table."""
    return Save(context, reference, Increment(key, by)).run()


def take(context: Context, reference: Reference, key: str, default: object) -> Any:  # noqa: ANN401 - any JSON value
    """Remove a value and return it, if this call is the one that removed it."""
    change = Take(key)
    try:
        Save(context, reference, change).run()
    except (GoneError, OutcomeUnknownError):
        return default
    return change.value


def seen(session: Session, key: str, newer: Session | None = None) -> Session:
    """A session as it was read, but for one top-level value: that is as in a newer read, or gone.

    A save from it has only that value as it is now. Other changes since then do not count as seen.
    """
    record = cast("SessionRecord", session.snapshot)
    document = cast("SessionRecord", newer.snapshot).data if newer else None
    data = {name: value for name, value in session.data.items() if name != key}
    if newer:
        data[key] = newer.data[key]
    return replace(session, data=data, snapshot=record._replace(data=with_member(record.data, key, document)))


class GoneError(Exception):
    """A value that was to be taken is not there, or no longer."""


class Increment(NamedTuple):
    """An addition to a top-level number."""

    key: str
    by: float

    def apply(self, rows: Rows, base: SessionRecord, current: SessionRecord) -> Write:  # noqa: ARG002 - goes with any base
        """Add in the table where that is exact, else to the number that is known to be there."""
        data = current.data.read()
        changed = {self.key: add(data, self.key, self.by)}
        after = rows.document(data | changed, current)
        touched = places.touched(changed, current.data, after)
        if touched is None:
            return whole(current, after)
        in_the_table = adds_exactly(data.get(self.key, 0)) and adds_exactly(self.by)
        if places.encrypted(touched) or not in_the_table:
            return in_places(touched, current.data, after)._replace(places=())
        ((path, *_),) = touched
        number = number_within(path, EXACT_BELOW, after.codec)
        return Write(after, {path: Plus(self.by)}, number, growth_by_sum(self.key), adds=True)


class Take:
    """A removal of one value, as it was seen.

    Attributes:
        value: what was seen.
    """

    def __init__(self, key: str) -> None:
        self._key = key
        self.value: Any = None

    def apply(self, rows: Rows, base: SessionRecord, current: SessionRecord) -> Write:
        """Remove it.

        Raises:
            GoneError: it is not there, or something else is by now.
        """
        data = current.data.read()
        self.value = (base.data.read() if base is not current else data).get(self._key, _ABSENT)
        if self.value is _ABSENT or not same(data.pop(self._key, _ABSENT), self.value):
            raise GoneError
        after = rows.document(data, current)
        touched = places.touched({self._key: None}, current.data, after)
        if touched is None:
            return whole(current, after)
        return in_places(touched, current.data, after)._replace(places=())
