"""The seams of the storage: operations speak in records."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from local.paths import ROOT
from session_store import SessionStore, Timeouts
from session_store.operations.create import NewSession
from session_store.testing import create_table
from session_store.testing.memory_engine import MemoryClient

TABLE = "sessions"
OPERATIONS = sorted((ROOT / "session_store" / "operations").glob("*.py"))
DYNAMODB = re.compile(r"""\["[SNBML]"\]|["' (]#\w|attribute_values|:\w+ AND|UpdateItem|Expression""")


@pytest.fixture
def client() -> MemoryClient:
    client = MemoryClient()
    create_table(client, TABLE)
    return client


@pytest.mark.parametrize("file", OPERATIONS, ids=lambda file: str(file.name))
def test_no_operation_speaks_dynamodb(file: Path) -> None:
    assert not DYNAMODB.findall(file.read_text())


def test_a_copy_of_a_session_keeps_its_snapshot_and_saves_as_the_session_does(client: MemoryClient) -> None:
    store = SessionStore(TABLE, dynamodb_client=client)
    session = store.create_session("ana", data={"cart": ["tea"]}).session
    copy = replace(session, data={"mine": True}, customer_id="ben")
    session.data["cart"].append("mine")

    assert copy != session
    assert store.update_data(copy, {"visits": 1}).data == {"cart": ["tea"], "visits": 1}


def test_sessions_of_a_customer_end_and_are_erased_also_where_a_row_has_little_more_than_its_key(
    client: MemoryClient,
) -> None:
    store = SessionStore(TABLE, dynamodb_client=client)
    session = store.create_session("ana").session
    store.create_child_session(session)
    for row in client.tables[TABLE].rows.values():
        if row["entity_type"]["S"] != "customer":
            del row["customer_id"]
        if row["entity_type"]["S"] == "child_session":
            del row["entity_type"], row["version"]

    assert store.end_customer_sessions("ana").count == 1
    assert store.erase_customer("ana").count == 2
    assert client.scan(TableName=TABLE)["Items"] == []


def test_a_new_session_shows_neither_its_data_nor_the_token_that_it_replaces() -> None:
    wanted = {"carry_data": True, "idempotency_key": "secret", "ends_with_browser": False}
    new = NewSession("ana", {"cart": ["tea"]}, None, Timeouts(), "v1.secret", **wanted)  # type: ignore[arg-type]

    assert repr(new) == "NewSession(...)"
