"""The function of lifecycle events: what it puts on its bus and into its parking queue."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final

from local.embedded_aws import EmbeddedAws
from session_store.settings import EVENT_BUS, PARKING_QUEUE_URL

_WITHIN: Final = 30  # seconds: after a cold start, on a busy machine
_FAILURES: Final = ("entries were not sent", "not parked")  # as the function logs them


class Lifecycle:
    """The deployed function.

    Args:
        aws: where it is.
        function: as Lambda describes it.
    """

    def __init__(self, aws: EmbeddedAws, function: dict[str, Any]) -> None:
        self._aws = aws
        self._log_group = function["LoggingConfig"]["LogGroup"]
        variables = function["Environment"]["Variables"]
        self.event_bus: str = variables[EVENT_BUS]
        self.queue_url: str = variables[PARKING_QUEUE_URL]
        self._begin = int(time.time() * 1000)

    @cached_property
    def events_url(self) -> str:
        """The URL of a queue that gets the bus's events from now on."""
        name = self.event_bus.rpartition("/")[2]
        queues, buses = self._client("sqs"), self._client("events")
        url: str = queues.create_queue(QueueName=f"Seen-{name}")["QueueUrl"]
        arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        buses.put_rule(Name="Seen", EventBusName=name, EventPattern=json.dumps({"source": ["session-store"]}))
        buses.put_targets(Rule="Seen", EventBusName=name, Targets=[{"Id": "Seen", "Arn": arn}])
        return url

    def brings(self, queue_url: str, text: str) -> bool:
        """Whether a message with the text comes, before the function says that it has failed."""
        end = time.monotonic() + _WITHIN
        while time.monotonic() < end:
            if any(text in body for body in self._taken(queue_url)):
                return True
            if any(failure in line for line in self._log() for failure in _FAILURES):
                return False
        return False

    def _taken(self, url: str) -> Iterator[str]:
        queues = self._client("sqs")
        for message in queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", ()):
            queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            yield message["Body"]

    def _log(self) -> Iterator[str]:
        pages = self._client("logs").get_paginator("filter_log_events")
        for page in pages.paginate(logGroupName=self._log_group, startTime=self._begin):
            yield from (each["message"] for each in page["events"])

    def _client(self, service: str) -> Any:
        session: Any = self._aws.session()
        return session.client(service, endpoint_url=self._aws.endpoint_url)
