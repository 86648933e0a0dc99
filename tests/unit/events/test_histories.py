"""In every history of sessions, and in every order of its changes: one start each, and one end that is the true one.

The machine of the model makes the histories, with its faults; TTL removes rows besides. Lambda's part is played here:
batches of any size, that come again from anywhere, while EventBridge and SQS fail now and then.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from typing import Any, Final

from hypothesis import seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from session_store.events import SessionEvent, read_event
from session_store.events.records import event_of
from session_store.events.teller import Teller
from session_store.storage.schema import PARTITION_KEY, session_partition_key
from tests.model.machine import SessionMachine
from tests.model.test_model import SETTINGS
from tests.model.views import State, View
from tests.support.bus_and_queue import Fault, Services, of_entries, of_request
from tests.support.stream import Record, Streaming

STEPS: Final = 900
MONTH: Final = 31 * 24 * 3600
FAULTS: Final[list[Fault | None]] = [
    None,
    None,
    of_entries("ThrottlingException"),
    of_entries("InternalFailure", 0),
    of_request("", 500),
    of_request("AccessDeniedException"),
]


class Told(SessionMachine):
    """The machine, on a table with a stream, whose events are held against the rows in the end."""

    histories = 0

    def __init__(self) -> None:
        self._stream.tables.clear()
        self._stream.records.clear()
        self._by_ttl: dict[str, View] = {}  # rows that TTL removed, as they were
        super().__init__()

    @property
    def _stream(self) -> Any:
        return self.engine.stream  # type: ignore[attr-defined]  # it is a `Streaming`

    @precondition(lambda self: self._roots())
    @rule(which=st.integers(0, 11))
    def let_ttl_remove(self, which: int) -> None:
        """A session's rows and its children's, a month after."""
        root = self._one_of(self._roots(), which)
        self._scene.clock.advance(MONTH)
        gone = {root, *self._state.collection(root)}
        self._by_ttl |= {an_id: self._state.views[an_id] for an_id in gone}

        def remove() -> None:
            for row in self._scene.raw_rows():
                if row[PARTITION_KEY]["S"] == session_partition_key(root):
                    self._stream.remove(self._scene.table_name, row)

        def expect(state: State) -> None:
            for an_id in gone:
                del state.views[an_id]

        self._step(remove, expect)

    def teardown(self) -> None:
        super().teardown()
        type(self).histories += 1
        records = list(self._stream.records)
        events = {event.sequence_number: event for record in records if (event := event_of(record))}
        assert told_by_lambda(records) == events
        of_each = defaultdict(list)
        for number in sorted(events):
            event = events[number]
            of_each[event.child_session_id or event.session_id].append(event)
        for an_id, its_events in of_each.items():
            self._check(an_id, its_events)
        assert of_each.keys() >= self._state.views.keys()

    def _check(self, an_id: str, events: list[SessionEvent]) -> None:
        start, *ends = [event.type.rpartition(".")[2] for event in events]
        row = self._state.views.get(an_id) or self._by_ttl.get(an_id)
        assert start == "created"
        if row is None:
            assert ends in (["erased"], ["ended", "erased"])
        elif row.state == "ended":
            assert ends == ["ended"]
            assert events[-1].reason == row.reason  # type: ignore[attr-defined]
        else:
            assert ends == (["expired"] if an_id in self._by_ttl else [])


def told_by_lambda(records: list[Record]) -> dict[int, SessionEvent]:
    """What a consumer knows in the end, by sequence number."""
    services, chosen, begin = Services(), random.Random(len(records)), 0
    teller = Teller("bus", "https://sqs/parked", client=services.client, clock=services.clock)
    while begin < len(records):
        batch = records[begin : begin + chosen.randint(1, 40)]
        services.bus.faults.extend(chosen.choices(FAULTS, k=3))
        begin += teller.tell(batch, lambda: 10.0).done
        if chosen.random() < 0.2:  # the answer was lost, or a shard was split
            begin = max(0, begin - chosen.randint(1, 20))
    assert not services.parked
    told = [{"source": each["Source"], "detail-type": each["DetailType"]} for each in services.bus.taken]
    details = [json.loads(each["Detail"]) for each in services.bus.taken]
    read = [read_event(one | {"detail": detail}) for one, detail in zip(told, details, strict=True)]
    return {event.sequence_number: event for event in read}


def test_every_session_starts_once_and_ends_as_its_row_says() -> None:
    engine = Streaming("memory")
    machine: Any = type("Told", (Told,), {"engine": engine, "steps": 0})
    turn = 0
    while machine.steps < STEPS:
        run_state_machine_as_test(seed(turn)(machine), settings=settings(SETTINGS, max_examples=2))
        turn += 1

    assert machine.histories > 2
