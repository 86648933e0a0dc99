"""End to end: one deployed system for all tests of this folder, which `tests.support.scheduling` keeps together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.deployed import Deployed, deployed_system

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The deployed system; its tests share the table, so each makes sessions and customers of its own."""
    with deployed_system(tmp_path_factory.mktemp("deployed")) as system:
        yield system
