from __future__ import annotations

from typing import Any

import pytest

from session_store import SessionStore
from tests.unit.gateway import Gateway


class NoAws:
    """A client that must not be used."""

    def __getattr__(self, name: str) -> Any:
        return lambda **_: pytest.fail(f"{name} was called")


@pytest.fixture
def gateway(session_store: SessionStore) -> Gateway:
    """The API over a store in memory."""
    return Gateway(session_store)


@pytest.fixture(scope="session")
def gateway_without_aws() -> Gateway:
    """The API for requests that have to be refused before any call to AWS."""
    client: Any = NoAws()
    return Gateway(SessionStore("sessions", dynamodb_client=client))
