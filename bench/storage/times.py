"""CPU time and latency of checks and saves, form by form in turns, against engines on this machine."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from bench.alternating import in_turns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from session_store import Session, SessionStore
    from session_store.data.types import JSONObject

CHECK: Final = "check"  # that reads the data
SAVE: Final = "save"  # of one key
_Name = TypeVar("_Name")
_PERCENTILES: Final = (50, 90, 99)


@dataclass(frozen=True, slots=True)
class Times:
    """The times of many calls, in milliseconds.

    Attributes:
        cpu: of this process, the median.
        p50: wall clock, the median.
        p90: wall clock, the 90th percentile.
        p99: wall clock, the 99th percentile.
    """

    cpu: float
    p50: float
    p90: float
    p99: float


def timed_calls(store: SessionStore, data: JSONObject) -> dict[str, Callable[[], object]]:
    """A check that reads the data, and a save of one key: of a session each, since a save empties a cache."""
    token = store.create_session("ana", data=data).token
    saved = [store.create_session("bob", data=data).session]
    return {CHECK: lambda: store.validate(token).data, SAVE: lambda: _save(store, saved)}


def _save(store: SessionStore, saved: list[Session]) -> None:
    """A save from the session as the last save left it: one from an older state would be tried twice."""
    saved.append(store.update_data(saved.pop(), {"visits": time.perf_counter_ns()}))


def times_of(calls: Mapping[_Name, Callable[[], object]], rounds: int) -> dict[_Name, Times]:
    """The times of each call.

    Args:
        calls: by name.
        rounds: how often each is made.
    """
    timed = {name: partial(_timed, call) for name, call in calls.items()}
    return {name: _times(took) for name, took in in_turns(timed, rounds=rounds).items()}


def _timed(call: Callable[[], object]) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    call()
    return (time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000


def _times(measured: list[tuple[float, float]]) -> Times:
    cpu, wall = zip(*measured, strict=True)
    cuts = statistics.quantiles(wall, n=100, method="inclusive")
    return Times(statistics.median(cpu), *(cuts[each - 1] for each in _PERCENTILES))
