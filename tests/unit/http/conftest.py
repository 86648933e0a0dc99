from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, cast

import pytest

from session_store import SessionStore
from session_store.storage.requests import DynamoDBClient
from tests.unit.gateway import Gateway


class NoAws:
    """A client that must not be used."""

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        return lambda **_: pytest.fail(f"{name} was called")


@pytest.fixture
def gateway(session_store: SessionStore) -> Gateway:
    """The API over a store in memory."""
    return Gateway(session_store)


@pytest.fixture(scope="session")
def gateway_without_aws() -> Gateway:
    """The API for requests that have to be refused before any call to AWS."""
    return Gateway(SessionStore("sessions", dynamodb_client=cast("DynamoDBClient", NoAws())))
