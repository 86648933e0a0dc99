"""End to end: one deployed system for all tests of this folder, which therefore run in one worker."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.deployed import Deployed, deployed_system

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Keeps the tests of this folder together under `pytest -n 2 --dist loadgroup`."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.xdist_group("deployed"))


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The deployed system; its tests share the table, so each makes sessions and customers of its own."""
    with deployed_system(tmp_path_factory.mktemp("deployed")) as system:
        yield system
