"""Saves: merge patches, races, conflicts, increments, and saves that arrive after the end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from session_store import (
    ConflictError,
    CreatedSession,
    DataTooLargeError,
    InvalidInputError,
    JSONObject,
    PreconditionFailedError,
    SessionNotFoundError,
    SessionState,
)
from session_store.clock import SystemClock
from session_store.data.merge_patch import merge
from tests.faults.finished import data_of
from tests.support.engines import Difference, Engine
from tests.support.faults import FOREVER
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
def test_json_comes_back_as_it_was(scene: Scene, data: JSONObject) -> None:
    session = scene.store.create_session("ana", data=data).session

    read = data_of(scene.other, session.session_id)

    assert read == data
    assert _types(read) == _types(data)


def _types(value: object) -> object:
    if isinstance(value, dict):
        return {key: _types(item) for key, item in value.items()}
    return [_types(item) for item in value] if isinstance(value, list) else type(value)


def test_integral_floats_come_back_as_int(scene: Scene) -> None:
    session = scene.store.create_session("ana", data={"price": 3.0}).session
    read = data_of(scene.other, session.session_id)

    assert read == {"price": 3}
    assert type(read["price"]) is int


@pytest.mark.parametrize(("data", "changes", "merged"), MERGES)
def test_changes_are_merged_as_rfc_7396_says(
    scene: Scene, data: JSONObject, changes: JSONObject, merged: JSONObject
) -> None:
    session = scene.store.create_session("ana", data=data).session

    saved = scene.store.update_data(session.session_id, changes)

    assert saved.data == merged
    assert saved.version == session.version + 1
    assert scene.other.get_session(session.session_id) == saved


@pytest.mark.shows("C5")
@pytest.mark.parametrize(
    ("theirs", "ours"),
    [({"theme": "dark"}, {"language": "de"}), ({"form": {"name": "Ana"}}, {"form": {"street": "Main St"}})],
    ids=["at the top", "nested"],
)
def test_two_saves_of_different_keys_both_win(scene: Scene, theirs: JSONObject, ours: JSONObject) -> None:
    before: JSONObject = {"cart": ["tea"], "form": {"name": "", "street": ""}}
    session = scene.store.create_session("ana", data=before).session
    scene.faults.before("UpdateItem", lambda: scene.other.update_data(session.session_id, theirs))

    saved = scene.store.update_data(session, ours)

    assert saved.data == merge(merge(before, theirs), ours)
    assert scene.other.get_session(session.session_id) == saved


@pytest.mark.shows("C6")
@pytest.mark.parametrize(
    ("theirs", "ours", "keys"),
    [
        ({"cart": ["milk"]}, {"cart": ["coffee"], "theme": "dark"}, ("/cart",)),
        ({"form": {"a/b": 2}}, {"form": {"a/b": 3}}, ("/form/a~1b",)),
        ({"form": None}, {"form": {"a/b": 3}}, ("/form",)),
    ],
    ids=["at the top", "nested", "below what was replaced"],
)
def test_the_later_of_two_saves_of_the_same_key_gets_a_conflict_that_names_it(
    scene: Scene, theirs: JSONObject, ours: JSONObject, keys: tuple[str, ...]
) -> None:
    before: JSONObject = {"cart": ["tea"], "form": {"a/b": 1, "rest": 1}}
    session = scene.store.create_session("ana", data=before).session
    scene.faults.before("UpdateItem", lambda: scene.other.update_data(session.session_id, theirs))

    with pytest.raises(ConflictError) as conflict:
        scene.store.update_data(session.session_id, ours)

    assert conflict.value.keys == keys
    assert data_of(scene.other, session.session_id) == merge(before, theirs)


def test_a_save_from_an_old_read_conflicts_with_what_happened_since(scene: Scene, signed_in: SignedIn) -> None:
    read_before = signed_in.root.session
    scene.other.update_data(signed_in.id, {"cart": ["milk"]})

    with pytest.raises(ConflictError):
        scene.store.update_data(read_before, {"cart": ["coffee"]})
    merged = {"cart": ["milk"], "visits": 1, "theme": "dark"}
    assert scene.store.update_data(read_before, {"theme": "dark"}).data == merged


def test_a_save_that_is_not_read_back_is_judged_like_any_other(scene: Scene, signed_in: SignedIn) -> None:
    read_before = signed_in.root.session
    scene.other.update_data(signed_in.id, {"cart": ["milk"]})

    with pytest.raises(ConflictError) as conflict:
        scene.store.save_changes(read_before, {"cart": ["coffee"], "theme": "dark"})
    scene.store.save_changes(read_before, {"theme": "dark", "visits": None})
    scene.store.save_changes(read_before, {"cart": ["water"]}, last_write_wins=True)

    assert conflict.value.keys == ("/cart",)
    assert data_of(scene.other, signed_in.id) == {"cart": ["water"], "theme": "dark"}
    scene.other.end_session(signed_in.id)
    with pytest.raises(SessionNotFoundError):
        scene.store.save_changes(read_before, {"theme": "light"})


def test_the_last_write_wins_for_a_caller_who_asks_for_it(scene: Scene, signed_in: SignedIn) -> None:
    theirs: JSONObject = {"cart": ["milk"], "theme": "dark"}
    scene.faults.before("UpdateItem", lambda: scene.other.update_data(signed_in.id, theirs))

    saved = scene.store.update_data(signed_in.id, {"cart": ["coffee"]}, last_write_wins=True)

    assert saved.data == {"cart": ["coffee"], "visits": 1, "theme": "dark"}


def test_more_changes_than_an_expression_takes_are_applied_again_until_the_deadline(
    scene: Scene, signed_in: SignedIn
) -> None:
    many: JSONObject = {f"key {number}": number for number in range(200)}

    def interfere() -> None:
        scene.other.increment(signed_in.id, "visits")

    scene.faults.before("UpdateItem", interfere, times=5)
    saved = scene.store.update_data(signed_in.id, many)
    assert saved.data == {"cart": ["tea"], "visits": 6, **many}

    scene.faults.before("UpdateItem", interfere, times=FOREVER)
    with pytest.raises(ConflictError) as conflict:
        scene.store.update_data(signed_in.id, dict.fromkeys(many, 0))
    assert conflict.value.keys == ()


def test_a_session_is_set_to_closing_with_a_last_save(scene: Scene, signed_in: SignedIn) -> None:
    closed = scene.store.update_data(signed_in.id, {"reason": "signed out at the provider"}, closing=True)

    assert closed.session_state is SessionState.CLOSING
    assert closed.data["reason"] == "signed out at the provider"


@pytest.mark.usefixtures("generation_unread")
def test_a_validated_or_saved_session_is_saved_again_without_another_read(scene: Scene, signed_in: SignedIn) -> None:
    session = scene.store.update_data(scene.store.validate(signed_in.token), {"step": 1})
    session = scene.store.update_data(session, {"step": 2})
    session = scene.store.increment(session, "step")

    assert session.data["step"] == 3
    assert scene.faults.operations == ["Query", "UpdateItem", "UpdateItem", "UpdateItem"]


def test_changing_a_read_sessions_data_in_place_saves_only_what_is_said(scene: Scene, signed_in: SignedIn) -> None:
    session = scene.store.validate(signed_in.token)
    session.data["cart"] = ["changed in place"]

    assert scene.store.update_data(session, {"theme": "dark"}).data == {"cart": ["tea"], "visits": 1, "theme": "dark"}


def test_a_save_keeps_what_a_rotation_and_an_extension_wrote(scene: Scene, signed_in: SignedIn) -> None:
    scene.clock.advance(timedelta(minutes=5))
    rotated = scene.other.rotate(signed_in.token).token or ""
    scene.other.validate(rotated)

    scene.store.update_data(signed_in.root.session, {"theme": "dark"})

    assert scene.store.validate(rotated).last_seen_at == START + timedelta(minutes=5)


def test_data_is_replaced_as_a_whole(scene: Scene, signed_in: SignedIn) -> None:
    replaced = scene.store.replace_data(signed_in.id, {"theme": "dark"}, version=1)

    assert replaced.data == {"theme": "dark"}
    assert scene.other.get_session(signed_in.id) == replaced


@pytest.mark.parametrize("before", ["Query", "UpdateItem"])
def test_data_is_replaced_only_at_the_version_that_was_seen(scene: Scene, signed_in: SignedIn, before: str) -> None:
    scene.faults.before(before, lambda: scene.other.update_data(signed_in.id, {"theme": "dark"}))

    with pytest.raises(PreconditionFailedError):
        scene.store.replace_data(signed_in.id, {}, version=1)

    assert data_of(scene.other, signed_in.id) == {"cart": ["tea"], "visits": 1, "theme": "dark"}


@pytest.mark.usefixtures("in_places")
def test_parallel_increments_are_all_counted_each_by_one_write(scene: Scene, signed_in: SignedIn) -> None:
    scene.faults.before("UpdateItem", lambda: scene.other.increment(signed_in.id, "visits", 10), times=5)

    counted = [scene.store.increment(signed_in.root.session, "visits").data["visits"] for _ in range(5)]

    assert counted == [12, 23, 34, 45, 56]
    assert scene.faults.operations.count("UpdateItem") == 5


def test_threads_may_share_a_store(scene: Scene, engine: Engine) -> None:
    if engine.differs(Difference.THREADS):
        pytest.skip(Difference.THREADS)
    store = scene.store_with(clock=SystemClock())
    session = store.create_session("ana").session
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: store.increment(session.session_id, "visits"), range(12)))

    assert data_of(store, session.session_id)["visits"] == 12


def test_a_missing_number_starts_at_zero(scene: Scene, signed_in: SignedIn) -> None:
    assert scene.store.increment(signed_in.id, "clicks", -2.5).data["clicks"] == -2.5


@pytest.mark.parametrize("held", ["text", None, True, [1], {"n": 1}])
def test_only_numbers_can_be_incremented(scene: Scene, held: object) -> None:
    session = scene.store.create_session("ana", data={"visits": [held] if held is None else held}).session

    with pytest.raises(ConflictError) as conflict:
        scene.store.increment(session.session_id, "visits")
    assert conflict.value.keys == ("/visits",)


@pytest.mark.shows("A18")
@pytest.mark.parametrize(("held", "by"), [(10**38 - 1, 1), (9e125, 9e125)], ids=["whole", "float"])
def test_an_increment_beyond_what_a_number_can_hold_writes_nothing(scene: Scene, held: float, by: float) -> None:
    session = scene.store.create_session("ana", data={"n": held}).session
    scene.faults.calls.clear()

    with pytest.raises(InvalidInputError):
        scene.store.increment(session.session_id, "n", by)

    assert scene.faults.operations == ["Query"]
    assert scene.other.get_session(session.session_id) == session


@pytest.mark.usefixtures("in_rows")
def test_a_save_that_would_make_the_item_too_large_writes_nothing(scene: Scene, signed_in: SignedIn) -> None:
    scene.store.update_data(signed_in.id, {"blob": "x" * 390_000})
    scene.faults.calls.clear()

    with pytest.raises(DataTooLargeError) as refused:
        scene.store.update_data(signed_in.id, {"more": "x" * 30_000})

    assert refused.value.size > refused.value.limit == 399 * 1024
    assert "UpdateItem" not in scene.faults.operations
    assert "more" not in data_of(scene.other, signed_in.id)


def fill(scene: Scene, engine: Engine) -> CreatedSession:
    """Sign a customer in with as much data as goes into a session."""
    if engine.differs(Difference.ITEM_SIZE):
        pytest.skip(Difference.ITEM_SIZE)
    with pytest.raises(DataTooLargeError) as refused:
        scene.store.create_session("ana", data={"blob": "x" * 408_500})  # too much only with the rest of the item
    room = 408_500 - (refused.value.size - refused.value.limit)
    with pytest.raises(DataTooLargeError):
        scene.store.create_session("ana", data={"blob": "x" * (room + 1)})
    return scene.store.create_session("ana", data={"blob": "x" * room})


@pytest.mark.usefixtures("in_rows")
def test_a_full_session_is_stored_and_saved_and_takes_no_more(scene: Scene, engine: Engine) -> None:
    session = fill(scene, engine).session
    assert scene.store.get_session(session.session_id) == session

    for _ in range(3):
        session = scene.store.update_data(session, {"blob": "y" + session.data["blob"][1:]})
        with pytest.raises(DataTooLargeError):
            scene.store.update_data(session, {"blob": session.data["blob"] + "z"})

    assert data_of(scene.other, session.session_id) == session.data


@pytest.mark.shows("T9")
@pytest.mark.usefixtures("in_rows")
def test_a_full_session_can_do_all_that_others_can(scene: Scene, engine: Engine) -> None:
    created = fill(scene, engine)
    session_id, store = created.session.session_id, scene.store
    store.update_data(created.session, {"blob": "y" + created.session.data["blob"][1:]})
    token = created.token
    for _ in range(3):
        scene.clock.advance(timedelta(minutes=6))  # an extension is due, and a rotation allowed
        token = store.rotate(token).token or token
        assert store.validate(token).last_seen_at.timestamp() == scene.clock.now()

    store.create_child_session(session_id)
    store.end_customer_sessions("ana", except_session_id=session_id)
    child = store.create_child_session(session_id)
    assert store.validate(child.token, child=True, strict=True) == child.child
    assert store.end_session(session_id)
    assert not scene.events


def test_a_session_object_of_another_customer_is_not_changed(scene: Scene, signed_in: SignedIn) -> None:
    session = signed_in.root.session

    with pytest.raises(SessionNotFoundError):
        scene.store.update_data(session, {"theme": "dark"}, customer_id="ben")
    with pytest.raises(SessionNotFoundError):
        scene.store.replace_data(session, {}, customer_id="ben", version=1)
    with pytest.raises(SessionNotFoundError):
        scene.store.increment(session, "visits", customer_id="ben")
    assert scene.store.get_session(signed_in.id) == session
