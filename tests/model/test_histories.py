"""Histories of concurrent workers on one table: each session is a register that others end and write.

Every operation is recorded with when it began and when it was acknowledged. In no history does a valid read begin
after an acknowledged end, and no acknowledged write is lost.
"""

from __future__ import annotations

import itertools
import random
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from session_store import CreatedSession, InvalidTokenError, SessionNotFoundError, SessionStore
from session_store.testing.memory_engine import MemoryClient
from tests.support.figures import Count

WORKERS: Final = 4
SESSIONS: Final = 3
OPERATIONS: Final = 25  # of each worker
HISTORIES: Final = 40
TABLE: Final = "sessions"
WRITES: Final = ("increment", "update")
DOES: Final[dict[str, Callable[[SessionStore, CreatedSession, str], object]]] = {
    "validate": lambda store, created, _: store.validate(created.token),
    "increment": lambda store, created, _: store.increment(created.session.session_id, "n"),
    "update": lambda store, created, key: store.update_data(created.session.session_id, {key: 1}),
    "rotate": lambda store, created, _: store.rotate(created.token),
    "end": lambda store, created, _: store.end_session(created.session.session_id),
}


@dataclass(frozen=True)
class Step:
    """One operation: its place in the order of beginnings and answers, and what came of it."""

    operation: str
    session: int
    began: int
    answered: int
    worked: bool


@dataclass
class History:
    """Workers on a few sessions, and what they did."""

    seed: int
    whole: int = 0  # how many sessions no worker ended, whose writes are all counted
    events: list[Step] = field(default_factory=list)
    keys: list[set[str]] = field(default_factory=lambda: [set() for _ in range(SESSIONS)])
    _ticks: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        client = _OneAtATime()
        client.create_table(TableName=TABLE)
        self.store = SessionStore(TABLE, dynamodb_client=client)
        self.created = [self.store.create_session("ana", data={"n": 0}) for _ in range(SESSIONS)]

    def run(self) -> None:
        with ThreadPoolExecutor(WORKERS) as pool:
            for worker in [pool.submit(self._work, number) for number in range(WORKERS)]:
                worker.result()

    def _work(self, number: int) -> None:
        chosen = random.Random(self.seed * WORKERS + number)
        for turn in range(OPERATIONS):
            session = chosen.randrange(SESSIONS)
            operation = chosen.choices(tuple(DOES), (8, 5, 5, 2, 0.4))[0]
            began = next(self._ticks)
            try:
                DOES[operation](self.store, self.created[session], f"{number}-{turn}")
                worked = True
            except (InvalidTokenError, SessionNotFoundError):  # no write ever conflicts: each key has one writer
                worked = False
            self.events.append(Step(operation, session, began, next(self._ticks), worked))
            if worked and operation == "update":
                self.keys[session].add(f"{number}-{turn}")

    def check(self) -> None:
        """Every session's register."""
        for number, created in enumerate(self.created):
            events = [event for event in self.events if event.session == number]
            ends = [event.answered for event in events if event.operation == "end"]
            late = [event for event in events if ends and event.began > min(ends) and event.operation != "end"]
            assert not [event for event in late if event.worked], "valid after an acknowledged end"
            if not ends:
                self._check_writes(number, created, events)
                self.whole += 1

    def _check_writes(self, number: int, created: CreatedSession, events: list[Step]) -> None:
        session = self.store.get_session(created.session.session_id)
        assert session is not None
        acknowledged = sum(event.worked for event in events if event.operation == "increment")
        assert session.data["n"] == acknowledged, "an acknowledged increment is lost, or one counted twice"
        assert session.data.keys() - {"n"} == self.keys[number], "an acknowledged save is lost"
        assert session.version == 1 + sum(event.worked for event in events if event.operation in WRITES)


class _OneAtATime(MemoryClient):
    """DynamoDB's promise that a request on an item takes effect in one step; between requests anything may happen."""

    _step = threading.Lock()

    def __getattribute__(self, name: str) -> Any:
        member = super().__getattribute__(name)
        if name.startswith("_") or not callable(member):
            return member

        def in_one_step(**parameters: Any) -> Any:
            with _OneAtATime._step:
                return member(**parameters)

        return in_one_step


@pytest.fixture
def eager_switches() -> Iterator[None]:
    """Let threads take turns more often than the interpreter would."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.mark.shows("T84")
@pytest.mark.usefixtures("eager_switches")
def test_no_valid_read_begins_after_an_end_and_no_write_is_lost(count: Count) -> None:
    refused = whole = 0
    for seed in range(HISTORIES):
        history = History(seed)
        history.run()
        history.check()
        refused += sum(not event.worked for event in history.events)
        whole += history.whole

    assert refused, "nothing ever met an end: the histories show nothing"
    assert whole > HISTORIES // 2, "writes were hardly ever counted"
    count("model, histories of concurrent workers", HISTORIES)
    count("model, operations in histories", HISTORIES * WORKERS * OPERATIONS)


@pytest.mark.parametrize("operation", ["validate", "increment", "update", "rotate"])
def test_the_check_finds_what_works_after_an_end_and_a_lost_write(operation: str) -> None:
    history = History(seed=0)
    history.events = [Step("end", 0, 0, 1, worked=True), Step(operation, 0, 2, 3, worked=True)]
    with pytest.raises(AssertionError, match="valid after an acknowledged end"):
        history.check()

    history.events = [Step(operation, 0, 0, 1, worked=True)]
    history.keys[0] = {"0-0"} if operation == "update" else set()
    if operation in WRITES:
        with pytest.raises(AssertionError, match=r"an acknowledged (increment is lost|save)"):
            history.check()
