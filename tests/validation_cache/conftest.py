"""A real server, for the tests that leave it as it is, and a table."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.valkey import Running, valkey_server, why_unavailable
from tests.support.cache_server import MemoryServer
from tests.support.engines import Memory, engines_are_required
from tests.support.forms import cached
from tests.support.scene import Scene, new_scene
from tests.validation_cache.processes import Table


@pytest.fixture(scope="session")
def valkey() -> None:
    """For what needs real servers."""
    reason = why_unavailable()
    if reason and not engines_are_required():
        pytest.skip(reason)


@pytest.fixture(scope="session")
def server(valkey: None) -> Iterator[Running]:
    with valkey_server() as running:
        yield running


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def memory() -> MemoryServer:
    """A server in memory, in place of a real one."""
    return MemoryServer()


@pytest.fixture(scope="session")
def engine() -> Memory:
    return Memory("memory")


@pytest.fixture
def scene(engine: Memory, memory: MemoryServer) -> Iterator[Scene]:
    """A scene whose stores have the cache in memory."""
    with new_scene(engine) as scene, cached(memory):
        scene.store = scene.store_with()
        yield scene
