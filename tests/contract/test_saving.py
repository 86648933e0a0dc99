"""Saves: merge patches, races, conflicts, increments, and saves that arrive after the end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from session_store import (
    ConflictError,
    DataTooLargeError,
    InvalidInputError,
    InvalidTokenError,
    JSONObject,
    PreconditionFailedError,
    SessionNotFoundError,
    SessionState,
    SessionStore,
)
from session_store.clock import SystemClock
from session_store.testing import MovableClock
from tests.faults.finished import data_of
from tests.support.engines import Difference, Engine
from tests.support.faults import FOREVER, Faults
from tests.support.scene import START, Scene, SignedIn

MERGES: list[tuple[JSONObject, JSONObject, JSONObject]] = [
    ({}, {"a": 1}, {"a": 1}),
    ({"a": 1}, {"a": None}, {}),
    ({"a": 1}, {"b": None}, {"a": 1}),
    ({"a": {"b": 1, "c": 2}}, {"a": {"b": None, "d": 3}}, {"a": {"c": 2, "d": 3}}),
    ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
    ({"a": "text"}, {"a": {"b": {"c": None}}}, {"a": {"b": {}}}),
    ({"a": {"b": 1}}, {"a": "text"}, {"a": "text"}),
    ({"a": [{"b": None}]}, {"a": [{"b": None}]}, {"a": [{"b": None}]}),
]
VALUES: list[JSONObject] = [
    {"empty": {}, "list": [], "text": "", "none": [None], "no": False, "yes": True},
    {"zero": 0, "negative": -1, "big": 10**37, "half": 0.5, "tiny": 1e-100, "huge": 1e100},
    {"umlaut": "ä", "日本": "東京", "emoji": "🍵", "a.b": 1, "#": 2, ":": 3, "with space": 4, "size": 5},
    {"binary-like": "AAECAw==", "deep": {"a": {"b": {"c": [{"d": [[]]}]}}}},
]


@pytest.mark.parametrize("data", VALUES)
def test_json_comes_back_as_it_was(store: SessionStore, other: SessionStore, data: JSONObject) -> None:
    session = store.create_session("ana", data=data).session

    read = other.get_session(session.session_id)

    assert read is not None
    assert read.data == data
    assert _types(read.data) == _types(data)


def _types(value: object) -> object:
    if isinstance(value, dict):
        return {key: _types(item) for key, item in value.items()}
    return [_types(item) for item in value] if isinstance(value, list) else type(value)


def test_integral_floats_come_back_as_int(store: SessionStore, other: SessionStore) -> None:
    session = store.create_session("ana", data={"price": 3.0}).session
    read = other.get_session(session.session_id)

    assert read is not None
    assert read.data == {"price": 3}
    assert type(read.data["price"]) is int


@pytest.mark.parametrize(("data", "changes", "merged"), MERGES)
def test_changes_are_merged_as_rfc_7396_says(
    store: SessionStore, other: SessionStore, data: JSONObject, changes: JSONObject, merged: JSONObject
) -> None:
    session = store.create_session("ana", data=data).session

    saved = store.update_data(session.session_id, changes)

    assert saved.data == merged
    assert saved.version == session.version + 1
    assert other.get_session(session.session_id) == saved


def test_two_saves_of_different_keys_both_win(
    store: SessionStore, other: SessionStore, faults: Faults, signed_in: SignedIn
) -> None:
    faults.before("UpdateItem", lambda: other.update_data(signed_in.id, {"theme": "dark"}))

    saved = store.update_data(signed_in.id, {"language": "de"})

    assert saved.data == {"cart": ["tea"], "visits": 1, "theme": "dark", "language": "de"}
    assert other.get_session(signed_in.id) == saved


def test_two_saves_of_different_nested_keys_both_win(store: SessionStore, other: SessionStore, faults: Faults) -> None:
    session = store.create_session("ana", data={"form": {"name": "", "street": ""}}).session
    faults.before("UpdateItem", lambda: other.update_data(session.session_id, {"form": {"name": "Ana"}}))

    saved = store.update_data(session, {"form": {"street": "Main St"}})

    assert saved.data == {"form": {"name": "Ana", "street": "Main St"}}


def test_the_later_of_two_saves_of_the_same_key_gets_a_conflict_that_names_it(
    store: SessionStore, other: SessionStore, faults: Faults, signed_in: SignedIn
) -> None:
    faults.before("UpdateItem", lambda: other.update_data(signed_in.id, {"cart": ["milk"]}))

    with pytest.raises(ConflictError) as conflict:
        store.update_data(signed_in.id, {"cart": ["coffee"], "theme": "dark"})

    assert conflict.value.keys == ("/cart",)
    assert data_of(other, signed_in.id) == {"cart": ["milk"], "visits": 1}


def test_the_later_of_two_saves_of_the_same_nested_key_gets_a_conflict(
    store: SessionStore, other: SessionStore, faults: Faults
) -> None:
    session = store.create_session("ana", data={"form": {"a/b": 1, "rest": 1}}).session
    faults.before("UpdateItem", lambda: other.update_data(session.session_id, {"form": {"a/b": 2}}))

    with pytest.raises(ConflictError) as conflict:
        store.update_data(session.session_id, {"form": {"a/b": 3}})

    assert conflict.value.keys == ("/form/a~1b",)


def test_a_save_of_a_key_whose_parent_was_replaced_gets_a_conflict(
    store: SessionStore, other: SessionStore, faults: Faults
) -> None:
    session = store.create_session("ana", data={"form": {"name": ""}}).session
    faults.before("UpdateItem", lambda: other.update_data(session.session_id, {"form": None}))

    with pytest.raises(ConflictError):
        store.update_data(session.session_id, {"form": {"name": "Ana"}})


def test_a_save_from_an_old_read_conflicts_with_what_happened_since(
    store: SessionStore, other: SessionStore, signed_in: SignedIn
) -> None:
    read_before = signed_in.root.session
    other.update_data(signed_in.id, {"cart": ["milk"]})

    with pytest.raises(ConflictError):
        store.update_data(read_before, {"cart": ["coffee"]})
    assert store.update_data(read_before, {"theme": "dark"}).data == {"cart": ["milk"], "visits": 1, "theme": "dark"}


def test_the_last_write_wins_for_whoever_asks_for_it(
    store: SessionStore, other: SessionStore, faults: Faults, signed_in: SignedIn
) -> None:
    faults.before("UpdateItem", lambda: other.update_data(signed_in.id, {"cart": ["milk"], "theme": "dark"}))

    saved = store.update_data(signed_in.id, {"cart": ["coffee"]}, last_write_wins=True)

    assert saved.data == {"cart": ["coffee"], "visits": 1, "theme": "dark"}


def test_a_save_is_applied_again_three_times_and_then_gives_up(
    store: SessionStore, other: SessionStore, faults: Faults, signed_in: SignedIn
) -> None:
    def interfere() -> None:
        other.increment(signed_in.id, "visits")

    faults.before("UpdateItem", interfere, times=3)
    assert store.update_data(signed_in.id, {"theme": "dark"}).data == {"cart": ["tea"], "visits": 4, "theme": "dark"}

    faults.before("UpdateItem", interfere, times=FOREVER)
    with pytest.raises(ConflictError) as conflict:
        store.update_data(signed_in.id, {"theme": "light"})
    assert conflict.value.keys == ()


def test_a_closing_session_takes_no_more_saves(store: SessionStore, other: SessionStore, signed_in: SignedIn) -> None:
    closed = store.update_data(signed_in.id, {"reason": "signed out at the provider"}, closing=True)

    assert closed.session_state is SessionState.CLOSING
    assert closed.data["reason"] == "signed out at the provider"
    with pytest.raises(SessionNotFoundError):
        other.update_data(signed_in.id, {})
    with pytest.raises(SessionNotFoundError):
        other.increment(signed_in.id, "visits")
    with pytest.raises(InvalidTokenError):
        other.validate(signed_in.token)


def test_a_saved_session_can_be_saved_again_without_another_read(
    store: SessionStore, faults: Faults, signed_in: SignedIn
) -> None:
    session = store.update_data(signed_in.id, {"step": 1})
    session = store.update_data(session, {"step": 2})
    session = store.increment(session, "step")

    assert session.data["step"] == 3
    assert faults.operations == ["Query", "UpdateItem", "UpdateItem", "UpdateItem"]


def test_a_validated_session_can_be_saved_without_another_read(
    store: SessionStore, faults: Faults, signed_in: SignedIn
) -> None:
    store.update_data(store.validate(signed_in.token), {"theme": "dark"})

    assert faults.operations == ["Query", "UpdateItem"]


def test_changing_a_read_sessions_data_in_place_saves_only_what_is_said(
    store: SessionStore, signed_in: SignedIn
) -> None:
    session = store.validate(signed_in.token)
    session.data["cart"] = ["changed in place"]

    assert store.update_data(session, {"theme": "dark"}).data == {"cart": ["tea"], "visits": 1, "theme": "dark"}


def test_a_save_keeps_what_a_rotation_and_a_refresh_wrote(
    store: SessionStore, other: SessionStore, clock: MovableClock, signed_in: SignedIn
) -> None:
    clock.advance(timedelta(minutes=5))
    rotated = other.rotate(signed_in.token).token
    assert rotated is not None
    other.validate(rotated)

    store.update_data(signed_in.root.session, {"theme": "dark"})

    assert store.validate(rotated).last_seen_at == START + timedelta(minutes=5)


def test_data_is_replaced_as_a_whole(store: SessionStore, other: SessionStore, signed_in: SignedIn) -> None:
    replaced = store.replace_data(signed_in.id, {"theme": "dark"}, version=1)

    assert replaced.data == {"theme": "dark"}
    assert other.get_session(signed_in.id) == replaced


@pytest.mark.parametrize("interfere_at", ["Query", "UpdateItem"])
def test_data_is_replaced_only_at_the_version_that_was_seen(
    store: SessionStore, other: SessionStore, faults: Faults, signed_in: SignedIn, interfere_at: str
) -> None:
    faults.before(interfere_at, lambda: other.update_data(signed_in.id, {"theme": "dark"}))

    with pytest.raises(PreconditionFailedError):
        store.replace_data(signed_in.id, {}, version=1)

    assert data_of(other, signed_in.id) == {"cart": ["tea"], "visits": 1, "theme": "dark"}


def test_parallel_increments_are_all_counted(
    store: SessionStore, other: SessionStore, faults: Faults, signed_in: SignedIn
) -> None:
    faults.before("UpdateItem", lambda: other.increment(signed_in.id, "visits", 10), times=5)

    assert store.increment(signed_in.id, "visits").data["visits"] == 52


def test_threads_may_share_a_store(scene: Scene, engine: Engine) -> None:
    if engine.differs(Difference.THREADS):
        pytest.skip(Difference.THREADS)
    store = scene.store_with(clock=SystemClock())
    session = store.create_session("ana").session
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: store.increment(session.session_id, "visits"), range(12)))

    assert data_of(store, session.session_id)["visits"] == 12


def test_a_missing_number_starts_at_zero(store: SessionStore, signed_in: SignedIn) -> None:
    assert store.increment(signed_in.id, "clicks", -2.5).data["clicks"] == -2.5


@pytest.mark.parametrize("held", ["text", None, True, [1], {"n": 1}])
def test_only_numbers_can_be_incremented(store: SessionStore, held: object) -> None:
    session = store.create_session("ana", data={"visits": [held] if held is None else held}).session

    with pytest.raises(ConflictError) as conflict:
        store.increment(session.session_id, "visits")
    assert conflict.value.keys == ("/visits",)


@pytest.mark.parametrize(("held", "by"), [(10**38 - 1, 1), (9e125, 9e125)], ids=["whole", "float"])
def test_an_increment_beyond_what_a_number_can_hold_is_refused_and_nothing_written(
    store: SessionStore, other: SessionStore, faults: Faults, held: float, by: float
) -> None:
    session = store.create_session("ana", data={"n": held}).session
    faults.calls.clear()

    with pytest.raises(InvalidInputError):
        store.increment(session.session_id, "n", by)

    assert faults.operations == ["Query"]
    assert other.get_session(session.session_id) == session


def test_a_save_that_would_make_the_item_too_large_is_refused_and_nothing_written(
    store: SessionStore, other: SessionStore, faults: Faults, signed_in: SignedIn
) -> None:
    store.update_data(signed_in.id, {"blob": "x" * 390_000})
    faults.calls.clear()

    with pytest.raises(DataTooLargeError) as refused:
        store.update_data(signed_in.id, {"more": "x" * 30_000})

    assert refused.value.size > refused.value.limit == 400 * 1024
    assert "UpdateItem" not in faults.operations
    assert "more" not in data_of(other, signed_in.id)


def test_an_item_of_just_the_allowed_size_is_stored(store: SessionStore, engine: Engine) -> None:
    if engine.differs(Difference.ITEM_SIZE):
        pytest.skip(Difference.ITEM_SIZE)
    with pytest.raises(DataTooLargeError) as refused:
        store.create_session("ana", data={"blob": "x" * 409_500})  # too much only with the rest of the item
    room = 409_500 - (refused.value.size - refused.value.limit)

    session = store.create_session("ana", data={"blob": "x" * room}).session

    assert store.get_session(session.session_id) == session
    with pytest.raises(DataTooLargeError):
        store.create_session("ana", data={"blob": "x" * (room + 1)})


def test_a_session_object_of_somebody_else_is_not_changed(store: SessionStore, signed_in: SignedIn) -> None:
    session = signed_in.root.session

    with pytest.raises(SessionNotFoundError):
        store.update_data(session, {"theme": "dark"}, customer_id="ben")
    with pytest.raises(SessionNotFoundError):
        store.replace_data(session, {}, customer_id="ben", version=1)
    with pytest.raises(SessionNotFoundError):
        store.increment(session, "visits", customer_id="ben")
    assert store.get_session(signed_in.id) == session
