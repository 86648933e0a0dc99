"""What one call of the store costs: request units as the engine reports them, API calls, sequential round trips."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_CONTEXT_KEY: Final = "tests.support.metering"
_READS: Final = frozenset({"GetItem", "Query", "BatchGetItem", "Scan"})


@dataclass(frozen=True)
class Cost:
    """What was consumed.

    Attributes:
        read_units: RRU.
        write_units: WRU; what a failed condition consumes is not reported by DynamoDB and so not in it.
        trips: the longest chain of calls of which each began after the one before had ended.
        operations: names of all calls, in the order of their start.
    """

    read_units: float
    write_units: float
    trips: int
    operations: tuple[str, ...]


@dataclass
class _Call:
    operation: str
    trip: int
    done: bool = False
    units: float = 0.0


@dataclass
class Meter:
    """Measures what passes through one botocore client.

    Args:
        client: the client; it is made to ask for the consumed capacity.
        hold: seconds to hold every call back, so that calls made side by side are seen to overlap.
    """

    client: Any
    hold: float = 0.0
    _calls: list[_Call] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        events = self.client.meta.events
        events.register("before-parameter-build.dynamodb", self._ask_for_capacity)
        events.register("before-call.dynamodb", self._start)
        events.register("after-call.dynamodb", self._finish)
        events.register("after-call-error.dynamodb", self._give_up)

    def measure(self, action: Callable[[], object]) -> Cost:
        """The cost of one action."""
        with self._lock:
            self._calls = []
        action()
        calls = self._calls
        return Cost(
            read_units=sum(call.units for call in calls if call.operation in _READS),
            write_units=sum(call.units for call in calls if call.operation not in _READS),
            trips=max((call.trip for call in calls), default=0),
            operations=tuple(call.operation for call in calls),
        )

    def _ask_for_capacity(self, params: dict[str, Any], **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"

    def _start(self, model: Any, context: dict[str, Any], **_: Any) -> None:
        with self._lock:
            trip = 1 + max((call.trip for call in self._calls if call.done), default=0)
            call = _Call(model.name, trip)
            self._calls.append(call)
        context[_CONTEXT_KEY] = call
        if self.hold:
            time.sleep(self.hold)

    def _finish(self, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        capacity = parsed.get("ConsumedCapacity") or []
        per_table = [capacity] if isinstance(capacity, dict) else capacity
        with self._lock:
            call: _Call = context[_CONTEXT_KEY]
            call.units = sum(table["CapacityUnits"] for table in per_table)
            call.done = True

    def _give_up(self, context: dict[str, Any], **_: Any) -> None:
        with self._lock:
            context[_CONTEXT_KEY].done = True
