"""Changes of single places: as many as DynamoDB takes in one expression, and rows that earlier versions wrote."""

from __future__ import annotations

import re
from typing import Any

import pytest

from session_store import SessionStore
from session_store.testing import create_table
from session_store.testing.memory_engine import MemoryClient

OPERATORS = re.compile(r" (?:=|<>|<|>|<=|>=|AND|OR|\+) |\w+\(")


class Recording(MemoryClient):
    """Keeps the last update."""

    last: dict[str, Any]

    def update_item(self, **parameters: Any) -> dict[str, Any]:
        self.last = parameters
        return super().update_item(**parameters)


@pytest.fixture
def client() -> Recording:
    client = Recording()
    create_table(client, "sessions")
    return client


@pytest.mark.parametrize(("deep", "most"), [(0, 85), (1, 30), (28, 5)])
def test_no_expression_is_longer_than_dynamodb_takes(client: Recording, deep: int, most: int) -> None:
    store = SessionStore("sessions", dynamodb_client=client)
    by_places = 0
    for number in range(1, 100):
        change: dict[str, Any] = {f"key {index}": index for index in range(number)}
        around: dict[str, Any] = {}
        for level in range(deep):
            change, around = {f"level {level}": change}, {f"level {level}": around}
        session = store.create_session(data=around).session
        store.update_data(session, change)

        texts = [client.last["UpdateExpression"], client.last["ConditionExpression"]]
        assert max(map(len, texts)) <= 4096
        assert max(len(OPERATORS.findall(text)) for text in texts) <= 300
        by_places += "#data.#" in texts[0]

    assert by_places >= most


def test_a_row_that_knows_only_two_saves_learns_to_know_eight(client: Recording) -> None:
    store = SessionStore("sessions", dynamodb_client=client)
    session = store.create_session(data={"n": 0}).session
    (row,) = client.tables["sessions"].rows.values()
    row["previous_write_id"] = {"B": b"earlier!"}

    for _ in range(8):
        session = store.increment(session, "n")

    (row,) = client.tables["sessions"].rows.values()
    ids = {name: value["B"] for name, value in row.items() if "write_id" in name}
    assert len(ids) == len(set(ids.values())) == 8
    assert session.data == {"n": 8}
