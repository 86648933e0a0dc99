"""Processes that share a table and a server of the cache."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from valkey import Valkey

from local.ports import HOST
from session_store import InvalidTokenError, Observation, SessionStore
from session_store.catalog.metrics import Metric
from session_store.storage import schema
from session_store.testing import MovableClock, create_table
from session_store.testing.memory_engine import MemoryClient
from session_store.validation_cache import ValidationCache

HIT, MISS = Metric.CACHE_HITS, Metric.CACHE_MISSES


class Process:
    """A store with connections of its own."""

    def __init__(self, cache: ValidationCache, **given: Any) -> None:
        self.seen: list[Observation] = []
        self.store = SessionStore("sessions", validation_cache=cache, observer=self.seen.append, **given)

    def validate(self, token: str, **how: Any) -> Metric | None:
        """Whether a validation was a hit or a miss, None for one that did not ask the cache."""
        self.store.validate(token, **how)
        counted = {HIT, MISS} & self.seen[-1].counts.keys()
        return Metric(counted.pop()) if counted else None

    def refuses(self, token: str) -> bool:
        try:
            self.store.validate(token)
        except InvalidTokenError:
            return True
        return False

    @property
    def faults(self) -> int:
        """How often the cache has failed."""
        return sum(observation.counts.get(Metric.CACHE_FAULTS, 0) for observation in self.seen)


@dataclass
class Table:
    """A table in memory, and its clock."""

    client: MemoryClient = field(default_factory=MemoryClient)
    clock: MovableClock = field(default_factory=MovableClock)

    def __post_init__(self) -> None:
        create_table(self.client, "sessions")

    def process(
        self, port: int, *, host: str = HOST, tls: bool = False, credentials: Any = None, **given: Any
    ) -> Process:
        """Another process, on a server of this machine."""
        cache = ValidationCache(host, port=port, tls=tls, credentials=credentials)
        return Process(cache, dynamodb_client=self.client, clock=self.clock, **given)

    def hide(self, session_id: str) -> None:
        """Let the index lag: it does not show a session."""
        self.client.tables["sessions"].hidden = {schema.session_partition_key(session_id)}

    def seconds_of(self, call: Callable[[], object]) -> float:
        """How long a call has waited."""
        started = self.clock.monotonic()
        call()
        return self.clock.monotonic() - started


def admin(port: int) -> Any:
    """A client that may do everything on a server, without its types: they are those of two kinds of clients."""
    return Valkey(port=port)


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for a server, for ten seconds at most."""
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
