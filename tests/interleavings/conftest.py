"""The world of the searches."""

from __future__ import annotations

import concurrent.futures

import pytest

from session_store.operations import side_by_side
from tests.interleavings.world import InTurn, World


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    for module in (concurrent.futures, side_by_side):
        monkeypatch.setattr(module, "ThreadPoolExecutor", InTurn)
    return World()
