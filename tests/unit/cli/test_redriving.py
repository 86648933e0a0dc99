"""`session-store redrive`: nothing is lost, and what is not done is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from session_store import Session
from session_store.cli.redrive import redriving
from session_store.storage.attribute_values import AttributeValue, binary, number, string
from session_store.storage.items import key_item
from session_store.storage.records import ChildKey, SessionKey
from tests.unit.cli.conftest import CommandLine
from tests.unit.cli.parking import Parking, failing, key_of, parking_beside

GONE = SessionKey("01880fb9-92c0-7001-8abc-000000000002", "ABC")


@pytest.fixture
def parking(moto_command_line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parking]:
    monkeypatch.setattr(redriving, "WAIT_SECONDS", 0)  # moto keeps a queue in one place
    yield from parking_beside(moto_command_line)


@pytest.fixture
def session(parking: Parking) -> Session:
    return parking.command_line.store.create_session("ABC").session


def set_version(session: Session, value: AttributeValue) -> None:
    """Break or repair a session's row by hand."""
    boto3.client("dynamodb").update_item(
        TableName="sessions",
        Key=key_item(key_of(session)),
        UpdateExpression="SET #version = :value",
        ExpressionAttributeNames={"#version": "version"},
        ExpressionAttributeValues={":value": value},
    )


def test_an_event_is_sent_and_its_message_deleted(parking: Parking, session: Session) -> None:
    parking.park(key_of(session), number=7)

    (row,) = parking.rows()

    del row["message_id"]
    assert row == {
        "event": "session.created",
        "session_id": session.session_id,
        "child_session_id": None,
        "sequence_number": "7",
        "result": "sent",
    }
    assert parking.sent == [("session.created", session.session_id)]
    assert parking.left == 0


def test_what_happened_to_the_row_since_decides_what_is_due(parking: Parking, session: Session) -> None:
    store = parking.command_line.store
    child = store.create_child_session(session).child
    store.end_session(session)
    parking.park(key_of(session), "MODIFY")
    parking.park(ChildKey(session.session_id, child.child_session_id))
    parking.park(GONE, "MODIFY")

    results = {row["event"]: row["result"] for row in parking.rows()}

    assert results == {"session.ended": "sent", "child_session.created": "sent", None: "nothing due"}
    assert parking.left == 0


def test_a_row_that_still_cannot_be_read_is_named_and_holds_up_no_other(parking: Parking, session: Session) -> None:
    broken = parking.command_line.store.create_session("XYZ").session
    set_version(broken, string("of a newer form"))
    for each in (broken, session):
        parking.park(key_of(each))

    done = parking.redrive()

    assert done.exit_code == 1
    assert f"its row cannot be read, KeyError: PK 'suuid#{broken.session_id}', SK 'c#XYZ'\n" in done.stderr
    assert "Messages: 2. Events sent: 1. Messages that stay: 1.\n" in done.stderr
    assert parking.sent == [("session.created", session.session_id)]
    assert parking.left == 1
    set_version(broken, number(1))
    assert [row["result"] for row in parking.rows()] == ["sent"]
    assert parking.left == 0


def test_a_dry_run_lists_what_is_due_and_sends_nothing(parking: Parking, session: Session) -> None:
    parking.park(key_of(session))

    for _ in range(2):
        assert [row["result"] for row in parking.rows("--dry-run")] == ["due"]
        assert (parking.sent, parking.left) == ([], 1)


def test_a_limit_leaves_the_others(parking: Parking) -> None:
    for _ in range(13):
        parking.park(key_of(parking.command_line.store.create_session("ABC").session))

    assert len(parking.rows("--limit", "11")) == len(parking.sent) == 11
    assert parking.left == 2
    assert len(parking.rows()) == 2


def test_messages_of_another_form_are_named_and_left(parking: Parking, session: Session) -> None:
    place = {"startSequenceNumber": "2", "endSequenceNumber": "1", "streamArn": "arn", "shardId": "s"}
    bodies: tuple[object, ...] = (
        " ",
        "[" * 100_000,
        "no JSON",
        "[]",
        "1",
        "null",
        "{}",
        {"keys": {}},
        {"DDBStreamBatchInfo": {}},
    )
    for body in (*bodies, {"DDBStreamBatchInfo": 1}, {"DDBStreamBatchInfo": place}):
        parking.put(body if isinstance(body, str) else json.dumps(body))
    for keys in ({"PK": "", "SK": ""}, {"PK": 1, "SK": 2}):
        parking.park(GONE, keys=keys)
    parking.park(key_of(session))

    done = parking.redrive()

    assert (done.exit_code, len(parking.sent), parking.left) == (1, 1, 13)
    assert done.stderr.count(": it is no parked message\n") == 13


def test_a_key_that_dynamodb_refuses_is_no_parked_messages(parking: Parking) -> None:
    parking.before = failing("GetItem", "ValidationException")  # moto takes keys of any length
    parking.park(GONE)

    done = parking.redrive()

    assert (done.exit_code, parking.left) == (1, 1)
    assert ": it is no parked message\n" in done.stderr


def test_a_message_of_another_table_is_left_for_it(parking: Parking, session: Session) -> None:
    parking.park(key_of(session), table="sessions-before-the-restore")

    done = parking.redrive()

    assert (done.exit_code, parking.left, parking.sent) == (1, 1, [])
    assert ": it is of the table 'sessions-before-the-restore'\n" in done.stderr


def test_an_event_that_the_bus_refuses_stays(parking: Parking, session: Session) -> None:
    other = parking.command_line.store.create_session("XYZ").session
    parking.refused = {other.session_id}
    for each in (session, other):
        parking.park(key_of(each))

    done = parking.redrive()

    assert done.exit_code == 1
    assert ": the event bus refused it, ThrottlingException\n" in done.stderr
    assert (len(parking.sent), parking.left) == (1, 1)
    parking.refused = set()
    assert [row["session_id"] for row in parking.rows()] == [other.session_id]


@pytest.mark.parametrize(
    ("operation", "code", "status"),
    [
        ("PutEvents", "AccessDeniedException", 4),
        ("GetItem", "ThrottlingException", 5),
        ("DeleteMessageBatch", "AccessDenied", 4),
    ],
)
def test_a_call_that_fails_ends_it_and_loses_nothing(
    parking: Parking, session: Session, operation: str, code: str, status: int
) -> None:
    parking.park(key_of(session))
    parking.before = failing(operation, code)

    done = parking.redrive()

    assert done.exit_code == status
    assert "What was not sent is still in the queue. To go on, give the same command again." in done.stderr
    assert parking.left == 1


def test_interrupted_between_sending_and_deleting_it_sends_again(parking: Parking, session: Session) -> None:
    def interrupt(operation: str, _: object) -> None:
        if operation == "DeleteMessageBatch":
            raise KeyboardInterrupt

    parking.park(key_of(session))
    parking.before = interrupt
    assert parking.redrive().exit_code == 130

    parking.before = lambda *_: None
    assert [row["result"] for row in parking.rows()] == ["sent"]
    assert parking.sent == [("session.created", session.session_id)] * 2


def test_a_message_that_sqs_does_not_delete_is_named(parking: Parking, session: Session) -> None:
    def refuse_the_first(operation: str, parameters: dict[str, Any]) -> None:
        if operation == "DeleteMessageBatch":
            parameters["Entries"][0]["ReceiptHandle"] = "of no message"

    parking.park(key_of(session))
    parking.before = refuse_the_first

    done = parking.redrive()

    assert done.exit_code == 1
    assert ": its events are sent, but SQS did not delete it, ReceiptHandleIsInvalid\n" in done.stderr


def test_an_empty_queue_is_said_plainly(parking: Parking) -> None:
    for form, said in (("jsonl", ""), ("json", "[]\n")):
        done = parking.redrive("--output", form)
        assert (done.exit_code, done.stdout, done.stderr) == (0, said, "The parking queue is empty.\n")


def test_messages_that_another_redrive_has_are_no_empty_queue(parking: Parking, session: Session) -> None:
    parking.park(key_of(session))
    inner: list[str] = []

    def redrive_too(operation: str, _: object) -> None:
        if operation == "PutEvents" and not inner:
            inner.append(parking.redrive().stderr)

    parking.before = redrive_too
    assert [row["result"] for row in parking.rows()] == ["sent"]
    assert inner[0].startswith("No message can be taken. About 1 are hidden")


@pytest.fixture
def stream(parking: Parking) -> str:
    """The ARN of the table's stream, which is on from now."""
    table = boto3.client("dynamodb").update_table(
        TableName="sessions", StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    )
    return str(table["TableDescription"]["LatestStreamArn"])


def lost_batch(stream: str, *, first: int = 0, last: int = -1) -> str:
    """What Lambda puts into the queue of a batch that it gave up on: the places of records in the stream."""
    client = boto3.client("dynamodbstreams")
    (shard,) = client.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    begin = client.get_shard_iterator(StreamArn=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
    records = client.get_records(ShardIterator=begin["ShardIterator"])["Records"]
    numbers = [each["dynamodb"]["SequenceNumber"] for each in records]
    place = {
        "shardId": shard["ShardId"],
        "startSequenceNumber": numbers[first],
        "endSequenceNumber": numbers[last],
        "streamArn": stream,
    }
    return json.dumps({"requestContext": {"condition": "RetryAttemptsExhausted"}, "DDBStreamBatchInfo": place})


def test_a_batch_that_lambda_gave_up_on_is_read_from_the_stream(
    parking: Parking, session: Session, stream: str
) -> None:
    store = parking.command_line.store
    visitor = store.create_session(None, data={"cart": ["tea"]}).session
    store.update_data(visitor, {"cart": []})
    store.end_session(visitor)
    store.create_session(None)
    parking.put(lost_batch(stream, last=2))

    rows = parking.rows()

    assert [(row["event"], row["session_id"]) for row in rows] == parking.sent
    assert parking.sent == [("session.created", visitor.session_id), ("session.ended", visitor.session_id)]
    assert parking.left == 0


def test_bytes_of_such_a_record_are_read_as_those_that_lambda_passes(
    parking: Parking, session: Session, stream: str
) -> None:
    client = boto3.client("dynamodb")
    row = client.get_item(TableName="sessions", Key=key_item(key_of(session)))["Item"]
    client.put_item(TableName="sessions", Item=row | key_item(GONE) | {"customer_row": binary(b"A")})
    client.delete_item(TableName="sessions", Key=key_item(GONE))  # so that the images alone tell of it
    parking.put(lost_batch(stream))

    assert [row["event"] for row in parking.rows()] == ["session.created", "session.erased"]


def test_a_record_of_such_a_batch_that_cannot_be_read_is_parked_by_itself(parking: Parking, stream: str) -> None:
    rows = {name: {"S": name} for name in ("PK", "SK")} | {"entity_type": {"S": "session"}}
    boto3.client("dynamodb").put_item(TableName="sessions", Item=rows)
    good = parking.command_line.store.create_session(None).session
    parking.put(lost_batch(stream))

    done = parking.redrive("--limit", "1")

    results = [json.loads(line)["result"] for line in done.stdout.splitlines()]
    assert (done.exit_code, results) == (0, ["sent", "parked again"])
    assert parking.sent == [("session.created", good.session_id)]
    assert parking.left == 1
    assert ": its row cannot be read, KeyError: PK 'PK', SK 'SK'\n" in parking.redrive().stderr


@pytest.mark.parametrize(
    ("operation", "code"),
    [("GetShardIterator", "ResourceNotFoundException"), ("GetRecords", "TrimmedDataAccessException")],
)
def test_a_batch_that_the_stream_has_no_more_is_too_old(
    parking: Parking, stream: str, operation: str, code: str
) -> None:
    parking.command_line.store.create_session(None)
    parking.put(lost_batch(stream))
    parking.before = failing(operation, code)

    done = parking.redrive()

    assert (done.exit_code, parking.left) == (1, 1)
    assert ": it is too old: the stream keeps records for 24 hours\n" in done.stderr


def test_without_a_queue_or_a_bus_it_says_how_to_name_one(parking: Parking) -> None:
    run = parking.command_line.run

    done = run("redrive")
    assert (done.exit_code, "Give --queue-url, or set SESSION_PARKING_QUEUE_URL." in done.stderr) == (2, True)
    done = run("redrive", "--queue-url", parking.url)
    assert (done.exit_code, "Give --event-bus, or set SESSION_EVENT_BUS." in done.stderr) == (2, True)
    done = run("redrive", "--queue-url", "parking", "--event-bus", "default")
    assert (done.exit_code, "'parking' is no URL like https://sqs." in done.stderr) == (2, True)
    done = run("redrive", SESSION_PARKING_QUEUE_URL=parking.url, SESSION_EVENT_BUS="default")
    assert (done.exit_code, done.stderr) == (0, "The parking queue is empty.\n")


def test_a_queue_that_there_is_not_has_advice(parking: Parking) -> None:
    done = parking.redrive("--queue-url", f"{parking.url}-of-another")

    assert done.exit_code == 4
    assert "There is no such queue" in done.stderr
