"""The world of the searches."""

from __future__ import annotations

import pytest

from tests.interleavings.world import World, without_threads


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    without_threads(monkeypatch)
    return World()
