"""Parked messages. Each stands for a change that could not be told of, and says later which event is due for it.

A message has the row's keys, and no other value of it: that would be data.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import session_store
from session_store.clock import utc_text
from session_store.events.records import TTL, Change, Place, created, ended, place_of, removed, row_of
from session_store.storage.records import RowKey
from session_store.storage.schema import PARTITION_KEY, SORT_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.events.records import StreamRecord
    from session_store.events.types import SessionEvent
    from session_store.storage.attribute_values import Item


class Parked(NamedTuple):
    """A parked message.

    Attributes:
        table: name of the table.
        key: of the row.
        change: its kind.
        is_by_ttl: whether TTL removed the row.
        place: in the stream.
    """

    table: str
    key: RowKey
    change: Change
    is_by_ttl: bool
    place: Place


def parked_message(record: StreamRecord, cause: Exception) -> dict[str, Any]:
    """The body of the message that stands for a record. A part that the record lacks is empty.

    Args:
        record: as Lambda hands it over.
        cause: why it gave no event. Only the name of its class is kept.
    """
    return {
        "table": _at(record, "eventSourceARN").partition(":table/")[2].partition("/")[0],
        "keys": {name: _at(record, "dynamodb", "Keys", name, "S") for name in (PARTITION_KEY, SORT_KEY)},
        "event_name": _at(record, "eventName"),
        "removed_by_ttl": _at(record, "userIdentity", "principalId") == TTL,
        "sequence_number": _at(record, "dynamodb", "SequenceNumber"),
        "time": _time(record),
        "cause": type(cause).__name__,
        "code_version": session_store.__version__,
    }


def read_parked(body: Mapping[str, Any]) -> Parked:
    """A parked message of its body.

    Raises:
        LookupError, TypeError, ValueError, AttributeError: it is none, or its record lacked what is needed.
    """
    keys = RowKey(body["keys"][PARTITION_KEY], body["keys"][SORT_KEY])
    place = Place(int(body["sequence_number"]), datetime.fromisoformat(body["time"]))
    if not all(isinstance(text, str) and text for text in (body["table"], *keys)):
        raise ValueError("it names no row")
    return Parked(body["table"], keys, Change(body["event_name"]), body["removed_by_ttl"] is True, place)


def due(parked: Parked, row: Item | None) -> SessionEvent | None:
    """The event that is due for a parked message, None when none is (any more).

    A start and an end are read from the row as it is now. If that is gone, its own removal was told of. Of a row
    that was removed nothing is left but its key: the event has version 0, and the moment of the removal in place of
    that of the expiry. It may be the second end that a consumer hears of, because the key does not say whether the
    session had ended.

    Args:
        parked: the message.
        row: as the table has it now, None when it is gone.

    Raises:
        LookupError, TypeError, ValueError, AttributeError: the row is still in another form than this code's.
    """
    if parked.change is Change.REMOVE:
        return removed(parked.key, parked.place, by_ttl=parked.is_by_ttl)
    if row is None:
        return None
    record = row_of(row)
    if parked.change is Change.INSERT:
        return created(record, parked.place)
    return ended(record, parked.place) if record.end_reason else None


def _at(record: StreamRecord, *names: str) -> str:
    """A text in a record of any form, empty where there is none."""
    found: Any = record
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""


def _time(record: StreamRecord) -> str:
    try:
        return utc_text(place_of(record).time)
    except Exception:  # noqa: BLE001 - of a record in any form
        return ""
