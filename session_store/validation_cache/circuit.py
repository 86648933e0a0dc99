"""A circuit breaker: after some faults in a row the cache is left alone for some seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from session_store.validation_cache.waiting import LIFETIME_SECONDS

if TYPE_CHECKING:
    from session_store.clock import Clock

_FAULTS: Final = 3


class Circuit:
    """Says whether to ask the cache. Threads may share it: a fault that goes uncounted does no harm.

    Args:
        clock: of the store.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._faults = 0
        self._open_until = float("-inf")

    @property
    def is_open(self) -> bool:
        """Whether to leave the cache alone."""
        return self._clock.monotonic() < self._open_until

    def worked(self) -> None:
        """Note an answer."""
        self._faults = 0

    def failed(self) -> None:
        """Note a fault. When the time is over one more opens the circuit again."""
        self._faults += 1
        if self._faults >= _FAULTS:
            self.open()

    def open(self) -> None:
        """Leave the cache alone for as long as an entry counts that could not be deleted."""
        self._open_until = self._clock.monotonic() + LIFETIME_SECONDS
