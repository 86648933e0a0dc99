"""The contract suite runs unchanged against every engine; each test has a table of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from tests.support.engines import ENGINES, Difference, Engine
from tests.support.scenes import running

# The others take most of the time, and `make proof` has it.
_IN_EVERY_RUN: Final = ("dynoxide", "memory")
_EVERY_ENGINE: Final = [
    pytest.param(engine, id=engine.name, marks=() if engine.name in _IN_EVERY_RUN else pytest.mark.proof)
    for engine in ENGINES
]
# The engine in memory counts them, too. It has a test of its own, which does not wait for calls side by side.
_RIGHT_ABOUT_UNITS: Final = [
    engine for engine in ENGINES if not engine.differs(Difference.UNITS) and engine.name != "memory"
]


@pytest.fixture(scope="session", params=_EVERY_ENGINE)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """One engine, running."""
    yield from running(request.param)


@pytest.fixture(scope="session", params=_RIGHT_ABOUT_UNITS, ids=lambda engine: engine.name)
def metered_engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """One that reports the units that DynamoDB would."""
    yield from running(request.param)
