"""Two things measured in turns, so that what else the machine does falls on both alike."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Medians:
    """Medians of alternating runs.

    Attributes:
        ours: of the thing under test.
        baseline: of what it is compared with.
    """

    ours: float
    baseline: float


def medians(ours: Callable[[], float], baseline: Callable[[], float], *, rounds: int) -> Medians:
    """Run the two in turns: ours, baseline, ours, .... One round of each first does not count.

    Args:
        ours: runs once and returns what it took.
        baseline: the same for what it is compared with.
        rounds: how many runs of each count.
    """
    measured = [(ours(), baseline()) for _ in range(rounds + 1)][1:]
    of_ours, of_baseline = zip(*measured, strict=True)
    return Medians(statistics.median(of_ours), statistics.median(of_baseline))
