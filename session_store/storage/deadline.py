"""One time budget for everything that a public method does, its retries included."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from session_store.time_left import LAMBDA_CALLS

if TYPE_CHECKING:
    from session_store.clock import Clock

DEADLINE_SECONDS: Final = 4.0
_FIRST_PAUSE: Final = 0.025
_LONGEST_PAUSE: Final = 0.4
# The operating system's: with a state of their own, copies of a frozen process (SnapStart) would pause in step.
_RANDOM: Final = random.SystemRandom()


class Deadline:
    """The moment by which a public method has answered.

    Args:
        clock: the seam that reads the time.
        attempt_seconds: what one attempt can take at most, none is started that could end too late.
        seconds: the budget, less when the Lambda call that is being served has less time left.

    Attributes:
        too_short: not even one attempt would end in time.
    """

    def __init__(self, clock: Clock, attempt_seconds: float, seconds: float = DEADLINE_SECONDS) -> None:
        for call in LAMBDA_CALLS.get():
            seconds = min(seconds, call.seconds_left())
        self._clock = clock
        self.too_short = seconds < attempt_seconds
        self._attempt_seconds = attempt_seconds
        self._end = clock.monotonic() + seconds
        self._last_start = self._end - attempt_seconds

    def end_by(self, moment: float) -> None:
        """End at a moment of the clock's `monotonic`, if that is earlier."""
        self._end = min(self._end, moment)
        self._last_start = self._end - self._attempt_seconds

    def pause(self, attempt: int) -> bool:
        """Wait before another attempt, with full jitter. False (at once) when there is no time left for one."""
        longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt)
        seconds = _RANDOM.uniform(0, longest)
        if self._clock.monotonic() + seconds > self._last_start:
            return False
        self._clock.sleep(seconds)
        return True

    @property
    def passed(self) -> bool:
        """Whether no further attempt may start."""
        return self._clock.monotonic() > self._last_start

    @property
    def over(self) -> bool:
        """Whether an attempt that is under way has to be given up."""
        return self._clock.monotonic() > self._end
