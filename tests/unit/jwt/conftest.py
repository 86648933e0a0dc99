from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

from session_store import SessionStore
from session_store.jwt import verifying
from session_store.jwt.key_set import KeySet
from session_store.testing import MovableClock
from tests.support.jwts import Issuer, issuing
from tests.unit.jwt.world import World


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as found:
        yield found


@pytest.fixture(autouse=True)
def cache_clock(monkeypatch: pytest.MonkeyPatch) -> MovableClock:
    """The clock that says how old the keys are: each test is a process of its own."""
    clock = MovableClock()
    monkeypatch.setattr(verifying, "key_set", cache(lambda url: KeySet(url, clock=clock)))
    return clock


@pytest.fixture
def world(session_store: SessionStore, session_clock: MovableClock) -> World:
    return World(session_store, session_clock)
