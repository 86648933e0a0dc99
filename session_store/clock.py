"""The one place that reads the time, so that tests can move it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """The library's source of time, replaced in tests."""

    def now(self) -> float:
        """Seconds since the Unix epoch."""

    def monotonic(self) -> float:
        """Seconds since some point, never running backwards: for deadlines."""

    def sleep(self, seconds: float) -> None:
        """Wait between two attempts, for a time in seconds."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Seconds since the Unix epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since some point, never running backwards."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Block this thread for a time in seconds."""
        time.sleep(seconds)


def utc_text(moment: datetime, timespec: str = "auto") -> str:
    """A UTC time as RFC 3339 with `Z`.

    Args:
        moment: aware, in UTC.
        timespec: how precisely, as `isoformat` has it.
    """
    return moment.isoformat(timespec=timespec).replace("+00:00", "Z")


def to_datetime(epoch_seconds: int) -> datetime:
    """Aware UTC datetime of a stored time."""
    return datetime.fromtimestamp(epoch_seconds, UTC)
