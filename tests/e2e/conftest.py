"""The deployed system as its callers see it."""

from __future__ import annotations

import uuid

import pytest

from tests.support.checked_api import CheckedApi
from tests.support.deployed import Deployed


@pytest.fixture(scope="session")
def api(deployed: Deployed) -> CheckedApi:
    """The back end's API; each answer is held against the OpenAPI document."""
    return CheckedApi(deployed.url, deployed.credentials)


@pytest.fixture
def customer() -> str:
    """A customer of this test alone."""
    return f"customer-{uuid.uuid4()}"
