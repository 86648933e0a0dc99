"""Scenes on the fastest engine, as fixtures for what does not depend on the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.engines import Memory
from tests.support.scene import Scene, SignedIn, new_scene, sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def memory() -> Iterator[Memory]:
    engine = Memory("memory")
    with engine.running():
        yield engine


@pytest.fixture
def scene(memory: Memory) -> Iterator[Scene]:
    with new_scene(memory) as scene:
        yield scene


@pytest.fixture
def signed_in(scene: Scene) -> SignedIn:
    """Ana's session, made by another process, so that `scene.faults` has seen no call yet."""
    return sign_in(scene.another_store())
