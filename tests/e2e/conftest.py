"""End to end: one deployed system for all tests of this folder, which `tests.support.scheduling` keeps together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.protected_api import ProtectedApi, deploy_protected_api

if TYPE_CHECKING:
    from tests.support.deployed import Deployed


@pytest.fixture(scope="session")
def protected_api(deployed: Deployed) -> ProtectedApi:
    """An application's own API in a second stack, with the authorizer and the user routes on it."""
    return deploy_protected_api(deployed)
