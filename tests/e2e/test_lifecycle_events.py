"""Lifecycle events end to end: table, stream, function, bus, rule, consumer, and what becomes of a broken row."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest
from click.testing import Result

from local.embedded_aws import ACCOUNT, REGION, Credentials
from session_store import InvalidTokenError, Session, SessionStore
from session_store.catalog.metrics import Metric
from session_store.catalog.operator_policies import POLICIES, Arns, policy_document
from session_store.cli.redrive import redriving
from session_store.cli.redrive.names import Names
from session_store.storage.items import key_item
from session_store.storage.records import SessionKey
from tests.canary.requests import stolen
from tests.e2e.test_command_line import run, variables
from tests.support.checked_api import CheckedApi
from tests.support.deployed import Deployed
from tests.support.embedded_aws import create_caller

SECONDS: Final = 20.0
PATTERN: Final = json.dumps({"source": ["session-store"]})
T = TypeVar("T")


def wait_for(look: Callable[[], T | None]) -> T:
    """The result of a look, once it finds something."""
    deadline = time.monotonic() + SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)
    return found


@dataclass
class Listener:
    """Every event of the bus, by a rule of its own and a queue."""

    queue: Any
    url: str
    heard: list[dict[str, Any]] = field(default_factory=list)

    def of(self, session_id: str) -> list[tuple[str, dict[str, Any]]]:
        """The events of a session so far: type and detail."""
        reply = self.queue.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
        for message in reply.get("Messages", []):
            self.queue.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            self.heard.append(json.loads(message["Body"]))
        return [(e["detail-type"], e["detail"]) for e in self.heard if e["detail"]["session_id"] == session_id]

    def wait_for(self, session_id: str, name: str) -> dict[str, Any]:
        """The detail of a session's event of a type, once it is there."""
        return wait_for(lambda: dict(self.of(session_id)).get(name))


@pytest.fixture(scope="module")
def listener(deployed: Deployed) -> Iterator[Listener]:
    queue, events = deployed.client("sqs"), deployed.client("events")
    url = queue.create_queue(QueueName="listener")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:listener"
    bus = deployed.deployment.event_bus.rpartition("/")[2]
    events.put_rule(Name="listener", EventBusName=bus, EventPattern=PATTERN)
    events.put_targets(Rule="listener", EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
    yield Listener(queue, url)
    events.remove_targets(Rule="listener", EventBusName=bus, Ids=["queue"])
    events.delete_rule(Name="listener", EventBusName=bus)


@pytest.fixture(scope="module")
def store(deployed: Deployed) -> SessionStore:
    return SessionStore(deployed.table_name, dynamodb_client=deployed.table_client())


def mail_to(deployed: Deployed, customer: str) -> str:
    """The mail that the consumer has written to its log."""
    logs, group = deployed.client("logs"), deployed.deployment.mails_log

    def look() -> str | None:
        events = logs.filter_log_events(logGroupName=group, filterPattern=f'"{customer}"')["events"]
        return next((each["message"] for each in events if customer in each["message"]), None)

    return wait_for(look)


def test_a_sign_in_reaches_the_consumer_which_writes_a_mail(
    deployed: Deployed, api: CheckedApi, listener: Listener, customer: str
) -> None:
    body = {"customer_id": customer, "client": "Firefox on Linux", "data": {"pin": "4711"}}
    session = api.request("POST", "/sessions", json_body=body).json["session"]

    detail = listener.wait_for(session["session_id"], "session.created")

    assert detail["customer_id"] == customer
    assert int(detail["sequence_number"]) > 0
    assert detail.keys() == {"session_id", "customer_id", "version", "sequence_number", "time"}
    mail = mail_to(deployed, customer)
    assert f"E-mail to {customer}@example.com: New sign-in at {detail['time'][:10]}" in mail
    assert "from Firefox on Linux." in mail


def test_an_end_says_why(store: SessionStore, listener: Listener, customer: str) -> None:
    signed_out, robbed = store.create_session(customer).session, store.create_session(customer)
    store.end_session(signed_out)
    with pytest.raises(InvalidTokenError):
        store.validate(stolen(robbed.token))
    kept = store.create_session(customer)
    child = store.create_child_session(kept.session).child
    store.end_child_session(kept.session.session_id, child.child_session_id)
    store.end_customer_sessions(customer)

    reasons = [
        listener.wait_for(each.session_id, name)["reason"]
        for each, name in (
            (signed_out, "session.ended"),
            (robbed.session, "session.ended"),
            (kept.session, "child_session.ended"),
            (kept.session, "session.ended"),
        )
    ]
    assert reasons == ["signed_out", "theft", "signed_out", "all_ended"]
    of_child = dict(listener.of(kept.session.session_id))["child_session.created"]
    assert (of_child["child_session_id"], of_child["customer_id"]) == (child.child_session_id, customer)


def test_a_deleted_row_is_told_of_without_its_customer(
    deployed: Deployed, store: SessionStore, listener: Listener, customer: str
) -> None:
    session = store.create_session(customer).session
    key = key_item(SessionKey(session.session_id, customer))
    deployed.table_client().delete_item(TableName=deployed.table_name, Key=key)

    detail = listener.wait_for(session.session_id, "session.erased")
    assert detail.keys() == {"session_id", "version", "sequence_number", "time"}


def test_a_refresh_and_a_save_wake_nothing(
    deployed: Deployed, store: SessionStore, listener: Listener, customer: str
) -> None:
    """Each batch has a line with its changes. The mapping passes them on in order, so the last event is behind all."""
    created = store.create_session(customer)
    deployed.set_times(created.session.session_id, customer, last_seen_at=time.time() - 1000)
    store.validate(created.token)
    store.update_data(created.session, {"cart": ["tea"]})
    assert store.validate(created.token).last_seen_at >= created.session.created_at
    listener.wait_for(store.create_session(customer).session.session_id, "session.created")

    assert [name for name, _ in listener.of(created.session.session_id)] == ["session.created"]
    lines = [json.loads(line.text) for line in deployed.log_lines() if '"changes":' in line.text]
    assert lines
    told = (Metric.LIFECYCLE_EVENTS, Metric.CHANGES_PARKED)
    assert [line for line in lines if line["changes"] != sum(line.get(name, 0) for name in told)] == []


def waiting_in(deployed: Deployed) -> int:
    asked = deployed.client("sqs").get_queue_attributes(
        QueueUrl=deployed.deployment.parking_queue_url, AttributeNames=["All"]
    )["Attributes"]
    return int(asked["ApproximateNumberOfMessages"]) + int(asked["ApproximateNumberOfMessagesNotVisible"])


@pytest.fixture(scope="module")
def key_to_redrive(deployed: Deployed) -> Credentials:
    """Of an operator who may redrive, and nothing else."""
    names = Names(deployed.deployment.parking_queue_url, deployed.deployment.event_bus)
    arns = Arns(f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{deployed.table_name}", others=names.arns("aws", REGION))
    return create_caller(deployed.aws, "operator-redrive", policy_document(POLICIES["redrive"], arns))


@pytest.fixture
def redrive(
    deployed: Deployed, key_to_redrive: Credentials, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """Runs the command."""
    monkeypatch.setattr(redriving, "WAIT_SECONDS", 0)  # the embedded AWS keeps a queue in one place
    monkeypatch.chdir(tmp_path)
    return partial(run, "redrive", **variables(deployed, key_to_redrive))


def stream_of(deployed: Deployed) -> str:
    """The ARN of the table's stream."""
    table = deployed.table_client().describe_table(TableName=deployed.table_name)["Table"]
    return table["LatestStreamArn"]


def put_broken_row(deployed: Deployed, like: Session) -> SessionKey:
    """A new row by hand, with all that a session's has but its version."""
    table = deployed.table_client()
    row = table.get_item(TableName=deployed.table_name, Key=key_item(SessionKey(like.session_id, like.customer_id)))
    key = SessionKey(f"{like.session_id[:-12]}{uuid.uuid4().hex[:12]}", like.customer_id)
    item = {name: value for name, value in row["Item"].items() if name != "version"} | key_item(key)
    table.put_item(TableName=deployed.table_name, Item=item)
    return key


def test_a_broken_row_is_parked_and_holds_up_nothing_and_once_repaired_its_event_is_sent(
    deployed: Deployed, store: SessionStore, listener: Listener, customer: str, redrive: Callable[..., Result]
) -> None:
    broken = put_broken_row(deployed, store.create_session(customer, client="Safari on iPhone").session)
    other = store.create_session(customer).session
    listener.wait_for(other.session_id, "session.created")
    assert wait_for(lambda: waiting_in(deployed)) == 1

    done = redrive()
    assert (done.exit_code, f"PK 'suuid#{broken.session_id}'" in done.stderr) == (1, True)
    assert not listener.of(broken.session_id)
    deployed.set_times(broken.session_id, customer, version=1)
    assert json.loads(redrive("--dry-run").stdout)["result"] == "due"
    done = redrive()
    assert (done.exit_code, json.loads(done.stdout)["result"]) == (0, "sent")

    assert listener.wait_for(broken.session_id, "session.created")["customer_id"] == customer
    assert waiting_in(deployed) == 0
    assert redrive().stderr == "The parking queue is empty.\n"


def test_the_events_of_a_batch_that_lambda_gave_up_on_are_sent_from_the_stream(
    deployed: Deployed, store: SessionStore, listener: Listener, customer: str, redrive: Callable[..., Result]
) -> None:
    """Here Lambda never gives up, so the message is made by hand."""
    session = store.create_session(customer, data={"cart": ["tea"]}).session
    number = listener.wait_for(session.session_id, "session.created")["sequence_number"]
    streams, stream = deployed.client("dynamodbstreams"), stream_of(deployed)
    (shard,) = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    place = {"streamArn": stream, "shardId": shard["ShardId"]}
    place |= dict.fromkeys(("startSequenceNumber", "endSequenceNumber"), number.zfill(30))
    deployed.client("sqs").send_message(
        QueueUrl=deployed.deployment.parking_queue_url, MessageBody=json.dumps({"DDBStreamBatchInfo": place})
    )

    done = redrive(**variables(deployed))  # the embedded AWS wants the permission to read streams on `*`
    assert (done.exit_code, done.stderr) == (0, "Messages: 1. Events sent: 1. Messages that stay: 0.\n")
    assert json.loads(done.stdout)["sequence_number"] == number
    again = wait_for(lambda: [e for name, e in listener.of(session.session_id) if name == "session.created"][1:])
    assert again[0]["sequence_number"] == number
