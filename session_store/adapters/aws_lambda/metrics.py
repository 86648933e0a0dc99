"""Metrics without a library: one line of CloudWatch's embedded metric format per event, on standard output.

CloudWatch turns such a line of a function's log into a metric. There is one metric per name and table, so an alarm on
it covers all functions of a deployment. Ids, route keys and names of errors go along, never a token, never data.
"""

from __future__ import annotations

import json
import os
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from session_store.clock import SystemClock
from session_store.errors import StoreUnavailableError, ThrottledError
from session_store.settings import TABLE_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.clock import Clock
    from session_store.incidents import Incident

NAMESPACE: Final = "SessionStore"
DIMENSION: Final = "TableName"


class RequestMetric(StrEnum):
    """Requests that failed for a reason that is not the caller's. The value is the metric's name.

    Beside these there are the metrics named by `session_store.incidents.IncidentName`.
    """

    THROTTLED = "Throttled"
    UNAVAILABLE = "Unavailable"
    FAILED = "Failed"  # misconfigured, or an error of our own


class Metrics:
    """Counts events of one table.

    Args:
        table_name: the metrics' dimension.
        write: takes one line. Standard output by default.
        clock: for tests.
    """

    def __init__(
        self, table_name: str, *, write: Callable[[str], None] | None = None, clock: Clock | None = None
    ) -> None:
        self._table_name = table_name
        self._write = write or _write_line
        self._clock = clock or SystemClock()

    @classmethod
    def from_environment(cls) -> Metrics:
        """The metrics of a deployed function."""
        return cls(os.environ.get(TABLE_NAME, ""))

    def event(self, event: Incident) -> None:
        """Count an event of the store: pass this as `SessionStore(on_incident=...)`."""
        self.count(event.name.value, session_id=event.session_id, detail=event.detail)

    def failure(self, error: Exception, **properties: str) -> None:
        """Count a request that failed for a reason that is not the caller's."""
        self.count(_metric(error), error=type(error).__name__, **properties)

    def count(self, name: str, **properties: str) -> None:
        """Count one, with properties that can be searched for in the log."""
        directive = {
            "Namespace": NAMESPACE,
            "Dimensions": [[DIMENSION]],
            "Metrics": [{"Name": name, "Unit": "Count"}],
        }
        line = {
            "_aws": {"Timestamp": int(self._clock.now() * 1000), "CloudWatchMetrics": [directive]},
            DIMENSION: self._table_name,
            name: 1,
            **properties,
        }
        self._write(json.dumps(line, separators=(",", ":")))


def _metric(error: Exception) -> RequestMetric:
    if isinstance(error, ThrottledError):
        return RequestMetric.THROTTLED
    return RequestMetric.UNAVAILABLE if isinstance(error, StoreUnavailableError) else RequestMetric.FAILED


def _write_line(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
