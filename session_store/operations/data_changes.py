"""Changes of data: what each writes at one state of the data, and on which condition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from session_store.data import merge_patch
from session_store.data.addition import EXACT_BELOW, add, adds_exactly
from session_store.data.difference import same
from session_store.data.json_pointer import pointer_to
from session_store.errors import ConflictError, PreconditionFailedError
from session_store.storage import conditions, places
from session_store.storage.changes import Plus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from session_store.data.types import JSONObject
    from session_store.storage.changes import Value
    from session_store.storage.conditions import Condition, Field
    from session_store.storage.document import Document
    from session_store.storage.places import Place
    from session_store.storage.port import Storage
    from session_store.storage.records import SessionRecord

_ABSENT: Final = object()


class GoneError(Exception):
    """A value that was to be taken is not there, or no longer."""


class Write(NamedTuple):
    """What a change writes.

    Attributes:
        data: all of the data after it, if no other write comes in between.
        values: of the row.
        condition: besides that the session is live.
        growth: bytes that the data grows by at most, as it is stored or as JSON text.
        room: bytes that the data may still grow by after it; None for as many as go into a row.
        places: that tell by their values whether it was done; none where only its id tells.
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

    def apply(self, storage: Storage, base: SessionRecord, current: SessionRecord) -> Write:
        """What it writes.

        Args:
            storage: makes the new data.
            base: the record that the caller saw.
            current: the record that is stored now; the same object when no other write is known.

        Raises:
            ConflictError: the change does not go with other writes since `base`.
        """


class Merge(NamedTuple):
    """A merge patch; `check` raises when its result is not to be stored, or says how much room it leaves."""

    patch: JSONObject
    last_write_wins: bool
    check: Callable[[JSONObject], int | None] | None = None

    def apply(self, storage: Storage, base: SessionRecord, current: SessionRecord) -> Write:
        """Merge, unless another write changed the same place."""
        data = current.data.read()
        if base is not current and not self.last_write_wins:
            clashes = merge_patch.clashes(self.patch, base.data.read(), data)
            if clashes:
                raise ConflictError("somebody else changed the same keys meanwhile", keys=tuple(clashes))
        merged = merge_patch.merge(data, self.patch)
        room = None if self.check is None else self.check(merged)
        after = storage.document(merged, replacing=current.data)
        touched = places.touched(self.patch, current.data, after)
        if touched is None:
            return _whole(current, after)
        return _in_places(touched, after, seen=not self.last_write_wins)._replace(room=room)


class Replace(NamedTuple):
    """New data in place of the old, only at one version."""

    data: JSONObject
    version: int

    def apply(self, storage: Storage, base: SessionRecord, current: SessionRecord) -> Write:  # noqa: ARG002 - the version says it
        """Replace, unless another save came in between."""
        if current.version != self.version:
            raise PreconditionFailedError(current.version)
        return _whole(current, storage.document(self.data, replacing=current.data))


class Increment(NamedTuple):
    """An addition to a top-level number."""

    key: str
    by: float

    def apply(self, storage: Storage, base: SessionRecord, current: SessionRecord) -> Write:  # noqa: ARG002 - goes with any base
        """Add in the table where that is exact, else to the number that is known to be there."""
        data = current.data.read()
        changed = {self.key: add(data, self.key, self.by)}
        after = storage.document(data | changed, replacing=current.data)
        touched = places.touched(changed, current.data, after)
        if touched is None:
            return _whole(current, after)
        if not adds_exactly(data.get(self.key, 0)) or not adds_exactly(self.by):
            return _in_places(touched, after, seen=True)._replace(places=())
        ((path, *_),) = touched
        number = places.number_within(path, EXACT_BELOW)
        return Write(after, {path: Plus(self.by)}, number, places.growth_by_sum(self.key), adds=True)


class Take:
    """A removal of one value, as it was seen.

    Attributes:
        value: what was seen.
    """

    def __init__(self, key: str) -> None:
        self._key = key
        self.value: Any = None

    def apply(self, storage: Storage, base: SessionRecord, current: SessionRecord) -> Write:
        """Remove it.

        Raises:
            GoneError: it is not there, or something else is by now.
        """
        data = current.data.read()
        self.value = (base.data.read() if base is not current else data).get(self._key, _ABSENT)
        if self.value is _ABSENT or not same(data.pop(self._key, _ABSENT), self.value):
            raise GoneError
        after = storage.document(data, replacing=current.data)
        touched = places.touched({self._key: None}, current.data, after)
        return _whole(current, after) if touched is None else _in_places(touched, after, seen=True)._replace(places=())


def _whole(current: SessionRecord, after: Document) -> Write:
    growth = places.growth_as_a_whole(current.data, after)
    return Write(after, {"data": after}, conditions.version_is(current.version), growth)


def _in_places(touched: tuple[Place, ...], after: Document, *, seen: bool) -> Write:
    condition = places.as_seen(touched) if seen else places.writable(touched)
    values: dict[Field, Value] = {place.path: place.after for place in touched}
    return Write(after, values, condition, places.growth(touched, seen=seen), places=touched)
