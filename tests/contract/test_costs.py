"""What each access pattern costs, in units and round trips, however many other sessions there are."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from session_store import schema
from session_store.access_patterns import ACCESS_PATTERNS
from session_store.tokens import IdFactory
from tests.contract.conftest import running
from tests.support.costs import CASES, Case
from tests.support.engines import ENGINES, Difference, Engine
from tests.support.metering import Cost, Meter
from tests.support.scene import Scene, new_scene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from session_store.access_patterns import AccessPattern, Resource

# Long enough for a thread to start, so that calls made side by side overlap.
HOLD_SECONDS = 0.01
RIGHT_ABOUT_UNITS = [engine for engine in ENGINES if not engine.differs(Difference.UNITS)]
BATCH = 25


@pytest.fixture(scope="session", params=RIGHT_ABOUT_UNITS, ids=lambda engine: engine.name)
def metered_engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    yield from running(request.param)


@pytest.fixture(scope="session", params=[1, 10, 1000], ids=lambda number: f"{number} others")
def crowded_table(request: pytest.FixtureRequest, metered_engine: Engine) -> str:
    """A table with so many sessions of other customers in it."""
    with new_scene(metered_engine) as scene:
        _load_others(scene, request.param)
        return scene.table_name


@pytest.fixture
def scene(metered_engine: Engine, crowded_table: str) -> Iterator[Scene]:
    with new_scene(metered_engine, crowded_table) as scene:
        yield scene


def measured(case: Case, scene: Scene) -> Cost:
    return Meter(scene.disturbed_client, hold=HOLD_SECONDS).measure(case.arrange(scene))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_pattern_costs_what_the_design_says_however_many_other_sessions_there_are(scene: Scene, case: Case) -> None:
    cost = measured(case, scene)

    assert (cost.read_units, cost.write_units, cost.trips) == (case.read_units, case.write_units, case.trips)


@pytest.mark.parametrize("crowded_table", [1], indirect=True)
@pytest.mark.parametrize("pattern", ACCESS_PATTERNS, ids=lambda pattern: pattern.name)
def test_a_pattern_is_granted_what_it_calls_and_nothing_else(scene: Scene, pattern: AccessPattern) -> None:
    called: set[tuple[str, Resource]] = set()
    for case in CASES:
        if case.pattern is pattern:
            called |= measured(case, scene).permissions

    if pattern.name == "limitSessionsByCustomerId":
        called -= next(other for other in ACCESS_PATTERNS if other.name == "createSession").permissions()
    assert called == pattern.permissions()


def _load_others(scene: Scene, number: int) -> None:
    """Put copies of a session in, each with an id and a customer of its own."""
    scene.store.create_session("template", data={"cart": ["tea"]})
    template = scene.client.scan(TableName=scene.table_name)["Items"][0]
    ids = IdFactory(scene.clock)
    copies = [
        template
        | {
            schema.PARTITION_KEY: {"S": schema.session_partition_key(ids.new_id())},
            schema.SORT_KEY: {"S": schema.customer_sort_key(f"other-{secrets.token_hex(8)}")},
        }
        for _ in range(number - 1)
    ]
    for start in range(0, len(copies), BATCH):
        requests = [{"PutRequest": {"Item": item}} for item in copies[start : start + BATCH]]
        reply = scene.client.batch_write_item(RequestItems={scene.table_name: requests})
        assert not reply.get("UnprocessedItems")
