"""A clock that tests can move."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta


class MovableClock:
    """A clock that stands still until it is told to move. Sleeping moves it, at once.

    Args:
        start: an aware datetime. By default the current whole second.

    Raises:
        ValueError: the start has no time zone.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._lock = threading.Lock()
        self._now = datetime.now(UTC).replace(microsecond=0).timestamp() if start is None else _epoch_seconds(start)
        self._monotonic = 0.0

    def now(self) -> float:
        """Seconds since the Unix epoch."""
        return self._now

    def monotonic(self) -> float:
        """Seconds that have passed. `set` does not count."""
        return self._monotonic

    def sleep(self, seconds: float) -> None:
        """Let the time pass without waiting."""
        self.advance(seconds)

    def advance(self, duration: timedelta | float) -> None:
        """Let time pass.

        Args:
            duration: a timedelta or seconds.

        Raises:
            ValueError: it is negative: use `set` to put the clock back.
        """
        seconds = duration.total_seconds() if isinstance(duration, timedelta) else duration
        if seconds < 0:
            raise ValueError(f"time does not pass backwards (got {duration!r}): use set() to put the clock back")
        with self._lock:
            self._now += seconds
            self._monotonic += seconds

    def set(self, moment: datetime) -> None:
        """Put the clock to a moment, forwards or backwards, as a time server would.

        Args:
            moment: an aware datetime.

        Raises:
            ValueError: it has no time zone.
        """
        with self._lock:
            self._now = _epoch_seconds(moment)


def _epoch_seconds(moment: datetime) -> float:
    if moment.tzinfo is None:
        raise ValueError(f"a datetime with a time zone is needed (got {moment!r})")
    return moment.timestamp()
