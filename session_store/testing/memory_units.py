"""Request units as DynamoDB counts them, for tables in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from session_store.storage import schema
from session_store.storage.attribute_values import item_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from session_store.storage.attribute_values import Item

_READ_BYTES: Final = 4 * 1024
_WRITE_BYTES: Final = 1024
_INDEX_ATTRIBUTES: Final = {schema.PARTITION_KEY, schema.SORT_KEY, *schema.INDEX_PROJECTION}


def projected(row: Item) -> Item:
    """The index's entry of a row."""
    return {name: value for name, value in row.items() if name in _INDEX_ATTRIBUTES}


def read_units(rows: Iterable[Item], *, consistent: bool) -> float:
    """Units of rows that are read together, also when there are none."""
    units = max(1, -(-sum(map(item_bytes, rows)) // _READ_BYTES))
    return units if consistent else units / 2


def write_units(before: Item | None, after: Item | None, *, times: int = 1) -> float:
    """Units of a write, the index's entry included.

    Args:
        before: the row, None where there is none.
        after: likewise.
        times: 2 in a transaction, which the table is paid twice for and the index once.
    """
    entries = [None if row is None else projected(row) for row in (before, after)]
    units = _units(before, after)
    if entries[0] == entries[1]:
        return times * units
    return times * units + (units if units == 1 else _units(*entries))  # an entry is no larger than its row


def consumed(table_name: str, units: float) -> dict[str, Any]:
    """The part of a reply that says it. A batch and a transaction have a list of them."""
    return {"TableName": table_name, "CapacityUnits": units}


def _units(before: Item | None, after: Item | None) -> int:
    size = max(item_bytes(row) if row else 0 for row in (before, after))
    return max(1, -(-size // _WRITE_BYTES))
