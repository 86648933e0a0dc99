"""Scenes as fixtures: on the fastest engine, unless a folder or a module has an `engine` of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.support.engines import Engine, Memory, engines_are_required
from tests.support.scene import Scene, SignedIn, new_scene, sign_in


def running(engine: Engine) -> Iterator[Engine]:
    """Run an engine; where that is impossible, skip with the reason, or fail where all engines are required."""
    reason = engine.why_unavailable()
    if reason:
        (pytest.fail if engines_are_required() else pytest.skip)(f"{engine.name} cannot run here: {reason}")
    engine = replace(engine)  # each run has clients of its own
    with engine.running():
        yield engine


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    yield from running(Memory("memory"))


@pytest.fixture
def scene(engine: Engine) -> Iterator[Scene]:
    with new_scene(engine) as scene:
        yield scene


@pytest.fixture
def signed_in(scene: Scene) -> SignedIn:
    """Ana's session, made by another process, so that `scene.faults` has seen no call yet."""
    return sign_in(scene.another_store())
