"""Loading the sample data at each start: what is there keeps its changes and gets a new lifetime."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local import sample_data as sample
from local.load import load_sample_data
from session_store import SessionState, SessionStore
from session_store.storage.items import key_item, read_customer, read_session
from session_store.storage.records import CustomerKey, SessionKey
from session_store.testing import MovableClock, create_table
from tests.support.scene import children_of

TABLE = "sessions"
START = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def client() -> Iterator[Any]:
    with mock_aws():
        client: Any = boto3.client(
            "dynamodb", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
        )
        create_table(client, TABLE)
        yield client


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(START)


@pytest.fixture
def store(client: Any, clock: MovableClock) -> SessionStore:
    """The store over the sample data, loaded once."""
    load(client, clock)
    return SessionStore(TABLE, dynamodb_client=client, clock=clock)


def load(client: Any, clock: MovableClock) -> None:
    load_sample_data(client, TABLE, now=int(clock.now()))


def test_the_store_answers_from_the_sample_data(store: SessionStore) -> None:
    children = children_of(store, sample.SESSION_ABC) or ()
    sessions = store.get_customer_sessions("ABC").sessions
    parents = [store.get_session_by_child(child_id) for child_id in (sample.CHILD_ABC, sample.CHILD_XYZ)]

    assert (store.get_last_login_time("ABC"), store.get_last_login_time("XYZ")) == (sample.LOGIN_ABC, sample.LOGIN_XYZ)
    assert {child.child_session_id: child.session_state for child in children} == {
        sample.CHILD_ABC: SessionState.ACTIVE,
        sample.CHILD_ABC_CLOSING: SessionState.CLOSING,
    }
    assert {session.session_id: session.session_state for session in sessions} == {
        sample.SESSION_ABC: SessionState.ACTIVE,
        sample.SESSION_ABC_CLOSING: SessionState.CLOSING,
    }
    assert [parent and parent.session_id for parent in parents] == [sample.SESSION_ABC, sample.SESSION_XYZ]
    assert store.get_session(sample.SESSION_XYZ, customer_id="XYZ") is not None
    assert store.get_session(sample.SESSION_ABC, customer_id="XYZ") is None


def test_another_load_renews_the_lifetime_and_keeps_the_changes(
    store: SessionStore, client: Any, clock: MovableClock
) -> None:
    store.update_data(sample.SESSION_ABC, {"theme": "dark"})
    clock.advance(sample.TIMEOUTS.idle + timedelta(days=1))
    assert store.get_session(sample.SESSION_ABC) is None

    load(client, clock)

    session = store.get_session(sample.SESSION_ABC)
    assert session is not None
    assert session.data["theme"] == "dark"
    assert session.expires_at == START + timedelta(days=1) + 2 * sample.TIMEOUTS.idle
    assert session.last_login_time == sample.LOGIN_ABC


def test_another_load_brings_back_a_sample_session_that_was_ended(
    store: SessionStore, client: Any, clock: MovableClock
) -> None:
    store.end_session(sample.SESSION_XYZ)

    load(client, clock)

    assert store.get_session(sample.SESSION_XYZ) is not None


def test_sessions_brought_back_after_an_end_all_belong_to_the_customers_new_generation(
    store: SessionStore, client: Any, clock: MovableClock
) -> None:
    store.end_customer_sessions("XYZ")

    load(client, clock)

    customer = client.get_item(TableName=TABLE, Key=key_item(CustomerKey("XYZ")))["Item"]
    session = client.get_item(TableName=TABLE, Key=key_item(SessionKey(sample.SESSION_XYZ, "XYZ")))["Item"]
    assert (read_session(session).customer_row, read_session(session).generation) == (
        read_customer(customer).row_id,
        read_customer(customer).generation,
    )
    assert read_customer(customer).covered > 0, "what the store had noted is kept"
