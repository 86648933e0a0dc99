"""The fixtures; pytest loads them when a `conftest.py` has `pytest_plugins = ("session_store.testing",)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from session_store.testing.clock import MovableClock
from session_store.testing.memory import in_memory_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from session_store.store import SessionStore


@pytest.fixture
def session_clock() -> MovableClock:
    """The clock of the fixture `session_store`; stands still until it is moved."""
    return MovableClock()


@pytest.fixture
def session_store_settings() -> Mapping[str, Any]:
    """Arguments of the fixture `session_store`, as for `in_memory_store`: none. Override it to have your own."""
    return {}


@pytest.fixture
def session_store(session_clock: MovableClock, session_store_settings: Mapping[str, Any]) -> Iterator[SessionStore]:
    """An empty store in memory, on `session_clock`, with `session_store_settings`."""
    with in_memory_store(clock=session_clock, **session_store_settings) as store:
        yield store
