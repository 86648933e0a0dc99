"""A parking queue beside a table on moto, and the event bus's calls."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import boto3
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from click.testing import Result

from session_store import Session
from session_store.storage.items import key_item
from session_store.storage.records import ChildKey, SessionKey
from tests.unit.cli.conftest import CommandLine

Calls = Callable[[str, dict[str, Any]], None]


@dataclass
class Parking:
    """The queue, and what `redrive` does to it.

    Attributes:
        sqs: a client.
        url: the queue's.
        sent: the events that the bus has accepted, by detail type and session.
        refused: ids of sessions whose events it does not accept.
        before: is told of each call before it is made, and may raise.
    """

    command_line: CommandLine
    sqs: Any
    url: str
    sent: list[tuple[str, str]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    before: Calls = lambda *_: None

    def redrive(self, *arguments: str) -> Result:
        """Run the command."""
        return self.command_line.run("redrive", "--queue-url", self.url, "--event-bus", "default", *arguments)

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        """The rows of a command that has to succeed."""
        done = self.redrive(*arguments)
        assert done.exit_code == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def put(self, body: str) -> None:
        """Add a message of any form."""
        self.sqs.send_message(QueueUrl=self.url, MessageBody=body)

    def park(self, key: SessionKey | ChildKey, event_name: str = "INSERT", number: int = 1, **other: Any) -> None:
        """Add a message as the stream's function does."""
        keys = {name: value["S"] for name, value in key_item(key).items()}
        message = {
            "table": self.command_line.store.table_name,
            "keys": keys,
            "event_name": event_name,
            "removed_by_ttl": False,
            "sequence_number": f"{number:021}",
            "time": "2026-11-27T12:00:00+00:00",
            "cause": "KeyError",
            "code_version": "1",
        }
        self.put(json.dumps(message | other))

    @property
    def left(self) -> int:
        """How many messages can be taken."""
        asked = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["ApproximateNumberOfMessages"])
        return int(asked["Attributes"]["ApproximateNumberOfMessages"])


def key_of(session: Session) -> SessionKey:
    """The key of a session's row."""
    return SessionKey(session.session_id, session.customer_id)


def failing(operation: str, code: str) -> Calls:
    """Makes the calls of an operation fail."""

    def before(name: str, _: dict[str, Any]) -> None:
        if name == operation:
            raise ClientError({"Error": {"Code": code, "Message": ""}}, operation)

    return before


def parking_beside(command_line: CommandLine) -> Iterator[Parking]:
    """An empty queue. moto accepts every event, so what the bus refuses is made up here."""
    sqs = boto3.client("sqs")
    parking = Parking(command_line, sqs, sqs.create_queue(QueueName="parking")["QueueUrl"])
    make = getattr(BaseClient, "_make_api_call")  # noqa: B009 - its types do not tell of it

    def call(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        parking.before(operation, parameters)
        if operation != "PutEvents":
            return make(client, operation, parameters)
        entries = [(each["DetailType"], json.loads(each["Detail"])["session_id"]) for each in parameters["Entries"]]
        parking.sent += [entry for entry in entries if entry[1] not in parking.refused]
        accepted, refused = {"EventId": "1"}, {"ErrorCode": "ThrottlingException"}
        return {"Entries": [refused if session in parking.refused else accepted for _, session in entries]}

    with patch.object(BaseClient, "_make_api_call", call):
        yield parking
