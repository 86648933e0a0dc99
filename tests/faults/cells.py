"""One cell of the fault matrix: a method while a fault lasts, repeated after it, and with it once at every call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from session_store import ConflictError, SessionStore, SessionStoreError
from session_store.storage import schema
from session_store.storage.deadline import DEADLINE_SECONDS
from session_store.testing.memory_engine import Rows
from tests.faults.finished import FINISHED, read
from tests.faults.kinds import Kind
from tests.support.bucket import BUCKET
from tests.support.engines import Memory
from tests.support.methods import METHODS, READS, USED_BEFORE, attempt, create_with_key, provider_session
from tests.support.scene import Scene, SignedIn, sign_in

EXTENSION_DUE: Final = timedelta(minutes=5)
_END_THE_OTHER: Final = {
    "create_session with a key used before",
    "end_by_provider_logout",
    "end_by_provider_logout of a customer",
    "end_customer_sessions",
    "end_customer_sessions but one",
    "erase_customer",
}
# Their caller names the state that they change: a repetition tells him that it is no more, be it by his own write.
_SEEN_BEFORE: Final = {
    "replace_data",
    "save_changes of a session read before",
    "update_data of a session read before",
}


def budget(name: str) -> float:
    """Seconds; where two reads run side by side, both threads' pauses move the one clock of the scene."""
    return DEADLINE_SECONDS + (0.4 if name.endswith("a child") else 0.0)


@dataclass
class Ground:
    """A customer's session at a moment when an extension is due, to which everything can be put back."""

    scene: Scene
    memory: Memory
    signed_in: SignedIn
    other: str  # id of another session of the same customer, made with an idempotency key, in a provider's session
    rows: Rows
    moment: datetime
    objects: Mapping[str, bytes]  # in S3, where data is there

    @classmethod
    def prepare(cls, scene: Scene, memory: Memory) -> Ground:
        """Sign in, as another process does."""
        signed_in = sign_in(scene.another_store())
        store = scene.another_store()
        other = create_with_key(store, USED_BEFORE, provider_session=provider_session(store)).session.session_id
        scene.clock.advance(EXTENSION_DUE)
        moment = datetime.fromtimestamp(scene.clock.now(), UTC)
        rows = dict(memory.table(scene.table_name).rows)
        return cls(scene, memory, signed_in, other, rows, moment, BUCKET.objects)

    @property
    def store(self) -> SessionStore:
        """The store of another process."""
        return self.scene.another_store()

    def put_back(self) -> None:
        """Back to the beginning, without faults."""
        table = self.memory.table(self.scene.table_name)
        table.rows = dict(self.rows)
        BUCKET.objects = self.objects
        table.settled.clear()
        self.put_right()

    def put_right(self) -> None:
        """No fault any more, and the right time."""
        self.scene.faults.clear()
        self.scene.clock.set(self.moment)

    def unchanged(self) -> bool:
        """Whether nothing has been written."""
        return self.memory.table(self.scene.table_name).rows == self.rows

    def calls_of(self, name: str) -> int:
        """How many requests the method makes when nothing happens."""
        self.put_back()
        METHODS[name](self.scene.store, self.signed_in)
        return len(self.scene.faults.calls)


def fill(ground: Ground, name: str, kind: Kind, calls: int) -> str:
    """Run one cell and return what the method answers while the fault lasts: an error's name, ok or no such request."""
    ground.put_back()
    kind.provoke(ground.scene.faults, kind.lasting, 0)
    error, result = _attempt(ground, name, kind)
    strikes = _strikes(ground, kind)
    if error is None and kind.answers:
        assert _may_go_unnoticed(ground, name, kind), "a fault was taken for an answer"
    if not kind.has_effect:
        assert ground.unchanged()
    if not kind.passes and not kind.moves_clock:
        assert len(ground.scene.faults.calls) <= 2, "tried again"  # two reads side by side
    check(ground, name, result, repeat=error is not None or kind.moves_clock)
    for number in range(calls):
        _once(ground, name, kind, number)
    if not strikes:
        return "no such request"
    return "ok" if error is None else type(error).__name__


def _strikes(ground: Ground, kind: Kind) -> bool:
    """Whether the fault happened to a request; it did wherever there was one that it could happen to."""
    faults = ground.scene.faults
    could = any(kind.operations is None or name in kind.operations for name in faults.operations)
    assert bool(faults.struck) is could
    return could


def _once(ground: Ground, name: str, kind: Kind, number: int) -> None:
    """The fault strikes one call and passes."""
    ground.put_back()
    kind.provoke(ground.scene.faults, 1, number)
    error, result = _attempt(ground, name, kind)
    assert error is None or not kind.passes, f"not tried again: {error!r}"
    check(ground, name, result, repeat=error is not None or kind.moves_clock)


def _attempt(ground: Ground, name: str, kind: Kind) -> tuple[SessionStoreError | None, Any]:
    begun = ground.scene.clock.monotonic()
    error, result = attempt(lambda: METHODS[name](ground.scene.store, ground.signed_in))
    assert error is None or isinstance(error, kind.answers), repr(error)
    assert ground.scene.clock.monotonic() - begun <= budget(name)
    return error, result


def _may_go_unnoticed(ground: Ground, name: str, kind: Kind) -> bool:
    """It struck nothing, or (a clock) changes nothing, or nothing but the extension of a read."""
    struck = {call.operation for call in ground.scene.faults.struck}
    return not struck or kind.moves_clock or (name in READS and struck == {"UpdateItem"})


def check(ground: Ground, name: str, result: Any, *, repeat: bool) -> None:
    """All is done, after a repetition where one is due: after an error, or once the clock is right again."""
    ground.put_right()
    if repeat:
        try:
            result = METHODS[name](ground.scene.store, ground.signed_in)
        except ConflictError:
            assert name in _SEEN_BEFORE
    assert FINISHED.get(name, read)(ground.store, ground.signed_in, result), "half done"
    # By a clock that was far behind, rows are refused and not ended. The same token again leaves it at that.
    strict = name == "end_by_provider_logout of a customer"
    assert (ground.store.get_session(ground.other, strict=strict) is None) is (name in _END_THE_OTHER), "half done"
    if name == "erase_customer":  # a child whose session is gone shows nowhere but in the table
        assert not ground.scene.rows(schema.session_partition_key(ground.signed_in.id)), "half done"
