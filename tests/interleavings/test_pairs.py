"""Every pair of public operations on one session, in every order of their API calls."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from itertools import combinations_with_replacement
from typing import Final

import pytest

from session_store import Timeouts
from tests.interleavings.operations import OPERATIONS, Operation
from tests.interleavings.search import search
from tests.interleavings.world import DUE, IDLE, Beginning, World, begin, begin_rotated, begin_taking_over
from tests.support.figures import Count
from tests.support.methods import WRITES

FIGURE: Final = "interleavings, of two operations"
PAIRS: Final = tuple(combinations_with_replacement(OPERATIONS, 2))
# One that reads, one that rotates, one that saves and one that ends, each with all that come after it.
_IN_EVERY_RUN: Final = ("validate", "rotate", "save left", "end_session")


def _is_long(pair: Sequence[Operation]) -> bool:
    """Erasing makes by far the most calls: with another long operation, its orders at one moment have to do."""
    others = [operation for operation in pair if not operation.erases]
    return len(others) < len(pair) and all(one.lags or one.may_end or one.admits for one in others)


@pytest.mark.shows("T77")
@pytest.mark.parametrize("first", OPERATIONS, ids=str)
def test_every_order_of_every_pair_is_right_at_an_extension(world: World, count: Count, first: Operation) -> None:
    beginning = begin(world, after=DUE)
    for pair in PAIRS:
        if pair[0] is first:
            count(FIGURE, search(world, beginning, pair))


@pytest.mark.parametrize(
    "first",
    [pytest.param(one, id=str(one), marks=[pytest.mark.proof][one.name in _IN_EVERY_RUN :]) for one in OPERATIONS],
)
def test_every_order_is_right_with_every_write_timing_out_in_turn(world: World, count: Count, first: Operation) -> None:
    beginning = begin(world, after=DUE)
    for pair in PAIRS:
        if pair[0] is first and not _is_long(pair):
            count(FIGURE, search(world, beginning, pair, faults=True))


MOMENTS: Final[dict[str, Callable[[World], Beginning]]] = {
    "before an extension is due": begin,
    "when a new token takes over": begin_taking_over,
    "at the first use of a new token": begin_rotated,
}
MOMENTS_OF_A_LAGGING_INDEX: Final[dict[str, Callable[[World], Beginning]]] = {
    "before an extension is due": partial(begin, lags=True),
    "when an extension is due": partial(begin, after=DUE, lags=True),
    "at a fixed length": partial(begin, after=DUE, lags=True, timeouts=Timeouts(idle=IDLE, absolute=IDLE)),
    "at the first use of a new token": partial(begin_rotated, lags=True),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_every_order_is_right_at_other_moments_of_a_token(world: World, count: Count, moment: str) -> None:
    beginning = MOMENTS[moment](world)
    for pair in PAIRS:
        if any(operation.admits for operation in pair):
            count(FIGURE, search(world, beginning, pair))


@pytest.mark.shows("A2")
@pytest.mark.parametrize("moment", MOMENTS_OF_A_LAGGING_INDEX)
def test_every_order_is_right_with_an_index_that_lags(world: World, count: Count, moment: str) -> None:
    beginning = MOMENTS_OF_A_LAGGING_INDEX[moment](world)
    for pair in PAIRS:
        if any(operation.lags for operation in pair) and not _is_long(pair):
            count(FIGURE, search(world, beginning, pair))


def test_the_search_covers_every_operation_that_changes_something() -> None:
    names = {name for operation in OPERATIONS for name in operation.run.__code__.co_names}

    others = {"end_by_provider_logout"}  # test_provider_logouts has it, with its sign-ins
    assert names | others >= {"validate"} | {re.split("[ ,]", name)[0] for name in WRITES}
