"""Retries are safe: a write that took effect without its reply is recognised, and never done twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from session_store import ConflictError, OutcomeUnknownError, Refusal, SessionNotFoundError
from tests.contract.refusals import refusal
from tests.faults.finished import FINISHED, data_of
from tests.support.methods import METHODS, WRITES
from tests.support.scene import Scene, SignedIn

# The methods whose answer also says that it was their own write.
ANSWERS: dict[str, Callable[[SignedIn, Any], bool]] = {
    "create_session in place of one": lambda s, created: created.replaced_session_id == s.id,
    "increment": lambda _, session: session.data["visits"] == 2,
    "take": lambda _, value: value == 1,
    "end_session": lambda _, ended: ended is True,
    "end_session read before": lambda _, ended: ended is True,
    "end_child_session": lambda _, ended: ended is True,
    "end_customer_sessions": lambda _, done: done.count == 1,
}


@pytest.mark.shows("T76")
@pytest.mark.parametrize(
    ("method", "times"),
    [(name, times) for name in WRITES for times in (1, 2) if (name, times) != ("erase_customer", 2)],  # out of time
)
def test_a_write_whose_reply_was_lost_is_done_once(scene: Scene, signed_in: SignedIn, method: str, times: int) -> None:
    rows = len(scene.all_rows())
    scene.clock.advance(60)  # long enough after the sign-in for a rotation
    for operation in ("PutItem", "UpdateItem", "TransactWriteItems", "BatchWriteItem"):
        scene.faults.lose_reply(operation, times=times)

    result = METHODS[method](scene.store, signed_in)

    assert scene.faults.struck
    assert FINISHED[method](scene.other, signed_in, result)
    assert method not in ANSWERS or ANSWERS[method](signed_in, result)
    row = scene.session_row(signed_in.id)
    assert row is None or row["version"] <= 2
    assert len(scene.all_rows()) <= rows + (2 if "key" in method or "provider" in method else 1)


def test_a_create_whose_session_was_ended_before_the_retry_is_not_brought_back(scene: Scene) -> None:
    def end_it() -> None:
        (session,) = scene.other.get_customer_sessions("ana").sessions
        assert scene.other.end_session(session)

    scene.faults.lose_reply("PutItem", then=end_it)

    created = scene.store.create_session("ana")

    assert refusal(scene.store, created.token) is Refusal.ENDED


def test_a_save_whose_reply_was_lost_is_recognised_behind_another_save(scene: Scene, signed_in: SignedIn) -> None:
    scene.faults.lose_reply("UpdateItem", then=lambda: scene.other.update_data(signed_in.id, {"cart": ["coffee"]}))

    saved = scene.store.update_data(signed_in.id, {"cart": ["milk"], "theme": "dark"})

    assert saved.data == {"cart": ["coffee"], "visits": 1, "theme": "dark"}
    assert saved.version == 3


def bury(scene: Scene, signed_in: SignedIn, saves: int = 9) -> None:
    """Save so often that the row no longer knows a save from before."""
    for number in range(saves):
        scene.other.update_data(signed_in.id, {"step": number})


@pytest.mark.usefixtures("in_places")
def test_a_save_that_others_have_buried_is_recognised_by_what_it_wrote(scene: Scene, signed_in: SignedIn) -> None:
    scene.faults.lose_reply("UpdateItem", then=lambda: bury(scene, signed_in))

    assert scene.store.update_data(signed_in.id, {"theme": "dark", "cart": None}).version == 11

    assert data_of(scene.other, signed_in.id) == {"visits": 1, "theme": "dark", "step": 8}


def test_a_save_that_others_have_buried_and_overwritten_says_that_its_outcome_is_unknown(
    scene: Scene, signed_in: SignedIn
) -> None:
    def overwrite() -> None:
        bury(scene, signed_in)
        scene.other.update_data(signed_in.id, {"cart": ["coffee"]})

    scene.faults.lose_reply("UpdateItem", then=overwrite)

    with pytest.raises(OutcomeUnknownError):
        scene.store.update_data(signed_in.id, {"cart": ["milk"]})


def test_data_that_others_have_buried_is_not_taken_for_replaced(scene: Scene, signed_in: SignedIn) -> None:
    scene.faults.lose_reply("UpdateItem", then=lambda: bury(scene, signed_in))

    with pytest.raises(OutcomeUnknownError):
        scene.store.replace_data(signed_in.id, {"theme": "dark"}, version=1)


def test_a_save_that_never_took_effect_is_simply_tried_again(scene: Scene, signed_in: SignedIn) -> None:
    scene.faults.drop_request("UpdateItem")
    scene.faults.before("UpdateItem", lambda: scene.other.update_data(signed_in.id, {"theme": "dark"}))

    saved = scene.store.update_data(signed_in.id, {"cart": ["milk"]})

    assert saved.data == {"cart": ["milk"], "visits": 1, "theme": "dark"}


def test_a_save_that_never_took_effect_still_conflicts_with_another(scene: Scene, signed_in: SignedIn) -> None:
    scene.faults.drop_request("UpdateItem")
    scene.faults.before("UpdateItem", lambda: scene.other.update_data(signed_in.id, {"cart": ["coffee"]}))

    with pytest.raises(ConflictError):
        scene.store.update_data(signed_in.id, {"cart": ["milk"]})


def test_a_closing_whose_reply_was_lost_is_done(scene: Scene, signed_in: SignedIn) -> None:
    scene.faults.lose_reply("UpdateItem")

    saved = scene.store.update_data(signed_in.id, {}, closing=True)

    assert scene.other.get_session(signed_in.id) == saved


@pytest.mark.parametrize("others", [0, 1, 7, 8, 9])
def test_no_increment_counts_twice_however_many_come_between(scene: Scene, signed_in: SignedIn, others: int) -> None:
    def count() -> None:
        for _ in range(others):
            scene.other.increment(signed_in.id, "visits", 10)

    scene.faults.lose_reply("UpdateItem", then=count)

    if others <= 7:
        assert scene.store.increment(signed_in.id, "visits").data["visits"] == 2 + 10 * others
    else:
        with pytest.raises(OutcomeUnknownError):
            scene.store.increment(signed_in.id, "visits")

    assert data_of(scene.other, signed_in.id)["visits"] == 2 + 10 * others


def test_an_increment_that_never_took_effect_is_counted_after_all(scene: Scene, signed_in: SignedIn) -> None:
    scene.faults.drop_request("UpdateItem", times=2)

    scene.store.increment(signed_in.id, "visits")

    assert data_of(scene.other, signed_in.id)["visits"] == 2


def test_an_increment_whose_session_ended_after_it_says_so(scene: Scene, signed_in: SignedIn) -> None:
    scene.faults.lose_reply("UpdateItem", then=lambda: scene.other.end_session(signed_in.id))

    with pytest.raises(SessionNotFoundError):
        scene.store.increment(signed_in.id, "visits")


def test_an_end_of_all_but_one_whose_reply_was_lost_keeps_the_one(scene: Scene, signed_in: SignedIn) -> None:
    scene.other.create_session("ana")
    scene.faults.lose_reply("TransactWriteItems")

    assert scene.store.end_customer_sessions("ana", except_session_id=signed_in.id).count == 1
    assert scene.other.validate(signed_in.token, strict=True) == signed_in.root.session


@pytest.mark.shows("A3")
@pytest.mark.parametrize("operation", ["UpdateItem", "PutItem", "TransactWriteItems"])
def test_a_write_that_meets_a_transaction_is_tried_again(scene: Scene, signed_in: SignedIn, operation: str) -> None:
    scene.faults.conflict(operation, times=3)

    created = scene.store.create_session("ana")
    child = scene.store.create_child_session(created.session)
    scene.store.update_data(created.session, {"theme": "dark"})

    assert scene.faults.operations.count(operation) == 4
    assert scene.other.validate(child.token, child=True) == child.child
    assert data_of(scene.other, created.session.session_id) == {"theme": "dark"}
