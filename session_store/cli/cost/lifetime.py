"""How often a session is extended and its token replaced, expected over many sessions.

Requests come after pauses of random length. With the usual assumption for independent arrivals the pauses are
exponential, and the requests within a fixed time are Poisson distributed. So the requests from one extension to the
next are one more than those within the step, and the sums of that over a session have closed forms.
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
_MANY: Final = 400  # requests, from which on a sum comes close to a normal distribution


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
    extensions = _count(requests, first=(1, step / pause), cycle=(1, step / pause))
    if not rotates or not question.rotation_interval:
        return Lifetime(extensions, 0)
    # A token's first use comes with the request after the one that it was issued to, its decision with a later one.
    cycle = (1, max(question.rotation_interval, _DECISION + 2 * pause) / pause)
    issued = question.rotation_interval / pause
    used = _count(requests, first=(2, issued), cycle=cycle)
    decided = _count(requests, first=(3, issued + _DECISION / pause), cycle=cycle)
    return Lifetime(extensions, (used + decided) * step / (step + pause))


def _count(requests: float, *, first: tuple[int, float], cycle: tuple[int, float]) -> float:
    """How many times something happens within so many requests.

    Args:
        requests: of the session. The value between two whole numbers is interpolated.
        first: the request at which it happens first: a fixed number and the mean of the random ones.
        cycle: the same from each time to the next.
    """
    below = math.floor(requests)
    share = requests - below
    count = _whole_count(below, first, cycle)
    return count if not share else (1 - share) * count + share * _whole_count(below + 1, first, cycle)


def _whole_count(requests: int, first: tuple[int, float], cycle: tuple[int, float]) -> float:
    count = 0.0
    fixed, mean = first
    while fixed <= requests:
        count += _at_most(requests - fixed, mean)
        fixed, mean = fixed + cycle[0], mean + cycle[1]
    return count


def _at_most(number: int, mean: float) -> float:
    """The probability that a Poisson distributed number of this mean is at most so large."""
    if mean > _MANY:
        return 0.5 * math.erfc((mean - number - 0.5) / math.sqrt(2 * mean))
    total = term = math.exp(-mean)
    for each in range(1, number + 1):
        term *= mean / each
        total += term
        if each > mean and term < 1e-15:  # noqa: PLR2004 - what a float of this size cannot hold
            break
    return min(total, 1.0)
