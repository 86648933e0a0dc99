"""Things measured in turns, so that what else the machine does falls on all alike."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

_Name = TypeVar("_Name", bound="Hashable")
_Result = TypeVar("_Result")


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
    return Medians(**medians_of({"ours": ours, "baseline": baseline}, rounds=rounds))


def medians_of(runs: Mapping[str, Callable[[], float]], *, rounds: int) -> dict[str, float]:
    """The median of each of any number of them.

    Args:
        runs: by name, what runs once and returns what it took.
        rounds: how many runs of each count.
    """
    return {name: statistics.median(took) for name, took in in_turns(runs, rounds=rounds).items()}


def in_turns(runs: Mapping[_Name, Callable[[], _Result]], *, rounds: int) -> dict[_Name, list[_Result]]:
    """The results of each of any number of them, run in turns. One round first does not count."""
    measured = [{name: run() for name, run in runs.items()} for _ in range(rounds + 1)][1:]
    return {name: [each[name] for each in measured] for name in runs}


def cpu_milliseconds(call: Callable[[], object], calls: int) -> float:
    """CPU time of one call, from a run of some."""
    started = time.process_time()
    for _ in range(calls):
        call()
    return (time.process_time() - started) * 1000 / calls
