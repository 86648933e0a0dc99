"""The figures of one public method, which its requests and operations report: units, retries, counts, incidents."""

from __future__ import annotations

import threading
from contextlib import suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.incidents import Incident

_READS: Final = frozenset({"GetItem", "Query", "BatchGetItem"})


class Meter:
    """Adds up. Safe to share between the threads of a method.

    Attributes:
        read_units: as DynamoDB reports them. It reports none for a request that it refuses.
        write_units: likewise.
        retries: requests that were sent again.
        counts: by name.
        incidents: in their order.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.read_units = 0.0
        self.write_units = 0.0
        self.retries = 0
        self.counts: dict[str, int] = {}
        self.incidents: list[Incident] = []

    def count(self, *names: str) -> None:
        """Count one of each."""
        with self._lock:
            for name in names:
                self.counts[name] = self.counts.get(name, 0) + 1

    def retry(self) -> None:
        """Count a request that is sent again."""
        with self._lock:
            self.retries += 1

    def report(self, incident: Incident) -> None:
        """Take down an incident."""
        self.count(incident.name.value)
        self.incidents.append(incident)

    def consume(self, operation: str, reply: Mapping[str, Any]) -> None:
        """Add the units of a reply.

        A transaction that is sent again, and had taken effect, is answered with the units of reading. Units that are no
        numbers count as none: the reply was whole, and stands.
        """
        with suppress(AttributeError, TypeError, ValueError), self._lock:
            for table in tables_of(reply):
                total = float(table.get("CapacityUnits", 0))
                reads = total if operation in _READS else float(table.get("ReadCapacityUnits", 0))
                self.read_units += reads
                self.write_units += total - reads


def tables_of(reply: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The consumed capacity in a reply, by table. A batch and a transaction report a list of them."""
    consumed = reply.get("ConsumedCapacity") or []
    return [consumed] if isinstance(consumed, dict) else consumed


METER: Final[ContextVar[Meter | None]] = ContextVar("session_store.meter", default=None)
"""The meter of the public method that is being called, None without an observer."""
