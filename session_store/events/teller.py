"""Tells of a batch of changes: events go on the bus, and what gives none it should into the parking queue."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from session_store.clock import SystemClock
from session_store.events.bus import entry, put
from session_store.events.delivery import Answer
from session_store.events.parked import parked_message
from session_store.events.queue import park
from session_store.events.records import event_of
from session_store.log import logger
from session_store.storage.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from session_store.clock import Clock
    from session_store.events.bus import Entry
    from session_store.events.records import StreamRecord

_ATTEMPT_SECONDS: Final = 1.5  # at most, by the timeouts of our clients
_FOR_PARKING: Final = 2.5  # seconds of a call that are left for the queue
_LONGEST: Final = 30.0  # seconds: Lambda brings again what is not done by then


class RefusedEventError(Exception):
    """EventBridge refuses an event for a reason of its own, for instance its size."""


@dataclass
class Told:
    """The outcome of a batch.

    Attributes:
        done: so many changes from the beginning on are told of, parked, or no events. The others come again.
        events: the events that the bus has accepted, by type.
        parked: changes that are in the parking queue.
    """

    done: int
    events: Counter[str] = field(default_factory=Counter)
    parked: int = 0


class Teller:
    """Tells of batches.

    Args:
        event_bus: name or ARN of the event bus.
        queue_url: of the parking queue.
        client: the client of the service of this name. It is asked for at its first use.
        clock: for tests.
    """

    def __init__(
        self, event_bus: str, queue_url: str, *, client: Callable[[str], Any], clock: Clock | None = None
    ) -> None:
        self._event_bus = event_bus
        self._queue_url = queue_url
        self._client = client
        self._clock = clock or SystemClock()

    def tell(self, records: Sequence[StreamRecord], seconds_left: Callable[[], float]) -> Told:
        """Tell of a batch, in its order.

        At the first event that the bus does not take for now all stops: from there on the batch comes again, and what
        is parked before it does not. A change that the queue does not take comes again, too, and all after it.

        Args:
            records: as Lambda hands them over.
            seconds_left: of the call, infinite where that is not known.
        """
        told = Told(len(records))
        entries, causes = self._read(records)
        self._put(entries, causes, told, self._deadline(min(_LONGEST, seconds_left()) - _FOR_PARKING))
        causes = {position: causes[position] for position in sorted(causes) if position < told.done}
        self._park(records, causes, told, self._deadline(min(_LONGEST, seconds_left())))
        return told

    def _read(self, records: Sequence[StreamRecord]) -> tuple[dict[int, Entry], dict[int, Exception]]:
        """The events, and why there are none, each by the change's position."""
        entries: dict[int, Entry] = {}
        causes: dict[int, Exception] = {}
        for position, record in enumerate(records):
            try:
                event = event_of(record)
                if event is not None:
                    entries[position] = entry(event, self._event_bus)
            except Exception as error:  # noqa: BLE001 - no fault of one change holds up another
                causes[position] = error
        return entries, causes

    def _put(self, entries: dict[int, Entry], causes: dict[int, Exception], told: Told, deadline: Deadline) -> None:
        if not entries:
            return
        answers = put(self._client("events"), list(entries.values()), deadline)
        for (position, one), answer in zip(entries.items(), answers, strict=False):
            if answer is Answer.ACCEPTED:
                told.events[one["DetailType"]] += 1
            elif answer is Answer.REFUSED:
                causes[position] = RefusedEventError()
            else:
                told.done = min(told.done, position)

    def _park(
        self, records: Sequence[StreamRecord], causes: dict[int, Exception], told: Told, deadline: Deadline
    ) -> None:
        if not causes:
            return
        messages = [parked_message(records[position], cause) for position, cause in causes.items()]
        told.parked = park(self._client("sqs"), self._queue_url, messages, deadline)
        for message in messages[: told.parked]:
            logger().error("parked the change %s, because of %s", message["sequence_number"], message["cause"])
        if told.parked < len(messages):
            told.done = list(causes)[told.parked]

    def _deadline(self, seconds: float) -> Deadline:
        return Deadline(self._clock, _ATTEMPT_SECONDS, seconds)
