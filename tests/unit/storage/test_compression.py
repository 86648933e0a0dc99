"""Data that is stored compressed: when it is, that all stores read it, and that nothing else is taken for it."""

from __future__ import annotations

import json
import tracemalloc
import zlib
from typing import Any

import pytest

from session_store import DataTooLargeError, IncidentName, SessionStore, UnreadableDataError
from session_store.data.weights import MAX_CONTENT_BYTES
from session_store.storage.attribute_values import Item, item_bytes
from session_store.storage.compression import decompress
from session_store.storage.document import Codecs
from tests.support.scene import Scene, children_of

KB = 1024
MAX_TEXT_BYTES = Codecs.max_text_bytes
CART = {"cart": [{"article": number, "name": "tea from Assam", "price": 4.5} for number in range(40)]}
NUMBERS = {"list": [1.0, -0.0, 1e100, 0.1, 10**37, -5, 1e20, "é\u0001", None, True, {}, []] * 60}


@pytest.fixture
def store(scene: Scene) -> SessionStore:
    return scene.store_with(compression=True)


def row_of(scene: Scene, session_id: str) -> Item:
    return next(row for row in scene.raw_rows() if row["PK"]["S"].endswith(session_id) and "data" in row)


def put(scene: Scene, session_id: str, **changes: Any) -> None:
    scene.client.put_item(TableName=scene.table_name, Item=row_of(scene, session_id) | changes)


def test_data_is_compressed_where_that_saves_a_unit_to_write(scene: Scene, store: SessionStore) -> None:
    session = store.create_session("ana", data=CART).session
    row = row_of(scene, session.session_id)

    assert row["data_codec"] == {"S": "z"}
    assert item_bytes(row) < KB < 2 * KB < len(json.dumps(CART))
    assert session.data == CART == scene.other.get_session(session.session_id).data  # type: ignore[union-attr]


@pytest.mark.parametrize("size", [10, 300])
def test_data_that_fits_into_as_few_units_as_it_is_stays_as_it_is(scene: Scene, store: SessionStore, size: int) -> None:
    session = store.create_session("ana", data={"text": "x" * size}).session

    assert row_of(scene, session.session_id)["data"] == {"M": {"text": {"S": "x" * size}}}
    assert "data_codec" not in row_of(scene, session.session_id)


def test_each_save_decides_anew_whatever_the_row_has(scene: Scene, store: SessionStore) -> None:
    session = scene.other.create_session("ana", data=CART).session
    codecs = []
    for saving, change in (
        (store, {"visits": 1}),
        (scene.other, {"visits": 2}),
        (store, {"visits": 3}),
        (store, {"cart": None}),
    ):
        session = saving.update_data(session, change)
        codecs.append(row_of(scene, session.session_id).get("data_codec"))

    assert codecs == [{"S": "z"}, None, {"S": "z"}, None]
    assert session.data == {"visits": 3}


def test_a_child_session_has_its_data_compressed_as_well(scene: Scene, store: SessionStore) -> None:
    session = store.create_session("ana").session
    store.create_child_session(session, data=CART)

    assert [child.data for child in children_of(scene.other, session) or ()] == [CART]
    assert sum("data_codec" in row for row in scene.raw_rows()) == 1


def test_values_come_back_as_they_do_without_compression(scene: Scene, store: SessionStore) -> None:
    plain, compressed = (each.create_session("ana", data=NUMBERS).session for each in (scene.other, store))

    assert "data_codec" in row_of(scene, compressed.session_id)
    assert repr(compressed.data) == repr(plain.data)


def test_one_write_saves_two_units_of_three(scene: Scene, store: SessionStore) -> None:
    session = store.create_session("ana", data=CART).session

    assert store.increment(session, "visits").data["visits"] == 1
    assert -(-item_bytes(row_of(scene, session.session_id)) // KB) == 1


def test_an_end_removes_the_form_with_the_data(scene: Scene, store: SessionStore) -> None:
    session = store.create_session("ana", data=CART).session
    store.end_session(session)

    assert not any({"data", "data_codec"} & row.keys() for row in scene.raw_rows())


def test_more_data_than_a_row_holds_plainly_is_refused(scene: Scene, store: SessionStore) -> None:
    session = store.create_session("ana", data={"text": "x" * (MAX_CONTENT_BYTES - 10_000)}).session

    with pytest.raises(DataTooLargeError):
        store.update_data(session, {"more": "x" * 10_000})
    assert scene.other.update_data(session, {"text": None}).data == {}


UNREADABLE: dict[str, Item] = {
    "a bomb": {"data": {"B": zlib.compress(b" " * MAX_TEXT_BYTES + b"{}")}},
    "cut off": {"data": {"B": zlib.compress(b"{}" * 100)[:-1]}},
    "something behind it": {"data": {"B": zlib.compress(b"{}") + b"more"}},
    "no compressed text": {"data": {"B": b"tea"}},
    "no bytes": {"data": {"S": "tea"}},
    "no Unicode": {"data": {"B": zlib.compress(b"\xff")}},
    "no JSON": {"data": {"B": zlib.compress(b"{tea}")}},
    "JSON in JSON, and so on": {"data": {"B": zlib.compress(b"[" * 100_000)}},
    "no object": {"data": {"B": zlib.compress(b"[]")}},
    "the form of a newer version": {"data_codec": {"S": "z2" * 90}},
}


@pytest.mark.parametrize("problem", UNREADABLE)
def test_data_that_cannot_be_read_is_a_typed_error_and_its_session_can_be_ended(
    scene: Scene, store: SessionStore, problem: str
) -> None:
    created, other = store.create_session("ana", data=CART), store.create_session("ana")
    put(scene, created.session.session_id, **UNREADABLE[problem])

    for call in (
        lambda: scene.store.validate(created.token),
        lambda: scene.store.get_session(created.session.session_id),
        lambda: scene.store.update_data(created.session.session_id, {"a": 1}),
        lambda: scene.store.increment(created.session.session_id, "visits"),
        lambda: scene.store.take(created.session.session_id, "cart"),
        lambda: scene.store.replace_data(created.session.session_id, {}, version=1),
    ):
        with pytest.raises(UnreadableDataError) as raised:
            call()
        assert raised.value.session_id == created.session.session_id
        assert "tea" not in str(raised.value)
        assert raised.value.__context__ is None
    assert [each.session_id for each in scene.store.get_customer_sessions("ana").sessions] == [other.session.session_id]
    assert {event.name for event in scene.events} == {IncidentName.UNREADABLE_ROW}
    assert scene.store.end_session(created.session.session_id)


def test_no_bomb_is_unpacked_beyond_the_largest_data() -> None:
    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(b" " * 2**20) for _ in range(100)) + packer.flush()

    tracemalloc.start()
    with pytest.raises(ValueError, match=r"^$"):
        decompress(bomb, MAX_TEXT_BYTES)
    assert tracemalloc.get_traced_memory()[1] < 3 * MAX_TEXT_BYTES
    tracemalloc.stop()


def test_an_increment_and_a_later_save_of_one_request_both_count(store: SessionStore) -> None:
    session = store.create_session("ana", data=CART).session
    counted = store.increment(session, "visits")

    assert store.update_data(counted, {"cart": []}).data == {"cart": [], "visits": 1}


def test_a_sign_in_carries_compressed_data_over(scene: Scene, store: SessionStore) -> None:
    visitor = store.create_session(data=CART)

    created = scene.other.create_session("ana", replaces=visitor.token, carry_data=True)
    assert created.session.data == CART
