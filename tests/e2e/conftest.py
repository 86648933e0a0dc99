"""End to end: one deployed system for all tests of this folder, which `tests.support.scheduling` keeps together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.deployed import Deployed, deployed_system
from tests.support.protected_api import ProtectedApi, deploy_protected_api

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The deployed system; its tests share the table, so each makes sessions and customers of its own."""
    with deployed_system(tmp_path_factory.mktemp("deployed")) as system:
        yield system


@pytest.fixture(scope="session")
def protected_api(deployed: Deployed) -> ProtectedApi:
    """An application's own API in a second stack, with the authorizer and the user routes on it."""
    return deploy_protected_api(deployed)
