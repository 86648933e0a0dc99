"""The stream of a table in memory: a record of each change of a row, as Lambda hands it to a function."""

from __future__ import annotations

import base64
import itertools
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from session_store.storage.attribute_values import Item
from session_store.storage.schema import PARTITION_KEY, SORT_KEY
from session_store.testing.memory_engine import MemoryClient
from tests.support.engines import Memory

Record = dict[str, Any]
BY_TTL: Final = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
TABLE: Final = "sessions"
_FIRST: Final = 4_900_000_000_000_000_000_000_000  # as long as real ones: more than any JSON number can hold
_MOMENT: Final = 2_209_032_000
_WRITES: Final = {"put_item", "update_item", "delete_item", "batch_write_item", "transact_write_items"}


def record_of(old: Item | None, new: Item | None, number: int = 0, *, by_ttl: bool = False) -> Record:
    """The record of a change from one row to another, None for no row."""
    row = new or old or {}
    change: Record = {
        "ApproximateCreationDateTime": float(_MOMENT + number),
        "Keys": {name: row[name] for name in (PARTITION_KEY, SORT_KEY)},
        "SequenceNumber": str(_FIRST + number),
        "SizeBytes": 200,
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }
    if new is not None:
        change["NewImage"] = as_json(new)
    if old is not None:
        change["OldImage"] = as_json(old)
    return {
        "eventID": f"{number:032x}",
        "eventName": "INSERT" if old is None else "REMOVE" if new is None else "MODIFY",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": change,
        "eventSourceARN": f"arn:aws:dynamodb:us-east-1:123456789012:table/{TABLE}/stream/2026-11-27T00:00:00.000",
        **({"userIdentity": BY_TTL} if by_ttl else {}),
    }


def as_json(value: Any) -> Any:
    """A row as it stands in a record: binaries in base64."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: as_json(inner) for name, inner in value.items()}
    return [as_json(inner) for inner in value] if isinstance(value, list) else value


@dataclass
class StreamingClient(MemoryClient):
    """A client whose tables share a stream."""

    records: list[Record] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _writing: Any = field(default_factory=threading.RLock)
    _is_inside: bool = False  # of a write of several rows

    def __post_init__(self) -> None:
        super().__init__()

    def __getattribute__(self, name: str) -> Any:
        member = super().__getattribute__(name)
        if name not in _WRITES:
            return member

        def recorded(**parameters: Any) -> Any:
            with self._writing:
                if self._is_inside:
                    return member(**parameters)
                before, self._is_inside = self._rows(), True
                try:
                    return member(**parameters)
                finally:
                    self._is_inside = False
                    self._note(before, self._rows())

        return recorded

    def remove(self, table_name: str, row: Item) -> None:
        """Delete a row, as DynamoDB does some time after its TTL."""
        rows = self.tables[table_name].rows
        del rows[row[PARTITION_KEY]["S"], row[SORT_KEY]["S"]]
        self.records.append(record_of(row, None, next(self._numbers), by_ttl=True))

    def _rows(self) -> dict[Any, Item]:
        return {(name, *key): row for name, table in self.tables.items() for key, row in table.rows.items()}

    def _note(self, before: Mapping[Any, Item], after: Mapping[Any, Item]) -> None:
        for key in {**before, **after}:
            if before.get(key) != after.get(key):
                self.records.append(record_of(before.get(key), after.get(key), next(self._numbers)))


class Streaming(Memory):
    """The engine in memory, with a stream."""

    _client = StreamingClient()

    @property
    def stream(self) -> StreamingClient:
        """The records, and removal by TTL."""
        return self._client
