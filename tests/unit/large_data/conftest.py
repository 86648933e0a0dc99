"""A table and a bucket in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from session_store import Incident, SessionStore
from session_store.large_data import LargeData
from session_store.large_data.pointers import replaced_keys
from session_store.storage.attribute_values import Item
from session_store.testing import MovableClock
from session_store.testing.memory_engine import MemoryClient, Rows
from tests.support.bucket import MemoryBucket, pointed_to

TABLE = "sessions"
LARGE = {"notes": "n" * 3_000, "visits": 1}


@dataclass
class Place:
    """One table with its bucket, and what the stores have reported."""

    client: MemoryClient = field(default_factory=MemoryClient)
    bucket: MemoryBucket = field(default_factory=MemoryBucket)
    clock: MovableClock = field(default_factory=MovableClock)
    incidents: list[Incident] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client.create_table(TableName=TABLE)

    def store(self, *, dynamodb_client: Any = None, s3_client: Any = None, **given: Any) -> SessionStore:
        """A process's store."""
        large_data = LargeData("large-data", threshold=2048, client=s3_client or self.bucket)
        usual = {"clock": self.clock, "on_incident": self.incidents.append, "large_data": large_data}
        arguments: dict[str, Any] = usual | given
        return SessionStore(TABLE, dynamodb_client=dynamodb_client or self.client, **arguments)

    @property
    def rows(self) -> Rows:
        return self.client.tables[TABLE].rows

    def row(self, session_id: str) -> Item:
        """A session's own row, to be looked at."""
        return next(row for key, row in self.rows.items() if key[0].endswith(session_id) and key[1] < "child")

    def change_row(self, session_id: str, **attributes: Any) -> None:
        """Write a row as another program would."""
        row = self.row(session_id)
        self.rows[row["PK"]["S"], row["SK"]["S"]] = row | attributes

    @property
    def pointed_to(self) -> set[str]:
        """Keys of the objects that rows point to."""
        return pointed_to(self.rows)

    def sweep(self, before: Rows) -> None:
        """Do as the stream function does after a change of the table."""
        for key, old in before.items():
            for replaced in replaced_keys(old, self.rows.get(key)):
                self.bucket.delete_object(Key=replaced)


class Steps:
    """The clients of one store: something happens at one of their calls, before it takes effect or after.

    Attributes:
        calls: the methods that were called, in order.
    """

    def __init__(
        self,
        place: Place,
        at: int | str | None = None,
        *,
        before: Callable[[], object] = lambda: None,
        after: Callable[[], object] = lambda: None,
    ) -> None:
        self.calls: list[str] = []
        self._place = place
        self._at, self._before, self._after = at, before, after

    def store(self, **given: Any) -> SessionStore:
        """A store with these clients."""
        return self._place.store(
            dynamodb_client=_Followed(self, self._place.client), s3_client=_Followed(self, self._place.bucket), **given
        )

    def call(self, method: str, answer: Callable[..., Any], parameters: dict[str, Any]) -> Any:
        """Make a call, with what happens at it."""
        its_turn = self._at in {len(self.calls), method}
        self._at = None if its_turn else self._at
        self.calls.append(method)
        if its_turn:
            self._before()
        reply = answer(**parameters)
        if its_turn:
            self._after()
        return reply


class _Followed:
    def __init__(self, steps: Steps, client: Any) -> None:
        self._steps, self._client = steps, client

    def __getattr__(self, method: str) -> Callable[..., Any]:
        answer = getattr(self._client, method)
        return lambda **parameters: self._steps.call(method, answer, parameters)


def lose() -> None:
    """The reply never comes."""
    raise ReadTimeoutError(endpoint_url="memory")


@pytest.fixture
def place() -> Place:
    return Place()
