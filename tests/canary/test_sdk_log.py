"""The SDK's own debug log, which quotes requests and replies, when everything is logged."""

from __future__ import annotations

import logging
from typing import Any

import botocore.session
import pytest

from session_store import SessionStore, StoreUnavailableError
from session_store.aws import CLIENT_CONFIG
from session_store.testing import MovableClock, moto_store
from tests.canary.marks import DATA_NEEDLES, MARKED_DATA, VALUE, MarkedTokens, assert_absent
from tests.support.methods import METHODS
from tests.support.scene import sign_in

# Query, GetItem, BatchGetItem, TransactWriteItems, UpdateItem, BatchWriteItem; PutItem is in each.
ONE_PER_OPERATION = (
    "get_session",
    "get_session of a known customer",
    "get_customer_sessions",
    "create_session in place of one",
    "update_data",
    "erase_customer",
)


@pytest.mark.shows("T49")
def test_it_shows_nothing_that_the_store_sends_or_gets(caplog: pytest.LogCaptureFixture, tokens: MarkedTokens) -> None:
    """With `session_store.testing`, whose DynamoDB the SDK talks to as it does to AWS."""
    caplog.set_level(logging.INFO, "botocore.hooks")  # who is called about what: much, and slow
    caplog.set_level(logging.DEBUG)
    with moto_store() as store:
        for name in ONE_PER_OPERATION:
            METHODS[name](store, sign_in(store, data=MARKED_DATA))

    assert "botocore" in caplog.text
    logged = [(record.name, f"{vars(record)} {record.getMessage()}") for record in caplog.records]
    assert_absent({**tokens.needles, **tokens.hash_needles, **DATA_NEEDLES}, logged)


def test_it_shows_nothing_of_the_roles_credentials(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "botocore.hooks")
    caplog.set_level(logging.DEBUG)
    session = botocore.session.get_session()
    session.set_credentials("AKIDEXAMPLE", "secret-key-canary", "session-token-canary")
    closed = "http://127.0.0.1:9"  # the port of the discard protocol
    client: Any = session.create_client("dynamodb", region_name="us-east-1", endpoint_url=closed, config=CLIENT_CONFIG)

    with pytest.raises(StoreUnavailableError):
        SessionStore("sessions", dynamodb_client=client, clock=MovableClock()).get_last_login_time("ana")

    assert "botocore" in caplog.text
    assert "canary" not in caplog.text


def test_it_still_shows_the_applications_own_calls(caplog: pytest.LogCaptureFixture) -> None:
    """So the test above would see the store's, too."""
    caplog.set_level(logging.DEBUG)
    with moto_store() as store:
        store.create_session("ana", data=MARKED_DATA)
        storage: Any = store._context.storage
        client = storage._client
        client.scan(TableName="sessions")

    assert VALUE in caplog.text
