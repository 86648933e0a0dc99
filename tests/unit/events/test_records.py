"""From the records of the table's stream to events."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import pytest

from session_store import EndReason, ProviderSession, SessionStore
from session_store.aws.connection import Key, connect
from session_store.events import (
    ChildSessionCreated,
    ChildSessionEnded,
    ChildSessionErased,
    ChildSessionExpired,
    SessionCreated,
    SessionEnded,
    SessionErased,
    SessionEvent,
    SessionExpired,
)
from session_store.events.records import MissingImageError, event_of
from session_store.storage.attribute_values import Item
from session_store.storage.items import UNREADABLE
from session_store.testing import moto_store
from tests.support.scene import START, SignedIn
from tests.support.stream import TABLE, as_json, record_of
from tests.unit.events.conftest import Streamed

Does = Callable[[Streamed, SignedIn], object]

ANA: Final[dict[str, Any]] = {"customer_id": "ana"}
NO_EVENT: Final[dict[str, Does]] = {
    "a save": lambda here, ana: here.store.update_data(ana.id, {"cart": None}),
    "a refresh": lambda here, ana: here.store.extend_session(ana.id),
    "the first use of a new token": lambda here, ana: here.store.validate(ana.new_token),
    "the state closing": lambda here, ana: here.store.update_data(ana.id, {}, closing=True),
    "an end of all without a session": lambda here, _: here.store.end_customer_sessions("cleo"),
}
CHANGES: Final[dict[str, tuple[Does, list[tuple[type[SessionEvent], dict[str, Any]]]]]] = {
    "a sign-in": (lambda here, _: here.store.create_session("bo"), [(SessionCreated, {"customer_id": "bo"})]),
    "a visitor": (lambda here, _: here.store.create_session(), [(SessionCreated, {"customer_id": None})]),
    "a child": (lambda here, ana: here.store.create_child_session(ana.id), [(ChildSessionCreated, ANA)]),
    "a sign-out": (
        lambda here, ana: here.store.end_session(ana.id),
        [(SessionEnded, ANA | {"reason": EndReason.SIGNED_OUT})],
    ),
    "an end of a child": (
        lambda here, ana: here.store.end_child_session(ana.id, ana.child_id, reason="operator"),
        [(ChildSessionEnded, ANA | {"reason": EndReason.OPERATOR})],
    ),
    "a sign-in over a session": (
        lambda here, ana: here.store.create_session("ana", replaces=ana.token),
        [(SessionEnded, ANA | {"reason": EndReason.REPLACED}), (SessionCreated, ANA)],
    ),
    "an end of a session that is closing": (
        lambda here, ana: (here.store.update_data(ana.id, {}, closing=True), here.store.end_session(ana.id)),
        [(SessionEnded, ANA | {"version": 2})],
    ),
    "an erasure of a live session": (
        lambda here, _: here.store.erase_customer("ana"),
        [(SessionEnded, ANA | {"reason": EndReason.ALL_ENDED}), (ChildSessionErased, {}), (SessionErased, {})],
    ),
    "an erasure of an ended session": (
        lambda here, ana: (here.store.end_session(ana.id), here.store.erase_customer("ana")),
        [(SessionEnded, {"reason": EndReason.SIGNED_OUT}), (ChildSessionErased, {}), (SessionErased, {})],
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_gives_its_events_in_order(streamed: Streamed, ana: SignedIn, change: str) -> None:
    does, expected = CHANGES[change]

    events = streamed.events_of(lambda: does(streamed, ana))

    assert [type(event) for event in events] == [kind for kind, _ in expected]
    for event, (_, fields) in zip(events, expected, strict=True):
        assert {name: getattr(event, name) for name in fields} == fields
    numbers = [event.sequence_number for event in events]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("change", NO_EVENT)
def test_what_starts_and_ends_no_session_is_no_event(streamed: Streamed, ana: SignedIn, change: str) -> None:
    streamed.clock.advance(timedelta(minutes=10))

    records = streamed.records_of(lambda: NO_EVENT[change](streamed, ana))

    assert [event_of(record) for record in records] == [None] * len(records)


@pytest.mark.parametrize("kind", ["session", "child"])
def test_ttl_tells_of_what_had_not_ended_with_the_moment_at_which_it_ran_out(
    streamed: Streamed, ana: SignedIn, kind: str
) -> None:
    an_id = ana.id if kind == "session" else ana.child_id
    row = streamed.row(an_id)

    (event,) = streamed.events_of(lambda: streamed.client.remove(TABLE, row))

    session = ana.root.session
    moment = session.expires_at if kind == "session" else session.absolute_expires_at
    assert isinstance(event, SessionExpired if kind == "session" else ChildSessionExpired)
    assert (event.expired_at, event.customer_id, event.version) == (moment, "ana", 1)


def test_a_tombstone_that_ttl_removes_is_no_second_end(streamed: Streamed, ana: SignedIn) -> None:
    streamed.store.end_session(ana.id)
    streamed.store.end_child_session(ana.id, ana.child_id)
    rows = [streamed.row(ana.id), streamed.row(ana.child_id)]

    for row in rows:
        assert streamed.events_of(partial(streamed.client.remove, TABLE, row)) == []


def test_a_change_of_a_tombstone_is_no_event(streamed: Streamed, ana: SignedIn) -> None:
    streamed.store.end_session(ana.id)
    row = streamed.row(ana.id)

    assert event_of(record_of(row, row | {"ttl": {"N": "1"}})) is None


@pytest.mark.parametrize("by_ttl", [True, False])
def test_rows_of_other_kinds_are_no_events(streamed: Streamed, *, by_ttl: bool) -> None:
    session = ProviderSession("https://idp.example", "s-1", START)
    streamed.store.create_session("bo", idempotency_key="key", provider_session=session)
    streamed.store.end_by_provider_logout(session.issuer, jti="one", issued_at=START, expires_at=START, sid="s-2")
    others = [row for row in streamed.client.tables[TABLE].rows.values() if row["entity_type"]["S"] != "session"]

    assert len(others) == 5
    for row in others:
        for record in (record_of(None, row), record_of(row, row), record_of(row, None, by_ttl=by_ttl)):
            assert event_of(record) is None
            del record["dynamodb"]["Keys"]  # their images say enough
            assert event_of(record) is None


@pytest.mark.parametrize("row", [{"entity_type": {"S": "device"}}, {"entity_type": {"N": "1"}}, {}])
def test_rows_of_unknown_kinds_are_no_events(row: Item) -> None:
    row = {"PK": {"S": "device#1"}, "SK": {"S": "device#1"}, **row}

    for record in (record_of(None, row), record_of(row, row), record_of(row, None)):
        assert event_of(record) is None


def test_an_import_of_an_ended_session_is_no_event_and_that_of_a_live_one_is(streamed: Streamed, ana: SignedIn) -> None:
    live = streamed.row(ana.id)
    streamed.store.end_session(ana.id)

    assert event_of(record_of(None, streamed.row(ana.id))) is None
    assert isinstance(event_of(record_of(None, live)), SessionCreated)


def test_a_tombstone_from_before_reasons_were_kept_was_signed_out(streamed: Streamed, ana: SignedIn) -> None:
    live = streamed.row(ana.id)
    streamed.store.end_session(ana.id, reason=EndReason.THEFT)
    ended = {name: value for name, value in streamed.row(ana.id).items() if name != "end_reason"}

    event = event_of(record_of(live, ended))

    assert isinstance(event, SessionEnded)
    assert event.reason is EndReason.SIGNED_OUT


OF_THE_FIRST_RELEASE: Final = frozenset(
    {
        *("PK", "SK", "entity_type", "session_state", "version", "generation", "created_at", "last_seen_at"),
        *("idle_timeout", "expires_at", "absolute_expires_at", "ttl", "customer_id"),
    }
)


@pytest.mark.parametrize("kind", ["session", "child"])
def test_rows_that_lack_what_came_later_give_their_events(streamed: Streamed, ana: SignedIn, kind: str) -> None:
    row = streamed.row(ana.id if kind == "session" else ana.child_id)
    old = {name: value for name, value in row.items() if name in OF_THE_FIRST_RELEASE}
    ended = old | {"session_state": {"S": "ended"}}

    records = record_of(None, old), record_of(old, ended), record_of(old, None), record_of(old, None, by_ttl=True)
    events = [event_of(record) for record in records]

    assert [event and event.type.rpartition(".")[2] for event in events] == ["created", "ended", "erased", "expired"]


@pytest.mark.parametrize(("change", "image"), [("INSERT", "NewImage"), ("MODIFY", "NewImage"), ("REMOVE", "OldImage")])
def test_an_image_that_is_missing_is_an_error_for_a_sessions_row_alone(
    streamed: Streamed, ana: SignedIn, change: str, image: str
) -> None:
    for row in streamed.client.tables[TABLE].rows.values():
        record = record_of(row, row) | {"eventName": change}
        record["dynamodb"] = {name: value for name, value in record["dynamodb"].items() if name != image}
        if row["entity_type"]["S"] == "customer":
            assert event_of(record) is None
        else:
            with pytest.raises(MissingImageError, match=image):
                event_of(record)


def test_an_end_without_the_old_image_is_an_error(streamed: Streamed, ana: SignedIn) -> None:
    streamed.store.end_session(ana.id)
    record = record_of(streamed.row(ana.id), streamed.row(ana.id))
    del record["dynamodb"]["OldImage"]

    with pytest.raises(MissingImageError, match="OldImage"):
        event_of(record)


BROKEN: Final[dict[str, dict[str, Any]]] = {
    "a version that is no number": {"version": {"S": "one"}},
    "no moment of creation": {"created_at": None},
    "a key of another form": {"PK": {"S": "session#1"}},
    "a customer that is no text": {"customer_id": {"B": b"ana"}},
    "a time that is none": {"absolute_expires_at": {"N": "9" * 20}},
    "an attribute that is no value": {"session_state": "active"},
}


@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize("kind", ["session", "child"])
def test_a_row_in_another_form_is_an_error(streamed: Streamed, ana: SignedIn, fault: str, kind: str) -> None:
    row = streamed.row(ana.id if kind == "session" else ana.child_id) | BROKEN[fault]
    row = {name: value for name, value in row.items() if value is not None}

    for record in (record_of(None, row), record_of(row, None), record_of(row, None, by_ttl=True)):
        with pytest.raises(UNREADABLE):
            event_of(record)


@pytest.mark.parametrize("fault", BROKEN)
def test_an_end_is_told_of_whatever_the_row_was_before(streamed: Streamed, ana: SignedIn, fault: str) -> None:
    before = streamed.row(ana.id) | {name: value or {"NULL": True} for name, value in BROKEN[fault].items()}
    streamed.store.end_session(ana.id)
    if not isinstance(before["session_state"], dict):
        return

    assert isinstance(event_of(record_of(before, streamed.row(ana.id))), SessionEnded)


def test_data_with_a_codec_is_not_looked_at(streamed: Streamed, ana: SignedIn) -> None:
    row = streamed.row(ana.id) | {"data": {"B": b"\0"}, "data_codec": {"S": "newer"}}

    assert isinstance(event_of(record_of(None, row)), SessionCreated)


def test_an_event_has_the_moment_and_the_number_of_its_record(streamed: Streamed, ana: SignedIn) -> None:
    record = record_of(None, streamed.row(ana.id), 7)

    event = event_of(record)

    assert event is not None
    assert event.sequence_number == int(record["dynamodb"]["SequenceNumber"])
    assert event.time == datetime(2040, 1, 1, 12, 0, 7, tzinfo=UTC) == event.time.astimezone(UTC)


def test_records_of_a_stream_of_dynamodb_give_the_same(streamed: Streamed) -> None:
    """The form that the other tests build is that of a real stream, as far as moto has it."""
    place: dict[str, Any] = {"region_name": "us-east-1", "key": Key("testing", "testing")}

    def life(store: SessionStore) -> None:
        session = store.create_session("ana", data={"cart": ["tea"], "n": 1}).session
        child = store.create_child_session(session).child
        store.end_child_session(session.session_id, child.child_session_id)
        store.end_session(session.session_id, reason=EndReason.OPERATOR)
        store.create_session()
        store.erase_customer("ana")

    with moto_store(clock=streamed.clock) as store:
        images = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
        table = connect("dynamodb", **place).update_table(TableName=store.table_name, StreamSpecification=images)
        life(store)
        arn = table["TableDescription"]["LatestStreamArn"]
        streams = connect("dynamodbstreams", **place)
        (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        begin = {"ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        iterator = streams.get_shard_iterator(StreamArn=arn, **begin)["ShardIterator"]
        records = streams.get_records(ShardIterator=iterator)["Records"]
    for record in records:
        change = record["dynamodb"]
        change["ApproximateCreationDateTime"] = change["ApproximateCreationDateTime"].timestamp()
    events = [event for record in records if (event := event_of(json.loads(json.dumps(as_json(record)))))]

    def shown(of: list[SessionEvent]) -> list[object]:
        return [(type(event), getattr(event, "customer_id", None), getattr(event, "reason", None)) for event in of]

    assert shown(events) == shown(streamed.events_of(lambda: life(streamed.store)))
    assert len(events) == 7
