"""The start of every run: a customer with two sessions, one of them with a child, at a chosen moment of their lives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

import pytest

from session_store import Incident, Session, SessionSettings, SessionStore, Timeouts
from session_store.operations import side_by_side
from session_store.storage import beside, schema
from session_store.storage.beside import Beside
from session_store.storage.requests import DynamoDBClient
from session_store.testing import MovableClock
from session_store.testing.memory_engine import MemoryClient, MemoryTable, Rows
from tests.interleavings.scheduler import Lose, time_out
from tests.support.bucket import BUCKET
from tests.support.scene import new_store

TABLE: Final = "sessions"
CUSTOMER: Final = "ana"
IDLE: Final = timedelta(minutes=30)
DUE: Final = IDLE / 10
GRACE: Final = SessionSettings().rotation_grace
FIRST_DATA: Final = {"left": 0, "right": 0, "visits": 0}
START: Final = datetime(2040, 1, 1, tzinfo=UTC)


class StillClock(MovableClock):
    """A clock on which waiting takes no time: a retry's random pause would make runs differ."""

    def sleep(self, seconds: float) -> None:
        """Return at once."""


@dataclass(frozen=True)
class Beginning:
    """One moment, to which the world can be put back."""

    session: Session  # the operations are about it; as its application has read it
    token: str  # of the session, as its browser holds it
    child_id: str  # the session's only child
    child_token: str
    elsewhere: Session  # the customer's other session
    elsewhere_token: str
    rows: Rows
    moment: datetime
    lags: bool  # the index does not show `session`
    objects: Mapping[str, bytes]  # in S3

    @property
    def id(self) -> str:
        return self.session.session_id


@dataclass
class World:
    """The table, the clock and what the stores reported."""

    client: MemoryClient = field(default_factory=MemoryClient)
    clock: StillClock = field(default_factory=lambda: StillClock(START))
    events: list[Incident] = field(default_factory=list)
    lose: Lose = time_out

    def __post_init__(self) -> None:
        self.client.create_table(TableName=TABLE)

    @property
    def table(self) -> MemoryTable:
        return self.client.tables[TABLE]

    def store(self, client: DynamoDBClient | None = None, **settings: Any) -> SessionStore:
        """A process's store."""
        return new_store(
            TABLE, dynamodb_client=client or self.client, clock=self.clock, on_incident=self.events.append, **settings
        )

    def put_back(self, beginning: Beginning) -> MemoryClient:
        """Put everything back to a beginning."""
        self.events.clear()
        self.clock.set(beginning.moment)
        self.table.rows = dict(beginning.rows)
        BUCKET.objects = beginning.objects
        self.table.settled.clear()
        self.table.hidden = {schema.session_partition_key(beginning.id)} if beginning.lags else set()
        return self.client

    def row(self, session_id: str) -> dict[str, Any] | None:
        """A session's row as it is stored."""
        return self.table.rows.get((schema.session_partition_key(session_id), schema.customer_sort_key(CUSTOMER)))

    def now(self) -> dict[str, Any]:
        """The state of this moment, for a beginning."""
        moment = datetime.fromtimestamp(self.clock.now(), UTC)
        return {"rows": dict(self.table.rows), "moment": moment, "objects": BUCKET.objects}


def begin(
    world: World, *, after: timedelta = timedelta(0), timeouts: Timeouts | None = None, lags: bool = False
) -> Beginning:
    """Sign in twice and let time pass."""
    store = world.store()
    root = store.create_session(CUSTOMER, data=dict(FIRST_DATA), timeouts=timeouts)
    under = store.create_child_session(root.session)
    elsewhere = store.create_session(CUSTOMER, timeouts=timeouts)
    world.clock.advance(after + timedelta(seconds=1))  # ids sort by time: the newest is to be the newest
    child = (under.child.child_session_id, under.token)
    return Beginning(root.session, root.token, *child, elsewhere.session, elsewhere.token, **world.now(), lags=lags)


def begin_rotated(world: World, *, lags: bool = False) -> Beginning:
    """New tokens that have arrived and are about to be used for the first time; an extension is due."""
    beginning = begin(world, lags=lags)
    token = world.store().rotate(beginning.token).token
    child_token = world.store().rotate(beginning.child_token, child=True).token
    assert token is not None
    assert child_token is not None
    world.clock.advance(DUE)
    return replace(beginning, **world.now(), token=token, child_token=child_token)


def begin_taking_over(world: World) -> Beginning:
    """New tokens that have been in use for twice the grace: their next use takes over."""
    beginning = begin_rotated(world)
    world.store().validate(beginning.token)
    world.store().validate(beginning.child_token, child=True)
    world.clock.advance(2 * GRACE + timedelta(seconds=1))
    return replace(beginning, **world.now())


ROOT_FIRST: Final[ContextVar[bool]] = ContextVar("root_first", default=False)


class InTurn(Executor):
    """Takes the place of the thread pools: one call after the other."""

    def __init__(self, max_workers: int) -> None:
        pass

    def map(self, call: Callable[..., Any], *things: Any) -> Any:  # type: ignore[override]
        return [call(*each) for each in zip(*things, strict=True)]


class BeforeOrAfter(Beside[Any]):
    """Takes the place of a thread beside this one: a child is read before its root, or after it with `ROOT_FIRST`."""

    def __enter__(self) -> Self:
        if not ROOT_FIRST.get():
            self._returned = self._call(*self._arguments)
        return self

    def __exit__(self, *error: object) -> None:
        if ROOT_FIRST.get() and error[0] is None:
            self._returned = self._call(*self._arguments)


def without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let operations make calls one after the other that they make side by side."""
    monkeypatch.setattr(beside, "Beside", BeforeOrAfter)
    monkeypatch.setattr(side_by_side, "ThreadPoolExecutor", InTurn)
