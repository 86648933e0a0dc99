"""The cost of one call of the store: request units as the engine reports them, API calls, sequential round trips."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from session_store.catalog.costs import Amount
from session_store.catalog.pattern import Resource
from tests.support.faults import listening

_CONTEXT_KEY: Final = "tests.support.metering"
_READS: Final = frozenset({"GetItem", "Query", "BatchGetItem", "Scan"})


@dataclass(frozen=True)
class Measured:
    """The request units and round trips of one call.

    DynamoDB does not report what a failed condition consumes, so it is not in the amount; trips are the longest chain
    of calls of which each began after the one before had ended.
    """

    amount: Amount
    operations: tuple[str, ...]  # of all calls, in the order of their start
    permissions: frozenset[tuple[str, Resource]]  # that IAM has to give for it, as `AccessPattern.permissions` has them


@dataclass
class _Call:
    operation: str
    permissions: set[tuple[str, Resource]]
    trip: int = 0
    done: bool = False
    units: float = 0.0


@dataclass
class Meter:
    """Measures what passes through one botocore client."""

    client: Any  # it is made to ask for the consumed capacity
    # Seconds that a call waits for another one beside it, so that calls made side by side are seen to overlap.
    wait: float = 0.0
    side_by_side: int = 1  # how many there are
    _calls: list[_Call] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def measure(self, action: Callable[[], object]) -> Measured:
        """The cost of one action."""
        self._calls = []
        handlers: dict[str, Callable[..., Any]] = {
            "before-parameter-build": self._ask_for_capacity,
            "before-call": self._start,
            "after-call": self._finish,
            "after-call-error": self._give_up,
        }
        with listening(self.client, handlers):
            action()
        rru = sum(call.units for call in self._calls if call.operation in _READS)
        wru = sum(call.units for call in self._calls if call.operation not in _READS)
        trips = max((call.trip for call in self._calls), default=0)
        permissions = frozenset[tuple[str, Resource]]().union(*(call.permissions for call in self._calls))
        return Measured(Amount(rru, wru, trips), tuple(call.operation for call in self._calls), permissions)

    def _ask_for_capacity(self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        context[_CONTEXT_KEY] = _Call(model.name, permissions_of_request(model.name, params))
        params["ReturnConsumedCapacity"] = "TOTAL"

    def _start(self, context: dict[str, Any], **_: Any) -> None:
        call: _Call = context[_CONTEXT_KEY]
        with self._changed:
            call.trip = 1 + max((earlier.trip for earlier in self._calls if earlier.done), default=0)
            self._calls.append(call)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._together(call) >= self.side_by_side, self.wait)

    def _together(self, call: _Call) -> int:
        return sum(other.trip == call.trip for other in self._calls)

    def _finish(self, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        capacity = parsed.get("ConsumedCapacity") or []
        per_table = [capacity] if isinstance(capacity, dict) else capacity
        with self._changed:
            call: _Call = context[_CONTEXT_KEY]
            call.units = sum(table["CapacityUnits"] for table in per_table)
            call.done = True

    def _give_up(self, context: dict[str, Any], **_: Any) -> None:
        with self._changed:
            context[_CONTEXT_KEY].done = True


def permissions_of_request(operation: str, parameters: dict[str, Any]) -> set[tuple[str, Resource]]:
    """The permissions that IAM checks for a request, by parts of a transaction, and the index apart from the table."""
    if operation == "TransactWriteItems":
        actions = {f"{kind}Item" for part in parameters["TransactItems"] for kind in part}
    else:
        actions = {operation}
    resource = Resource.INDEX if "IndexName" in parameters else Resource.TABLE
    return {(f"dynamodb:{action}", resource) for action in actions}
