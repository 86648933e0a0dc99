"""The costs of each access pattern in units and round trips, with few and with many other sessions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from session_store.catalog.access_patterns import ACCESS_PATTERNS
from session_store.catalog.costs import Amount
from session_store.catalog.pattern import AccessPattern, Resource
from tests.support.costs import CASES, Case
from tests.support.engines import ENGINES, Engine
from tests.support.methods import METHODS
from tests.support.scene import Scene, new_scene, sign_in


@pytest.fixture(scope="session", params=[1, 10, 1000], ids=lambda number: f"{number} others")
def crowded_table(request: pytest.FixtureRequest, metered_engine: Engine) -> str:
    """A table with so many sessions of other customers in it."""
    with new_scene(metered_engine) as scene:
        first = scene.store.create_session("first", data={"cart": ["tea"]}).session
        scene.put_copies(first, request.param - 1, of_other_customers=True)
        return scene.table_name


@pytest.fixture
def scene(metered_engine: Engine, crowded_table: str) -> Iterator[Scene]:
    with new_scene(metered_engine, crowded_table, observed=True) as scene:
        yield scene


def observed_amount(scene: Scene, case: Case) -> Amount:
    """The units that the store's observer got for one call, whose trips it does not know."""
    assert scene.observations is not None
    call = case.arrange(scene)
    scene.observations.clear()
    call()
    reads = sum(each.read_units for each in scene.observations)
    writes = sum(each.write_units for each in scene.observations)
    return Amount(reads, writes, case.reported.trips)


@pytest.mark.parametrize("crowded_table", [1], indirect=True)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_observer_gets_the_units_that_a_pattern_costs(scene: Scene, case: Case) -> None:
    assert observed_amount(scene, case) == case.reported


@pytest.mark.proof
def test_an_observer_hears_of_each_operation_on_an_engine_that_says_other_units(engine: Engine) -> None:
    each_operation = ("validate, strict", "get_customer_sessions", "create_session in place of one", "erase_customer")
    with new_scene(engine, observed=True) as scene:
        for name in each_operation:
            METHODS[name](scene.store, sign_in(scene.store, "ana"))

        assert scene.observations
        assert {each.outcome for each in scene.observations} == {"ok"}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_engine_in_memory_reports_these_units_too(case: Case) -> None:
    memory = next(engine for engine in ENGINES if engine.name == "memory")
    with new_scene(memory, observed=True) as scene:
        assert observed_amount(scene, case) == case.reported


@pytest.mark.shows("T45", "A1", "N9")
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_pattern_costs_what_it_says_however_many_other_sessions_there_are(scene: Scene, case: Case) -> None:
    assert case.measure(scene).amount == case.reported


@pytest.mark.shows("C18", "N8")
@pytest.mark.parametrize("crowded_table", [1], indirect=True)
@pytest.mark.parametrize("pattern", ACCESS_PATTERNS, ids=lambda pattern: pattern.name)
def test_a_pattern_is_granted_what_it_calls_and_nothing_else(scene: Scene, pattern: AccessPattern) -> None:
    called: set[tuple[str, Resource]] = set()
    granted = set(pattern.permissions())
    for case in (case for case in CASES if case.pattern is pattern):
        called |= case.measure(scene).permissions
        granted |= case.on_top_of.permissions() if case.on_top_of else frozenset()

    assert called == granted
