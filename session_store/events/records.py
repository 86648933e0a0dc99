"""Records of the table's stream, as Lambda hands them over, and the events that they are.

| change of a row | event |
|---|---|
| a session that is not ended appears | created |
| a session's state becomes `ended` | ended |
| TTL removes a session that was not ended | expired |
| a caller deletes a session | erased |

The same holds for children. No other change is an event: a save, a refresh, the state `closing`, a tombstone that TTL
removes, an ended session that an import brings, rows of customers and of idempotency keys, other programs' rows.

Erasing a customer ends a live session first, so that no child slips in. That is told as `all_ended`, and then the row
is told of as erased. A fault between the two leaves a session that has ended, and was told of.
"""

from __future__ import annotations

import binascii
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from session_store.clock import to_datetime
from session_store.events.types import EVENTS
from session_store.model import SessionState
from session_store.storage.items import read_record
from session_store.storage.records import WRITE_IDS, ChildRecord, TokenRecord
from session_store.storage.schema import (
    PARTITION_KEY,
    EntityType,
    child_session_id_of,
    customer_id_of,
    is_of_a_session,
    session_id_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.events.types import SessionEvent
    from session_store.storage.attribute_values import AttributeValue, Item
    from session_store.storage.records import RowKey, SessionRecord

    StreamRecord = Mapping[str, Any]
    Row = SessionRecord | ChildRecord

# No event needs them. So they are not looked at: neither secrets nor data can get into an event.
_LEFT_OUT: Final = frozenset({"client", "data", "data_codec", *TokenRecord._fields, *WRITE_IDS})
_OF_SESSIONS: Final = frozenset({EntityType.SESSION, EntityType.CHILD_SESSION})
TTL: Final = "dynamodb.amazonaws.com"


class Change(StrEnum):
    """The kind of a change, as the stream names it."""

    INSERT = "INSERT"
    MODIFY = "MODIFY"
    REMOVE = "REMOVE"


class MissingImageError(LookupError):
    """The record lacks an image that it needs. The stream's view type has to be `NEW_AND_OLD_IMAGES`."""


class Place(NamedTuple):
    """A record's place in the stream.

    Attributes:
        sequence_number: orders the changes of one session.
        time: when the change was made, UTC.
    """

    sequence_number: int
    time: datetime


def event_of(record: StreamRecord) -> SessionEvent | None:
    """The event that a change is, None for one that is none.

    Args:
        record: one of `Records`, as Lambda hands it over: moments in seconds, binaries in base64.

    Raises:
        LookupError, TypeError, ValueError, AttributeError: an image is missing, or in another form than this code's.
    """
    change, has = Change(record["eventName"]), record["dynamodb"]
    image = _image(has, "OldImage" if change is Change.REMOVE else "NewImage")
    if image is None or image.get("entity_type", {}).get("S") not in _OF_SESSIONS:
        return None
    if change is Change.MODIFY:
        was_live = _is_ended(image) and not _is_ended(_image(has, "OldImage") or {})
        return ended(_row(image), place_of(record)) if was_live else None
    if change is Change.REMOVE and not is_by_ttl(record):
        return erased(_row(image), place_of(record))
    if _is_ended(image):
        return None
    return (created if change is Change.INSERT else expired)(_row(image), place_of(record))


def place_of(record: StreamRecord) -> Place:
    """A record's place."""
    change = record["dynamodb"]
    return Place(int(change["SequenceNumber"]), datetime.fromtimestamp(change["ApproximateCreationDateTime"], UTC))


def is_by_ttl(record: StreamRecord) -> bool:
    """Whether DynamoDB itself removed the row, because its TTL had passed."""
    return (record.get("userIdentity") or {}).get("principalId") == TTL


def created(row: Row, place: Place) -> SessionEvent:
    """The event of a start."""
    return _event("created", row, place, customer_id=row.customer_id)


def ended(row: Row, place: Place) -> SessionEvent:
    """The event of an end."""
    return _event("ended", row, place, customer_id=row.customer_id, reason=row.end_reason)


def expired(row: Row, place: Place) -> SessionEvent:
    """The event of a row that TTL removed."""
    moment = row.absolute_expires_at if isinstance(row, ChildRecord) else row.expires_at
    return _event("expired", row, place, customer_id=row.customer_id, expired_at=to_datetime(moment))


def erased(row: Row, place: Place) -> SessionEvent:
    """The event of a row that was deleted."""
    return _event("erased", row, place)


def removed(key: RowKey, place: Place, *, by_ttl: bool) -> SessionEvent:
    """The event of a row of which nothing is left but its key.

    Raises:
        ValueError: the key is not a session's, or a child session's.
    """
    known: dict[str, Any] = {"session_id": session_id_of(key.partition_key), "version": 0, **place._asdict()}
    kind = EntityType.SESSION
    with suppress(ValueError):
        known["child_session_id"] = child_session_id_of(key.sort_key)
        kind = EntityType.CHILD_SESSION
    if by_ttl:
        known |= {"customer_id": customer_id_of(key.sort_key), "expired_at": place.time}
    event: SessionEvent = EVENTS[f"{kind}.{'expired' if by_ttl else 'erased'}"](**known)
    return event


def row_of(item: Item) -> Row:
    """A session's or child session's row, read without what no event needs.

    Raises:
        LookupError, TypeError, ValueError, AttributeError: it is in another form than this code's.
    """
    if "S" not in item.get("customer_id", {"S": ""}):
        raise TypeError("customer_id")
    return read_record({name: value for name, value in item.items() if name not in _LEFT_OUT})


def _event(what: str, row: Row, place: Place, **more: object) -> SessionEvent:
    kind = EntityType.SESSION
    if isinstance(row, ChildRecord):
        kind = EntityType.CHILD_SESSION
        more["child_session_id"] = row.child_session_id
    event: SessionEvent = EVENTS[f"{kind}.{what}"](
        session_id=row.session_id, version=row.version, **place._asdict(), **more
    )
    return event


def _image(change: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """An image. It may only be missing of a row that is no session's."""
    if name not in change and is_of_a_session(change["Keys"][PARTITION_KEY]["S"]):
        raise MissingImageError(name)
    return change.get(name)


def _is_ended(image: Mapping[str, Any]) -> bool:
    return bool(image.get("session_state", {}).get("S") == SessionState.ENDED)


def _row(image: Mapping[str, Any]) -> Row:
    return row_of({name: _decoded(value) for name, value in image.items() if name not in _LEFT_OUT})


def _decoded(value: AttributeValue) -> AttributeValue:
    return {"B": binascii.a2b_base64(value["B"])} if "B" in value else value
