"""The world of the searches."""

from __future__ import annotations

import pytest

from session_store.operations import admission
from tests.interleavings.world import InTurn, World


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(admission, "ThreadPoolExecutor", InTurn)
    return World()
