"""The index against the table, in little memory: sums of fingerprints first, single rows only where sums differ.

Sessions come and go between the scans. So nothing counts before the row's two sides were asked for by its key, several
times: the index lags behind the table by design.
"""

from __future__ import annotations

import json
from array import array
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from session_store.storage import schema
from session_store.storage.items import row_key
from session_store.storage.schema import EntityType
from session_store.whole_table.cursor import beginning
from session_store.whole_table.findings import Finding, Kind
from session_store.whole_table.scan import Request, scanning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from session_store.storage.attribute_values import Item
    from session_store.storage.records import RowKey
    from session_store.whole_table.table import Table

_BUCKETS: Final = 1 << 16
_SUM: Final = (1 << 64) - 1
_MOST_SUSPECTS: Final = 10_000  # rows that are looked at one by one
_ATTRIBUTES: Final = (schema.PARTITION_KEY, schema.SORT_KEY, *schema.INDEX_PROJECTION)
_KINDS: Final = frozenset({EntityType.SESSION.value, EntityType.CHILD_SESSION.value})
_TRIES: Final = 5
_PAUSE: Final = 1.0  # seconds; the index usually follows within a fraction


class IndexCheck:
    """Compares sessions and child sessions in the table and in its index.

    Args:
        table: whose index.
        segments: how many parts are read in parallel.
        on_page: called with the number of rows after each page.
    """

    def __init__(self, table: Table, segments: int, on_page: Callable[[int], object]) -> None:
        self._table = table
        self._segments = segments
        self._on_page = on_page
        self._sums = array("Q", bytes(8 * _BUCKETS))

    def add(self, row: Item) -> None:
        """Count a row of the table. All of them have to be counted before `findings`."""
        if _counts(row):
            bucket = _bucket(row)
            self._sums[bucket] = (self._sums[bucket] + _fingerprint(row)) & _SUM

    def findings(self) -> Iterator[Finding]:
        """Read the index, and where it does not agree both again."""
        for row in self._rows(of_index=True):
            bucket = _bucket(row)
            self._sums[bucket] = (self._sums[bucket] - _fingerprint(row)) & _SUM
        differing = {bucket for bucket, total in enumerate(self._sums) if total}
        if differing:
            for key in self._suspects(differing):
                finding = self._look_at(key)
                if finding:
                    yield finding

    def _suspects(self, buckets: set[int]) -> list[RowKey]:
        """The keys of rows that differ, of those in some of the buckets."""
        seen: dict[RowKey, int] = {}
        for of_index in (True, False):
            for row in self._rows(of_index=of_index):
                if _bucket(row) in buckets:
                    key = row_key(row)
                    total = (seen.get(key, 0) + (1 if of_index else -1) * _fingerprint(row)) & _SUM
                    if total:
                        seen[key] = total
                    else:
                        seen.pop(key, None)
                    if len(seen) > _MOST_SUSPECTS and of_index:
                        buckets = set(sorted(buckets)[: len(buckets) // 2])  # the first ones will do to show it
                        seen = {key: total for key, total in seen.items() if _bucket_of(key) in buckets}
        return list(seen)[:_MOST_SUSPECTS]

    def _look_at(self, key: RowKey) -> Finding | None:
        """Compare one row's two sides, again after a pause while they differ."""
        for attempt in range(_TRIES):
            if attempt:
                self._table.clock.sleep(_PAUSE)
            rows = [_projected(row) for row in self._table.read([key])]
            entries = [_projected(row) for row in self._entries(key)]
            if rows == entries:
                return None
        kind = Kind.INDEX_DIFFERS if rows and entries else Kind.NOT_IN_INDEX if rows else Kind.INDEX_ALONE
        return Finding(kind, *key)

    def _entries(self, key: RowKey) -> list[Item]:
        parameters = {
            "IndexName": schema.INDEX_NAME,
            "KeyConditionExpression": "#pk = :pk AND #sk = :sk",
            "ExpressionAttributeNames": {"#pk": schema.INDEX_PARTITION_KEY, "#sk": schema.INDEX_SORT_KEY},
            "ExpressionAttributeValues": {":pk": {"S": key.sort_key}, ":sk": {"S": key.partition_key}},
        }
        found: list[Item] = self._table.send("Query", parameters)["Items"]
        return found

    def _rows(self, *, of_index: bool) -> Iterator[Item]:
        names = schema.INDEX_PROJECTION
        with scanning(self._table, beginning(self._segments), Request(names, of_index=of_index)) as pages:
            for page in pages:
                yield from filter(_counts, page.rows)
                self._on_page(len(page.rows))


def _counts(row: Item) -> bool:
    return row.get("entity_type", {}).get("S") in _KINDS


def _projected(row: Item) -> Item:
    return {name: row[name] for name in _ATTRIBUTES if name in row}


def _fingerprint(row: Item) -> int:
    text = json.dumps([row.get(name) for name in _ATTRIBUTES])
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def _bucket(row: Item) -> int:
    return _bucket_of(row_key(row))


def _bucket_of(key: RowKey) -> int:
    return int.from_bytes(blake2b("\n".join(key).encode(), digest_size=2).digest())
