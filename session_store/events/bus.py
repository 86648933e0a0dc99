"""The event bus."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from session_store.events.delivery import Answer, deliver
from session_store.events.types import SOURCE, detail_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from session_store.events.types import SessionEvent
    from session_store.storage.deadline import Deadline

    Entry = dict[str, Any]

MAX_ENTRIES: Final = 10
MAX_BYTES: Final = 256 * 1024  # of an entry, and of all entries of a request
_TIME_BYTES: Final = 14
_NO_CODE: Final = "InternalFailure"


def entry(event: SessionEvent, event_bus: str) -> Entry:
    """An event as an entry of PutEvents.

    Args:
        event: the event.
        event_bus: name or ARN of the bus.
    """
    return {
        "EventBusName": event_bus,
        "Source": SOURCE,
        "DetailType": event.type,
        "Time": event.time,
        "Detail": json.dumps(detail_of(event), ensure_ascii=False, separators=(",", ":")),
    }


def put(client: Any, entries: Sequence[Entry], deadline: Deadline) -> list[Answer]:  # noqa: ANN401 - made at run time
    """Put entries on their bus, in order. After a request of which one has failed no other is made.

    Args:
        client: of EventBridge.
        entries: the entries.
        deadline: when no further attempt may start.

    Returns:
        The answer to each entry up to the first one that has failed.
    """

    def send(numbers: Sequence[int]) -> list[str | None]:
        replies = client.put_events(Entries=[entries[number] for number in numbers])["Entries"]
        return [None if "EventId" in reply else reply.get("ErrorCode", _NO_CODE) for reply in replies]

    answers: list[Answer] = []
    for number, of_request in enumerate(_requests(entries)):
        if number and deadline.passed:
            return [*answers, Answer.FAILED]
        fits = sum(_size(entries[each]) for each in of_request) <= MAX_BYTES
        outcomes = deliver(send, of_request, deadline) if fits else {of_request[0]: Answer.REFUSED}
        for each in of_request:
            answers.append(outcomes[each])
            if outcomes[each] is Answer.FAILED:
                return answers
    return answers


def _requests(entries: Sequence[Entry]) -> Iterator[range]:
    """The numbers of each request's entries: as many as fit into one, or one that does not fit."""
    begin = total = 0
    for number, one in enumerate(entries):
        total += _size(one)
        if number > begin and (number - begin == MAX_ENTRIES or total > MAX_BYTES):
            yield range(begin, number)
            begin, total = number, _size(one)
    if entries:
        yield range(begin, len(entries))


def _size(one: Entry) -> int:
    """The bytes that EventBridge counts."""
    return _TIME_BYTES + sum(len(one[name].encode()) for name in ("Source", "DetailType", "Detail"))
