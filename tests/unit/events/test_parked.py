"""Parked messages, and what is due of them later."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

import session_store
from session_store import EndReason
from session_store.events import (
    ChildSessionErased,
    ChildSessionExpired,
    SessionCreated,
    SessionEnded,
    SessionErased,
    SessionEvent,
    SessionExpired,
)
from session_store.events.parked import Parked, due, parked_message, read_parked
from session_store.events.records import event_of
from session_store.storage.attribute_values import Item
from session_store.storage.items import UNREADABLE
from tests.support.scene import SignedIn
from tests.support.stream import TABLE, Record, record_of
from tests.unit.events.conftest import Streamed


def parked(record: Record) -> Parked:
    """A record's message, once it went through the queue."""
    return read_parked(json.loads(json.dumps(parked_message(record, KeyError("version")))))


def broken(row: Item) -> Item:
    return row | {"version": {"S": "one"}}


def test_a_message_names_the_row_and_the_cause_and_holds_nothing_of_the_row(streamed: Streamed, ana: SignedIn) -> None:
    row = streamed.row(ana.id)
    record = record_of(broken(row), None, 7, by_ttl=True)

    assert parked_message(record, KeyError("tea")) == {
        "table": TABLE,
        "keys": {"PK": row["PK"]["S"], "SK": row["SK"]["S"]},
        "event_name": "REMOVE",
        "removed_by_ttl": True,
        "sequence_number": record["dynamodb"]["SequenceNumber"],
        "time": "2040-01-01T12:00:07Z",
        "cause": "KeyError",
        "code_version": session_store.__version__,
    }


@pytest.mark.parametrize("record", [{}, {"dynamodb": None}, None, [], {"dynamodb": {"Keys": {"PK": {"N": "1"}}}}])
def test_a_record_of_any_form_has_a_message_which_redrives_to_nothing(record: Any) -> None:
    message = parked_message(record, TypeError())

    assert message["cause"] == "TypeError"
    with pytest.raises(UNREADABLE):
        read_parked(message)


@pytest.mark.parametrize("body", [{}, {"keys": {}}, [], None, {"DDBStreamBatchInfo": {}}])
def test_another_message_is_an_error(body: Any) -> None:
    with pytest.raises(UNREADABLE):
        read_parked(body)


def test_a_start_is_due_as_long_as_there_is_a_row_that_can_be_read(streamed: Streamed, ana: SignedIn) -> None:
    row = streamed.row(ana.id)
    record = record_of(None, broken(row))

    with pytest.raises(UNREADABLE):
        due(parked(record), broken(row))
    assert due(parked(record), row) == event_of(record_of(None, row))
    streamed.store.end_session(ana.id)
    assert isinstance(due(parked(record), streamed.row(ana.id)), SessionCreated)
    assert due(parked(record), None) is None


def test_an_end_is_due_with_its_reason_once_the_row_says_so(streamed: Streamed, ana: SignedIn) -> None:
    row = streamed.row(ana.id)
    message = parked(record_of(broken(row), broken(row)))

    assert due(message, row) is None
    streamed.store.end_session(ana.id, reason=EndReason.SESSION_LIMIT)
    event = due(message, streamed.row(ana.id))
    assert isinstance(event, SessionEnded)
    assert (event.reason, event.sequence_number) == (EndReason.SESSION_LIMIT, message.place.sequence_number)
    assert due(message, None) is None


@pytest.mark.parametrize("there_again", [False, True])
def test_the_end_of_a_row_is_due_without_it(streamed: Streamed, ana: SignedIn, *, there_again: bool) -> None:
    kinds: dict[str, tuple[type[SessionEvent], type[SessionEvent]]] = {
        ana.id: (SessionErased, SessionExpired),
        ana.child_id: (ChildSessionErased, ChildSessionExpired),
    }
    for an_id, (erased, expired) in kinds.items():
        row = streamed.row(an_id)
        removal, by_ttl = (parked(record_of(broken(row), None, by_ttl=ttl)) for ttl in (False, True))

        events = [due(message, row if there_again else None) for message in (removal, by_ttl)]

        assert [type(event) for event in events] == [erased, expired]
        assert [event and (event.session_id, event.version) for event in events] == [(ana.id, 0)] * 2
        assert isinstance(events[1], SessionExpired | ChildSessionExpired)
        assert events[1].expired_at == by_ttl.place.time
        assert events[1].customer_id == ("ana" if an_id == ana.id else None)


def test_a_row_with_data_of_an_unknown_codec_is_read(streamed: Streamed, ana: SignedIn) -> None:
    row = streamed.row(ana.id) | {"data": {"B": b"\0"}, "data_codec": {"S": "newer"}}

    assert isinstance(due(parked(record_of(None, row)), row), SessionCreated)


def test_what_is_due_later_is_older_than_what_was_told_meanwhile(streamed: Streamed, ana: SignedIn) -> None:
    message = parked(record_of(None, broken(streamed.row(ana.id))))
    streamed.clock.advance(timedelta(days=1))
    (ended,) = streamed.events_of(lambda: streamed.store.end_session(ana.id))

    start = due(message, streamed.row(ana.id))

    assert start is not None
    assert start.sequence_number < ended.sequence_number
