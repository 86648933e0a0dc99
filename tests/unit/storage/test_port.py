"""The seams of the storage: operations speak in records, and data may be stored with a codec."""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from local.paths import ROOT
from session_store import SessionStore, StoreConfigurationError, Timeouts
from session_store.clock import SystemClock
from session_store.operations.create import NewSession
from session_store.storage.document import Codec, Codecs, Scope
from session_store.storage.dynamodb import DynamoDBStorage
from session_store.testing import create_table
from session_store.testing.memory_engine import MemoryClient
from tests.support.scene import children_of

TABLE = "sessions"
OPERATIONS = sorted((ROOT / "session_store" / "operations").glob("*.py"))
DYNAMODB = re.compile(r"""\["[SNBML]"\]|["' (]#\w|attribute_values|:\w+ AND|UpdateItem|Expression""")


@dataclass
class Compressed:
    """The text of the JSON, compressed."""

    scope: Scope
    name: str = "zlib"

    def encode(self, content: Any) -> dict[str, Any]:
        return {"B": zlib.compress(json.dumps(content).encode(), 1)}

    def decode(self, stored: dict[str, Any]) -> Any:
        return json.loads(zlib.decompress(stored["B"]))


@pytest.fixture
def client() -> MemoryClient:
    client = MemoryClient()
    create_table(client, TABLE)
    return client


def store_with(client: MemoryClient, writing: Codec | None = None, *reading: Codec) -> SessionStore:
    store = SessionStore(TABLE, dynamodb_client=client)
    storage = DynamoDBStorage(TABLE, client, SystemClock(), Codecs(writing, reading))
    store._context = replace(store._context, storage=storage)
    return store


def row_of(client: MemoryClient) -> dict[str, Any]:
    row: dict[str, Any]
    (row,) = (row for row in client.scan(TableName=TABLE)["Items"] if row["entity_type"]["S"] == "session")
    return row


@pytest.mark.parametrize("file", OPERATIONS, ids=lambda file: str(file.name))
def test_no_operation_speaks_dynamodb(file: Path) -> None:
    assert not DYNAMODB.findall(file.read_text())


@pytest.mark.parametrize("scope", Scope)
def test_data_goes_through_the_codec_and_comes_back(client: MemoryClient, scope: Scope) -> None:
    store = store_with(client, Compressed(scope))
    created = store.create_session("ana", data={"cart": ["tea"], "visits": 1})
    store.create_child_session(created.session, data={"app": "mail"})

    assert store.validate(created.token).data == {"cart": ["tea"], "visits": 1}
    assert store.update_data(created.session, {"cart": ["tea", "milk"]}).data["cart"] == ["tea", "milk"]
    assert store.increment(created.session.session_id, "visits").data == {"cart": ["tea", "milk"], "visits": 2}
    assert [child.data for child in children_of(store, created.session) or ()] == [{"app": "mail"}]
    assert row_of(client)["data_codec"] == {"S": "zlib"}
    assert ("M" in row_of(client)["data"]) is (scope is Scope.VALUE)
    assert "tea" not in repr(row_of(client)["data"])


def test_a_row_says_how_its_data_is_stored_and_each_save_stores_it_anew(client: MemoryClient) -> None:
    codec = Compressed(Scope.DOCUMENT)
    plain, compressing, both = store_with(client), store_with(client, codec), store_with(client, None, codec)
    session = plain.create_session("ana", data={"cart": ["tea"]}).session
    assert "data_codec" not in row_of(client)

    compressed = compressing.update_data(session, {"visits": 1})
    assert row_of(client)["data_codec"] == {"S": "zlib"}

    assert both.update_data(compressed, {"visits": 2}).data == {"cart": ["tea"], "visits": 2}
    assert "data_codec" not in row_of(client)


def test_an_end_removes_the_codec_with_the_data(client: MemoryClient) -> None:
    store = store_with(client, Compressed(Scope.DOCUMENT))
    session = store.create_session("ana", data={"cart": []}).session

    store.end_session(session)

    assert not {"data", "data_codec"} & set(row_of(client))


def test_a_codec_that_the_store_does_not_know_is_a_configuration_error(client: MemoryClient) -> None:
    created = store_with(client, Compressed(Scope.DOCUMENT)).create_session("ana", data={"cart": []})

    with pytest.raises(StoreConfigurationError, match="'zlib'"):
        store_with(client).validate(created.token)


def test_a_copy_of_a_session_keeps_its_snapshot_and_saves_as_the_session_does(client: MemoryClient) -> None:
    store = store_with(client)
    session = store.create_session("ana", data={"cart": ["tea"]}).session
    copy = replace(session, data={"mine": True}, customer_id="ben")
    session.data["cart"].append("mine")

    assert copy != session
    assert store.update_data(copy, {"visits": 1}).data == {"cart": ["tea"], "visits": 1}


def test_sessions_of_a_customer_end_and_are_erased_also_where_a_row_has_little_more_than_its_key(
    client: MemoryClient,
) -> None:
    store = store_with(client)
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
