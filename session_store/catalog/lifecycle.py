"""Lifecycle events: which changes of the table are events, and what the function on the table's stream may do.

All other changes wake no function, and cost nothing. A filter is a pattern as Lambda's event source mappings have it.
A change has to match one of them. They look at images, so they need a stream of new and old ones. In a stream of
another kind all changes of sessions wake the function, which parks them: an alarm is better than silence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from session_store.catalog.pattern import Resource
from session_store.model import SessionState
from session_store.storage.schema import PARTITION_KEY, SESSIONS_PARTITION_KEYS, EntityType

if TYPE_CHECKING:
    from collections.abc import Mapping

STREAM: Final = Resource("stream")
"""The table's stream."""
EVENT_BUS: Final = Resource("event bus")
"""The bus that events are put on."""
PARKING_QUEUE: Final = Resource("parking queue")
"""The queue that keeps the records that could not be told of."""

BY_ITS_CODE: Final = frozenset({("events:PutEvents", EVENT_BUS), ("sqs:SendMessage", PARKING_QUEUE)})
"""What the function's code does. The second is also Lambda's, for batches on which the function failed."""
BY_LAMBDA: Final = frozenset(
    {
        ("dynamodb:DescribeStream", STREAM),
        ("dynamodb:GetRecords", STREAM),
        ("dynamodb:GetShardIterator", STREAM),
        ("dynamodb:ListStreams", STREAM),  # which Lambda asks for, also where it does not list any
    }
)
"""What Lambda itself does under the function's role."""


class EventFilter(NamedTuple):
    """One kind of change.

    Attributes:
        change: in words.
        pattern: that it matches.
    """

    change: str
    pattern: Mapping[str, Any]


_ENDED: Final = {"session_state": {"S": [SessionState.ENDED.value]}}
_NOT_ENDED: Final = {"session_state": {"S": [{"anything-but": [SessionState.ENDED.value]}]}}
_OF_SESSIONS: Final = {"entity_type": {"S": [EntityType.SESSION.value, EntityType.CHILD_SESSION.value]}}
_KEYS_OF_SESSIONS: Final = {PARTITION_KEY: {"S": [{"prefix": SESSIONS_PARTITION_KEYS}]}}
# DynamoDB names itself here where it removes a row by TTL. Changes of callers lack it.
_BY_A_CALLER: Final = {"userIdentity": {"principalId": [{"exists": False}]}}

WITHOUT_IMAGES: Final = EventFilter(
    "in a stream without both images, which is a mistake: any change of a session",
    {"dynamodb": {"StreamViewType": [{"anything-but": ["NEW_AND_OLD_IMAGES"]}], "Keys": _KEYS_OF_SESSIONS}},
)
EVENT_FILTERS: Final = (
    EventFilter(
        "a new row that is not ended",
        {"eventName": ["INSERT"], "dynamodb": {"NewImage": _OF_SESSIONS | _NOT_ENDED}},
    ),
    EventFilter(
        "a row that ends",
        {"eventName": ["MODIFY"], "dynamodb": {"OldImage": _OF_SESSIONS | _NOT_ENDED, "NewImage": _ENDED}},
    ),
    EventFilter(
        "a row that had not ended is removed, by TTL or a caller",
        {"eventName": ["REMOVE"], "dynamodb": {"OldImage": _OF_SESSIONS | _NOT_ENDED}},
    ),
    EventFilter(
        "an ended row is removed by a caller",
        {"eventName": ["REMOVE"], **_BY_A_CALLER, "dynamodb": {"OldImage": _OF_SESSIONS | _ENDED}},
    ),
    WITHOUT_IMAGES,
)
"""Lambda takes at most five."""
