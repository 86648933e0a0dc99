"""The contract suite runs unchanged against every engine; each test has a table of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from session_store import SessionStore
from session_store.testing import MovableClock
from tests.support.engines import ENGINES, Difference, Engine
from tests.support.faults import Faults
from tests.support.scene import Scene
from tests.support.scenes import running

# The others take most of the time, and `make proof` has it.
_IN_EVERY_RUN: Final = ("dynoxide", "memory")
_EVERY_ENGINE: Final = [
    pytest.param(engine, id=engine.name, marks=() if engine.name in _IN_EVERY_RUN else pytest.mark.proof)
    for engine in ENGINES
]
_RIGHT_ABOUT_UNITS: Final = [engine for engine in ENGINES if not engine.differs(Difference.UNITS)]


@pytest.fixture(scope="session", params=_EVERY_ENGINE)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """One engine, running."""
    yield from running(request.param)


@pytest.fixture(scope="session", params=_RIGHT_ABOUT_UNITS, ids=lambda engine: engine.name)
def metered_engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """One that reports the units that DynamoDB would."""
    yield from running(request.param)


@pytest.fixture
def store(scene: Scene) -> SessionStore:
    """The store under test; `faults` is what happens to its calls."""
    return scene.store


@pytest.fixture
def other(scene: Scene) -> SessionStore:
    """The store of another process, undisturbed."""
    return scene.another_store()


@pytest.fixture
def clock(scene: Scene) -> MovableClock:
    return scene.clock


@pytest.fixture
def faults(scene: Scene) -> Faults:
    return scene.faults
