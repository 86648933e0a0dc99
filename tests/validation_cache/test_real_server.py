"""The cache on a real server: a hit asks no table, and an end is refused at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from local.valkey import Running, valkey_server, why_unavailable
from session_store import InvalidTokenError, Observation, SessionStore
from session_store.catalog.metrics import Metric
from session_store.testing import MovableClock, create_table
from session_store.testing.memory_engine import MemoryClient
from session_store.validation_cache import ValidationCache
from tests.support.engines import engines_are_required

pytestmark = pytest.mark.skipif(
    why_unavailable() is not None and not engines_are_required(), reason=str(why_unavailable())
)


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with valkey_server() as running:
        yield running


class Process:
    """A store with a connection of its own, on a table that all share."""

    def __init__(self, client: MemoryClient, clock: MovableClock, port: int) -> None:
        self.clock = clock
        self.seen: list[Observation] = []
        cache = ValidationCache("127.0.0.1", port=port, tls=False)
        self.store = SessionStore(
            "sessions", dynamodb_client=client, clock=clock, validation_cache=cache, observer=self.seen.append
        )

    def validate(self, token: str) -> Metric:
        """Whether a validation was a hit or a miss."""
        self.store.validate(token)
        (counted,) = {Metric.CACHE_HITS, Metric.CACHE_MISSES} & self.seen[-1].counts.keys()
        return Metric(counted)


@pytest.fixture
def processes(server: Running) -> tuple[Process, Process]:
    client, clock = MemoryClient(), MovableClock()
    create_table(client, "sessions")
    return Process(client, clock, server.port), Process(client, clock, server.port)


def test_what_one_process_has_read_another_one_need_not(processes: tuple[Process, Process]) -> None:
    one, other = processes
    token = one.store.create_session("ana", data={"cart": ["tea"]}).token

    assert [one.validate(token), one.validate(token), other.validate(token)] == [
        Metric.CACHE_MISSES,
        Metric.CACHE_HITS,
        Metric.CACHE_HITS,
    ]
    assert other.seen[-1].read_units == 0
    assert other.store.validate(token).data == {"cart": ["tea"]}


def test_a_session_that_has_ended_is_refused_at_once_by_every_process(processes: tuple[Process, Process]) -> None:
    one, other = processes
    created = one.store.create_session("ana")
    other.validate(created.token)

    one.store.end_session(created.session)

    with pytest.raises(InvalidTokenError):
        other.store.validate(created.token)


def test_a_validation_that_extends_a_session_leaves_it_to_the_next_one(processes: tuple[Process, Process]) -> None:
    one, other = processes
    created = one.store.create_session("ana")
    other.validate(created.token)
    one.clock.advance(timedelta(minutes=4))

    assert [one.validate(created.token), other.validate(created.token)] == [Metric.CACHE_MISSES, Metric.CACHE_HITS]
    assert one.seen[-1].write_units > 0
    assert other.store.validate(created.token).expires_at == created.session.expires_at + timedelta(minutes=4)
