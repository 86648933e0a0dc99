"""A world with a cache of validations: processes are cut off from it, and another server takes over that knows less."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from unittest.mock import patch

from session_store import SessionStore
from session_store.storage.requests import DynamoDBClient
from session_store.testing.memory_engine import MemoryClient
from session_store.validation_cache import ValidationCache
from session_store.validation_cache.server import CacheFaultError, Found, Wanted
from tests.interleavings.operations import Operation
from tests.interleavings.world import START, Beginning, StillClock, World
from tests.support.cache_server import MemoryServer


class Way(StrEnum):
    """How one process gets to the cache."""

    OPEN = "open"
    CUT_OFF = "cut off"  # nothing arrives
    DEAF = "deaf"  # no reply arrives
    LATE = "late"  # no reply arrives, and what it writes arrives later


class WaitingClock(StillClock):
    """Waiting until entries count no more takes its time. No deadline notices that time: the others are that slow."""

    def sleep(self, seconds: float) -> None:
        if seconds >= 1:
            self.pass_by(seconds)

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self.set(datetime.fromtimestamp(self.now() + seconds, UTC))


@dataclass
class AheadClock:
    """The clock of a machine that is ahead of the others."""

    true: WaitingClock
    seconds: float

    def now(self) -> float:
        return self.true.now() + self.seconds

    def monotonic(self) -> float:
        return self.true.monotonic()

    def sleep(self, seconds: float) -> None:
        self.true.sleep(seconds)


@dataclass
class Wire:
    """A process's way to the server, of which each call waits for its turn."""

    client: Any
    way: Way

    def read(self, wanted: Sequence[Wanted]) -> list[Found]:
        found: list[Found] = self._call("read", {one.key for one in wanted}, wanted=wanted)
        return found

    def store(self, key: str, field: str, lease: bytes, value: bytes) -> bool:
        return bool(self._call("store", {key}, key=key, field=field, lease=lease, value=value))

    def delete(self, keys: Sequence[str]) -> None:
        self._call("delete", set(keys), keys=keys)

    def _call(self, name: str, touched: set[str], **parameters: Any) -> Any:
        if self.way is Way.CUT_OFF:
            raise CacheFaultError
        if self.way is Way.LATE and name != "read":
            self.client.cache_post(touched=frozenset(), name=name, parameters=parameters)
            raise CacheFaultError
        reply = self.client.cache_call(touched=frozenset(touched), name=name, parameters=parameters)
        if self.way is Way.DEAF:
            raise CacheFaultError
        return reply


@dataclass
class CachedWorld(World):
    """All stores have a cache, on one server."""

    clock: WaitingClock = field(default_factory=lambda: WaitingClock(START))
    server: MemoryServer = field(default_factory=MemoryServer)
    warm: MemoryServer = field(default_factory=MemoryServer)  # as it is at the beginning
    late: list[Callable[[], Any]] = field(default_factory=list)  # calls that are still on their way

    def store(
        self, client: DynamoDBClient | None = None, *, way: Way = Way.OPEN, ahead: float = 0, **settings: Any
    ) -> SessionStore:
        cache = ValidationCache.on(Wire(client or _Backend(self), way))
        with patch.object(self, "clock", AheadClock(self.clock, ahead) if ahead else self.clock):
            return super().store(client, validation_cache=cache, **settings)

    def put_back(self, beginning: Beginning) -> MemoryClient:
        super().put_back(beginning)
        self.server = deepcopy(self.warm)
        self.late.clear()
        return _Backend(self)  # type: ignore[return-value]  # has its calls

    def keep_warm(self, beginning: Beginning) -> Beginning:
        """From now on the cache has what it has now at each beginning."""
        self.warm = deepcopy(self.server)
        return replace(beginning, **self.now())


class _Backend:
    """The table and the cache behind the participants."""

    def __init__(self, world: CachedWorld) -> None:
        self._world = world

    def __getattr__(self, method: str) -> Callable[..., Any]:
        return getattr(self._world.client, method)  # type: ignore[no-any-return]

    def cache_call(self, name: str, parameters: dict[str, Any], **_: Any) -> Any:
        return getattr(self._world.server, name)(**parameters)

    def cache_post(self, name: str, parameters: dict[str, Any], **_: Any) -> None:
        self._world.late.append(lambda: getattr(self._world.server, name)(**parameters))

    def cache_deliver(self, place: int) -> None:
        if self._world.late:
            self._world.late.pop(place)()

    def cache_tick(self, seconds: float) -> None:
        self._world.clock.pass_by(seconds)

    def cache_remember(self) -> None:
        self._world.server.remember()

    def cache_fail_over(self) -> None:
        self._world.server.fail_over()


def _steps(name: str, *calls: tuple[str, dict[str, Any]]) -> Operation:
    def run(store: SessionStore, _: Beginning) -> None:
        client: Any = store._context.storage._client  # type: ignore[attr-defined]
        for method, parameters in calls:
            getattr(client, method)(**parameters)

    return Operation(name, run)


HAPPENINGS = (
    _steps("three seconds pass", ("cache_tick", {"seconds": 3})),
    _steps("another server takes over", ("cache_remember", {}), ("cache_fail_over", {})),
    _steps("what is late arrives in another order", ("cache_deliver", {"place": -1}), ("cache_deliver", {"place": -1})),
    _steps("what is late arrives", ("cache_deliver", {"place": 0}), ("cache_deliver", {"place": 0})),
)


def by(operation: Operation, way: Way) -> Operation:
    """An operation of a process with such a way to the cache."""
    return replace(operation, name=f"{operation}, {way}", settings={**operation.settings, "way": way})
