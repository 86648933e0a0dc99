"""The contract suite runs unchanged against every engine; each test has a table of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.support.engines import ENGINES, Engine, engines_are_required
from tests.support.scene import Scene, SignedIn, new_scene, sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from session_store import SessionStore
    from session_store.testing import MovableClock
    from tests.support.faults import Faults


@pytest.fixture(scope="session", params=ENGINES, ids=lambda engine: engine.name)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """One engine, running."""
    yield from running(request.param)


def running(engine: Engine) -> Iterator[Engine]:
    """Run an engine; where that is impossible, skip with the reason, or fail where all engines are required."""
    reason = engine.why_unavailable()
    if reason:
        (pytest.fail if engines_are_required() else pytest.skip)(f"{engine.name} cannot run here: {reason}")
    engine = replace(engine)  # each run has clients of its own
    with engine.running():
        yield engine


@pytest.fixture
def scene(engine: Engine) -> Iterator[Scene]:
    with new_scene(engine) as scene:
        yield scene


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


@pytest.fixture
def signed_in(scene: Scene) -> SignedIn:
    """Ana's session, made by another process, so that `faults` has seen no call yet."""
    return sign_in(scene.another_store())
