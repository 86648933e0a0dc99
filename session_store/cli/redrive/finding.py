"""Which events are due for a message: by the row as it is now, or by the stream as long as that has the records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from session_store.aws.advice import advice_for
from session_store.cli.exits import is_of_the_sdk
from session_store.cli.redrive.stream import TooOldError, batch_of, records_of
from session_store.events.parked import due, parked_message, read_parked
from session_store.events.records import event_of
from session_store.storage.items import UNREADABLE, key_item

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from session_store.aws.sessions import AwsSessions
    from session_store.cli.redrive.stream import Batch
    from session_store.events.parked import Parked
    from session_store.events.types import SessionEvent

_FOREIGN: Final = "it is no parked message"
_TOO_OLD: Final = "it is too old: the stream keeps records for 24 hours"
_INVALID: Final = frozenset({"ParamValidationError", "ValidationException"})


class Found(NamedTuple):
    """What a message stands for.

    Attributes:
        events: those that are due.
        unread: bodies of messages to park in its place, for records of a batch that cannot be read.
        problem: why it has to stay, empty when it has not.
    """

    events: Sequence[SessionEvent] = ()
    unread: Sequence[Mapping[str, Any]] = ()
    problem: str = ""


class Finder:
    """Finds out which events are due.

    Args:
        aws: the AWS sessions.
        table: the table's name.
    """

    def __init__(self, aws: AwsSessions, table: str) -> None:
        self._aws = aws
        self._table = table

    def find(self, body: str) -> Found:
        """What the message with this body stands for. A message of another form has a problem, and hides no other."""
        try:
            given = json.loads(body)
            if "DDBStreamBatchInfo" in given:
                return self._of_batch(batch_of(given))
            return self._of_parked(read_parked(given))
        except (*UNREADABLE, RecursionError):
            return Found(problem=_FOREIGN)
        except Exception as error:
            if is_of_the_sdk(error) and advice_for(error).code in _INVALID:  # by a key or an ARN that can be none
                return Found(problem=_FOREIGN)
            raise

    def _of_parked(self, parked: Parked) -> Found:
        if parked.table != self._table:
            return Found(problem=f"it is of the table {parked.table!r}")
        key = parked.key
        client = self._aws.client("dynamodb")
        row = client.get_item(TableName=self._table, Key=key_item(key), ConsistentRead=True).get("Item")
        try:
            event = due(parked, row)
        except UNREADABLE as error:
            where = f"PK {key.partition_key!r}, SK {key.sort_key!r}"  # ids may have characters that move a cursor
            return Found(problem=f"its row cannot be read, {type(error).__name__}: {where}")
        return Found(events=(event,) if event else ())

    def _of_batch(self, batch: Batch) -> Found:
        if batch.table != self._table:
            return Found(problem=f"it is of the table {batch.table!r}")
        events: list[SessionEvent] = []
        unread: list[Mapping[str, Any]] = []
        try:
            for record in records_of(self._aws.client("dynamodbstreams"), batch):
                try:
                    found = event_of(record)
                    events += (found,) if found else ()
                except UNREADABLE as error:
                    body = parked_message(record, error)
                    by_row = self._of_parked(read_parked(body))
                    events += by_row.events
                    unread += (body,) if by_row.problem else ()
        except TooOldError:
            return Found(problem=_TOO_OLD)
        return Found(events, unread)
