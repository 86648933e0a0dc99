"""The filters of the stream's function, by moto's rules for patterns, over the changes that a store makes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final

import pytest
from moto.events.models import EventPattern

from session_store import SessionStore
from session_store.catalog.lifecycle import EVENT_FILTERS
from session_store.storage import schema
from session_store.testing import MovableClock, create_table
from tests.support.stream import BY_TTL, TABLE, Record, StreamingClient

MOST_FILTERS: Final = 5  # that Lambda takes


def woken_by(record: Record) -> list[str]:
    """The filters that let a record through."""
    event: Any = record
    return [each.change for each in EVENT_FILTERS if EventPattern.load(json.dumps(each.pattern)).matches_event(event)]


@pytest.fixture(scope="module")
def changes() -> dict[str, list[Record]]:
    """The records of each thing that is done."""
    clock, client = MovableClock(), StreamingClient()
    create_table(client, TABLE)
    store = SessionStore(TABLE, dynamodb_client=client, clock=clock)
    found = {}
    for name, do in life_of_a_customer(store, clock, client):
        before = len(client.records)
        do()
        found[name] = client.records[before:]
    by_ttl = {
        f"{name} by TTL": [each | {"userIdentity": BY_TTL} for each in found[name] if each["eventName"] == "REMOVE"]
        for name in ("erasure", "removal of a live row")
    }
    return found | by_ttl | {"save without images": [without_images(each) for each in found["save"]]}


def without_images(record: Record) -> Record:
    """As a stream has it that is switched on with another view type."""
    kept = {name: value for name, value in record["dynamodb"].items() if not name.endswith("Image")}
    return record | {"dynamodb": kept | {"StreamViewType": "KEYS_ONLY"}}


def life_of_a_customer(
    store: SessionStore, clock: MovableClock, rows: Any
) -> Iterator[tuple[str, Callable[[], object]]]:
    """All steps, in order, so that the erasure finds rows of every kind and state."""
    yield "sign-in", lambda: store.create_session("ABC", data={"cart": []})
    (session,) = store.get_customer_sessions("ABC").sessions
    clock.advance(timedelta(minutes=10))
    yield "extension", lambda: store.extend_session(session)
    yield "save", lambda: store.update_data(session, {"cart": ["tea"]})
    yield "child", lambda: store.create_child_session(session.session_id)
    page = store.get_child_sessions(session.session_id)
    (child,) = page.children if page else ()
    yield "end of a child", lambda: store.end_child_session(session.session_id, child.child_session_id)
    yield "sign-out", lambda: store.end_session(session)
    ended = next(row for row in rows.scan(TableName=TABLE)["Items"] if row["SK"] == {"S": "c#ABC"})
    yield "import of an ended session", lambda: rows.put_item(TableName=TABLE, Item=ended | {"PK": {"S": "suuid#0"}})
    yield "sign-in with a key", lambda: store.create_session("ABC", idempotency_key="key")
    visitor = store.create_session().session.session_id
    yield "removal of a live row", lambda: rows.delete_item(TableName=TABLE, Key=key_of(visitor))
    token = store.create_session().token
    yield "sign-in in place of a visitor", lambda: store.create_session("ABC", replaces=token)
    yield "end of all", lambda: store.end_customer_sessions("ABC")
    yield "erasure", lambda: store.erase_customer("ABC")


def key_of(visitors_session: str) -> dict[str, Any]:
    return {
        "PK": {"S": schema.session_partition_key(visitors_session)},
        "SK": {"S": schema.session_sort_key(visitors_session, None)},
    }


@pytest.mark.shows("A28")
@pytest.mark.parametrize(
    ("done", "woken"),
    [
        ("sign-in", ["INSERT"]),
        ("extension", []),
        ("save", []),
        ("child", ["INSERT"]),
        ("end of a child", ["MODIFY"]),
        ("sign-out", ["MODIFY"]),
        ("import of an ended session", []),
        ("sign-in with a key", ["INSERT"]),
        ("removal of a live row", ["REMOVE"]),
        ("removal of a live row by TTL", ["REMOVE"]),
        ("sign-in in place of a visitor", ["INSERT", "MODIFY"]),
        ("end of all", ["MODIFY", "MODIFY"]),
        ("erasure", ["REMOVE"] * 5),
        ("erasure by TTL", []),
        ("save without images", ["MODIFY"]),
    ],
)
def test_an_event_wakes_the_function_and_nothing_else_does(
    changes: dict[str, list[Record]], done: str, woken: list[str]
) -> None:
    assert changes[done]
    assert sorted(each["eventName"] for each in changes[done] if woken_by(each)) == woken


def test_each_filter_lets_through_what_no_other_one_does(changes: dict[str, list[Record]]) -> None:
    alone = [found for records in changes.values() for each in records if len(found := woken_by(each)) == 1]
    assert {change for (change,) in alone} == {each.change for each in EVENT_FILTERS}
    assert len(EVENT_FILTERS) <= MOST_FILTERS
