"""How often a session is extended and its token replaced, expected over many sessions.

Two assumptions about users: pauses between requests are exponential, so the requests within a fixed time are Poisson
distributed, and a session goes on after each request with the same probability. Both make the expected numbers short
sums. A simulation of a day holds them to the store (`tests/costs`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from session_store.operations.validate import LONGEST_STEP
from session_store.settings import DEFAULT_SETTINGS

if TYPE_CHECKING:
    from session_store.cli.cost.question import Question

_STEPS_PER_TIMEOUT: Final = 10
_DECISION: Final = 2 * DEFAULT_SETTINGS.rotation_grace.total_seconds()  # from a token's first use on


class Lifetime(NamedTuple):
    """Of one session, on average.

    Attributes:
        extensions: requests that extend it.
        uses: requests that record the use of a new token and extend nothing.
    """

    extensions: float
    uses: float


def lifetime(question: Question, *, rotates: bool) -> Lifetime:
    """The extensions and recorded uses of a session of this traffic."""
    requests, pause = question.requests_per_session, question.pause
    step = min(question.idle_timeout / _STEPS_PER_TIMEOUT, LONGEST_STEP)
    extensions = _times(requests, 1, first=step / pause, each=step / pause)
    if not rotates or not question.rotation_interval:
        return Lifetime(extensions, 0)
    # A token's first use comes with the request after the one that it was issued to, its decision with a later one.
    due = question.rotation_interval / pause
    each = max(question.rotation_interval, _DECISION + 2 * pause) / pause
    used = _times(requests, 2, first=due, each=each)
    decided = _times(requests, 3, first=due + _DECISION / pause, each=each)
    return Lifetime(extensions, (used + decided) * step / (step + pause))


def _times(requests: float, number: int, *, first: float, each: float) -> float:
    """How many times something happens in a session.

    It happens at the request of a fixed number beyond those that come within some time, and again at the next request
    beyond those of another time. The time is in pauses: the mean number of requests within it.

    Args:
        requests: of the session, on average.
        number: of that request.
        first: the time before it happens first.
        each: the time from then to the next one.
    """
    end = 1 / requests  # the probability that a request is the last one
    goes_on = 1 - end
    return goes_on ** (number - 1) * math.exp(-first * end) / (1 - goes_on * math.exp(-each * end))
