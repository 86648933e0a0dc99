"""The fixtures. Pytest loads them when a `conftest.py` has `pytest_plugins = ("session_store.testing",)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from session_store.settings import SessionSettings
from session_store.testing.clock import MovableClock
from session_store.testing.memory import in_memory_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from session_store.store import SessionStore


@pytest.fixture
def session_clock() -> MovableClock:
    """The clock of the fixture `session_store`. Stands still until it is moved."""
    return MovableClock()


@pytest.fixture
def session_store_settings() -> SessionSettings:
    """The rules of the sessions in the fixture `session_store`: the defaults. Override it to have your own."""
    return SessionSettings()


@pytest.fixture
def session_store(session_clock: MovableClock, session_store_settings: SessionSettings) -> Iterator[SessionStore]:
    """An empty store in memory, on `session_clock`, with `session_store_settings`."""
    with in_memory_store(clock=session_clock, settings=session_store_settings) as store:
        yield store
