"""Calls side by side, in threads. Many writes then take a few trips."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# As many connections as botocore keeps: one more would be opened, and closed, for each call.
THREADS: Final = 10
_One = TypeVar("_One")
_Result = TypeVar("_Result")


def side_by_side(call: Callable[[_One], _Result], things: Sequence[_One]) -> list[_Result]:
    """Call for each thing, up to ten at a time, beginning with the first. Returns the results in the same order.

    Raises:
        Exception: what the first failing call in that order raised, when all calls have ended.
    """
    if len(things) <= 1:
        return [call(thing) for thing in things]
    with ThreadPoolExecutor(min(THREADS, len(things))) as pool:
        return list(pool.map(call, things))
