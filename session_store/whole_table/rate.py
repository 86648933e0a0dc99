"""A rate of request units, by what DynamoDB says that requests consumed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.clock import Clock

_UNUSED_SECONDS: Final = 1.0  # of the allowance that may be made up for: waiting for a reply is no waste
_LONGEST_SLEEP: Final = 0.25  # after which a stop is noticed


class Rate:
    """So many request units a second, counted afterwards. A request may overdraw it, and the next ones wait for that.

    Args:
        per_second: request units.
        clock: tells the time and waits.
        name: of the option that sets it, for messages.

    Raises:
        InvalidInputError: the rate is not above 0.

    Attributes:
        units: consumed so far.
    """

    def __init__(self, per_second: float, clock: Clock, name: str = "rate") -> None:
        if not per_second > 0:
            raise InvalidInputError(name, "must be more than 0 request units a second", value=per_second)
        self.per_second = per_second
        self.units = 0.0
        self._clock = clock
        self._paid_until = clock.monotonic()
        self._lock = threading.Lock()

    def wait(self, stopped: Callable[[], bool]) -> None:
        """Wait until all that was taken is within the rate, or until the work is stopped."""
        while not stopped():
            with self._lock:
                seconds = self._paid_until - self._clock.monotonic()
            if seconds <= 0:
                return
            self._clock.sleep(min(seconds, _LONGEST_SLEEP))

    def take(self, units: float) -> None:
        """Count what a request consumed."""
        with self._lock:
            self.units += units
            earliest = self._clock.monotonic() - _UNUSED_SECONDS
            self._paid_until = max(self._paid_until, earliest) + units / self.per_second
