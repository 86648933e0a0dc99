"""A real server, for the tests that leave it as it is, and a table."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.valkey import Running, valkey_server, why_unavailable
from tests.support.engines import engines_are_required
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
