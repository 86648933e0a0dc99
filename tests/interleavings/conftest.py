"""The world of the searches."""

from __future__ import annotations

import pytest

from session_store.operations import admission, side_by_side
from tests.interleavings.world import InTurn, World


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    for module in (admission, side_by_side):
        monkeypatch.setattr(module, "ThreadPoolExecutor", InTurn)
    return World()
