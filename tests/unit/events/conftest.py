"""A store in memory whose table has a stream."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from session_store import SessionStore
from session_store.events import SessionEvent
from session_store.events.records import event_of
from session_store.storage.attribute_values import Item
from session_store.testing import MovableClock
from tests.support.scene import SignedIn, new_store, sign_in
from tests.support.stream import TABLE, Record, StreamingClient


@dataclass
class Streamed:
    """The table, and what its stream says."""

    client: StreamingClient = field(default_factory=StreamingClient)
    clock: MovableClock = field(default_factory=MovableClock)

    def __post_init__(self) -> None:
        self.client.create_table(TableName=TABLE)
        self.store = self.store_with()

    def store_with(self, **settings: object) -> SessionStore:
        return new_store(TABLE, dynamodb_client=self.client, clock=self.clock, **settings)

    def records_of(self, does: Callable[[], object]) -> list[Record]:
        """The records of what is done meanwhile."""
        begin = len(self.client.records)
        does()
        return self.client.records[begin:]

    def events_of(self, does: Callable[[], object]) -> list[SessionEvent]:
        """The events of what is done meanwhile."""
        return [event for record in self.records_of(does) if (event := event_of(record))]

    def row(self, an_id: str) -> Item:
        """The row of a session or child session."""
        (row,) = (row for key, row in self.client.tables[TABLE].rows.items() if _id(key) == an_id)
        return row


def _id(key: tuple[str, str]) -> str:
    own = key[1] if key[1].startswith("child") else key[0]
    return own.rpartition("#")[2]


@pytest.fixture
def streamed() -> Streamed:
    return Streamed()


@pytest.fixture
def ana(streamed: Streamed) -> SignedIn:
    """A customer's session with a child session."""
    return sign_in(streamed.store)
