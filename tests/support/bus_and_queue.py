"""EventBridge and SQS: clients of the SDK, whose requests are answered here, well or with a fault."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from types import SimpleNamespace
from typing import Any, ClassVar

from session_store.aws.connection import Key, connect
from session_store.testing import MovableClock

Entry = dict[str, Any]
Fault = Callable[[Sequence[Entry]], Any]


def of_entries(code: str, *positions: int) -> Fault:
    """Of a request the entries at these positions are refused with a code, all of them where none is given."""

    def answer(entries: Sequence[Entry]) -> dict[int, str]:
        return dict.fromkeys(positions or range(len(entries)), code)

    return answer


def of_request(code: str, status: int = 400) -> Fault:
    """The whole request is refused."""
    return lambda _: (code, status)


def no_answer(error: Exception) -> Fault:
    """The request gets no answer."""

    def answer(_: Sequence[Entry]) -> None:
        raise error

    return answer


@dataclass
class Service:
    """One of the two.

    Attributes:
        taken: the entries that were accepted, in order.
        sizes: of the requests, in entries.
        faults: of the next requests, in order. None for a good answer.
        always: the fault of all requests once there are no more of those.
    """

    clock: MovableClock
    seconds: float = 0.01  # that a request takes
    taken: list[Entry] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    faults: deque[Fault | None] = field(default_factory=deque)
    always: Fault | None = None

    def answer(self, entries: Sequence[Entry]) -> tuple[int, dict[str, Any], dict[int, str]]:
        """The status, the error of the whole request, and the codes of the entries that are refused."""
        self.sizes.append(len(entries))
        self.clock.advance(self.seconds)
        fault = self.faults.popleft() if self.faults else self.always
        found = fault(entries) if fault else {}
        if isinstance(found, tuple):
            return found[1], {"Error": {"Code": found[0], "Message": "no"}}, {}
        self.taken += [entry for position, entry in enumerate(entries) if position not in found]
        return 200, {}, found


class Services:
    """Both. The SDK's clients are made once: it takes them a tenth of a second."""

    current: ClassVar[Services]  # answers the clients

    def __init__(self) -> None:
        type(self).current = self
        self.clock = MovableClock()
        self.bus, self.queue = Service(self.clock), Service(self.clock)
        self.asked_for: list[str] = []  # the clients

    def client(self, service: str) -> Any:
        self.asked_for.append(service)
        return _client(service)

    @property
    def told(self) -> list[tuple[str, str]]:
        """The type and the sequence number of each event that the bus has accepted."""
        return [(each["DetailType"], json.loads(each["Detail"])["sequence_number"]) for each in self.bus.taken]

    @property
    def parked(self) -> list[dict[str, Any]]:
        """The messages in the queue."""
        return [json.loads(each["MessageBody"]) for each in self.queue.taken]

    def answer_events(self, entries: Sequence[Entry]) -> Any:
        """The reply to PutEvents."""
        status, error, codes = self.bus.answer(entries)
        replies = [
            {"ErrorCode": codes[position], "ErrorMessage": "no"} if position in codes else {"EventId": str(position)}
            for position in range(len(entries))
        ]
        return _reply(status, error or {"FailedEntryCount": len(codes), "Entries": replies})

    def answer_sqs(self, entries: Sequence[Entry]) -> Any:
        """The reply to SendMessage."""
        status, error, codes = self.queue.answer(entries)
        if codes:
            status, error = 400, {"Error": {"Code": codes[0], "Message": "no"}}
        return _reply(status, error or {"MessageId": "1"})


@cache
def _client(service: str) -> Any:
    client = connect(service, region_name="us-east-1", key=Key("testing", "testing"))
    client.meta.events.register("before-parameter-build", _note)
    client.meta.events.register("before-call", partial(_answer, f"answer_{service}"))
    return client


def _answer(name: str, context: dict[str, Any], **_: Any) -> Any:
    given = context["given"]
    return getattr(Services.current, name)(given.get("Entries", [given]))


def _note(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    context["given"] = dict(params)


def _reply(status: int, parsed: dict[str, Any]) -> Any:
    return SimpleNamespace(status_code=status), {"ResponseMetadata": {"HTTPStatusCode": status}} | parsed
