"""No session is accepted after an acknowledged end, also while the cache of validations fails."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from tests.interleavings.cached import HAPPENINGS, CachedWorld, Way, by
from tests.interleavings.operations import BY_NAME, ENDS, Operation
from tests.interleavings.scheduler import explore
from tests.interleavings.search import search
from tests.interleavings.world import begin
from tests.support.figures import Count

FIGURE: Final = "interleavings, with a cache of validations"
VALIDATE: Final = BY_NAME["validate"]
SHORT: Final = tuple(
    BY_NAME[name] for name in ("end_session", "end_child_session", "set to closing", "create in place of it")
)
OF_A_CUSTOMER: Final = tuple(end for end in ENDS if end.lags)


@pytest.fixture
def world(world: object) -> CachedWorld:
    """In place of the plain one, whose pools of threads take turns, too."""
    return CachedWorld()


def _validation(end: Operation) -> Operation:
    return BY_NAME["validate child"] if end is BY_NAME["end_child_session"] else VALIDATE


@pytest.mark.shows("T141")
@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize("end", SHORT, ids=str)
def test_no_session_is_let_in_after_its_end(world: CachedWorld, count: Count, end: Operation, way: Way) -> None:
    beginning = begin(world)
    for fillers in (Way.OPEN, Way.LATE):
        count(FIGURE, search(world, beginning, (by(_validation(end), fillers), by(end, way))))


@pytest.mark.parametrize("way", [Way.OPEN, Way.CUT_OFF])
@pytest.mark.parametrize(
    "end",
    [pytest.param(end, id=str(end), marks=() if end.name == "end all" else pytest.mark.proof) for end in OF_A_CUSTOMER],
)
def test_no_session_of_a_customer_is_let_in_after_all_have_ended(
    world: CachedWorld, count: Count, end: Operation, way: Way
) -> None:
    count(FIGURE, search(world, begin(world), (VALIDATE, by(end, way))))


@pytest.mark.shows("T141")
@pytest.mark.parametrize("happening", HAPPENINGS, ids=str)
def test_no_session_is_let_in_after_its_end_by_a_cache_that_had_it(
    world: CachedWorld, count: Count, happening: Operation
) -> None:
    beginning = begin(world)
    world.store().validate(beginning.token)
    way = Way.LATE if "late" in happening.name else Way.OPEN
    operations = (by(VALIDATE, way), by(BY_NAME["end_session"], way), happening)
    count(FIGURE, search(world, world.keep_warm(beginning), operations))


@pytest.mark.proof
@pytest.mark.parametrize("happening", HAPPENINGS[:-1], ids=str)
def test_no_session_is_let_in_after_its_end_by_a_cache_that_gets_it_meanwhile(
    world: CachedWorld, count: Count, happening: Operation
) -> None:
    way = Way.LATE if "late" in happening.name else Way.OPEN
    operations = (by(VALIDATE, way), by(BY_NAME["end_session"], way), happening)
    count(FIGURE, search(world, begin(world), operations))


@pytest.mark.parametrize("ahead", [-1, 1])
def test_no_session_is_let_in_after_its_end_by_clocks_that_differ_by_a_second(
    world: CachedWorld, count: Count, ahead: float
) -> None:
    validation = replace(VALIDATE, settings={"ahead": ahead})
    count(FIGURE, search(world, begin(world), (validation, by(BY_NAME["end_session"], Way.CUT_OFF))))


@pytest.mark.parametrize("name", ["save left", "replace data", "increment", "take left"])
def test_a_validation_shows_what_was_saved_before_it(world: CachedWorld, count: Count, name: str) -> None:
    beginning, save = begin(world), BY_NAME[name]
    participants = [
        lambda client: world.store(client).validate(beginning.token),
        lambda client: save.run(world.store(client), beginning),
    ]
    for run in explore(participants, lambda: world.put_back(beginning)):
        validated, saved = run.outcomes
        now = world.store().get_session(beginning.id)
        assert now is not None
        assert world.store().validate(beginning.token).data == now.data
        if validated.began_after(saved):
            assert validated.value.data == now.data
        count(FIGURE, 1)


def test_a_process_that_cannot_reach_the_cache_shows_what_it_saved(world: CachedWorld) -> None:
    beginning = begin(world)
    world.store().validate(beginning.token)
    store = world.store(way=Way.DEAF)

    saved = store.update_data(beginning.id, {"left": 7})

    assert store.validate(beginning.token) == saved
