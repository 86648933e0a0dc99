"""Retries are safe: a write that took effect without its reply is recognised, and never done twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from session_store import (
    ConflictError,
    InvalidTokenError,
    OutcomeUnknownError,
    SessionNotFoundError,
    StoreUnavailableError,
)
from tests.support.faults import FOREVER

if TYPE_CHECKING:
    from session_store import SessionStore
    from session_store.testing import MovableClock
    from tests.support.faults import Faults
    from tests.support.scene import Scene, SignedIn


@pytest.mark.parametrize("customer_id", ["ana", None])
@pytest.mark.parametrize("times", [1, 2])
def test_a_create_whose_reply_was_lost_makes_one_session(
    scene: Scene, store: SessionStore, faults: Faults, customer_id: str | None, times: int
) -> None:
    faults.lose_reply("PutItem", times=times)

    created = store.create_session(customer_id)

    assert store.validate(created.token) == created.session
    assert len(scene.all_rows()) == 1


def test_a_create_whose_session_was_ended_before_the_retry_is_not_brought_back(
    store: SessionStore, other: SessionStore, faults: Faults
) -> None:
    def end_it() -> None:
        (session,) = other.get_customer_sessions("ana").sessions
        assert other.end_session(session)

    faults.lose_reply("PutItem", then=end_it)

    created = store.create_session("ana")

    with pytest.raises(InvalidTokenError):
        store.validate(created.token)


def test_a_sign_in_over_a_session_whose_reply_was_lost_makes_one_session(
    scene: Scene, store: SessionStore, faults: Faults, signed_in: SignedIn
) -> None:
    rows = len(scene.all_rows())
    faults.lose_reply("TransactWriteItems")

    created = store.create_session("ana", replaces=signed_in.token)

    assert created.replaced_session_id == signed_in.id
    assert store.validate(created.token) == created.session
    assert len(scene.all_rows()) == rows + 1


def test_a_child_creation_whose_reply_was_lost_makes_one_child(
    scene: Scene, store: SessionStore, faults: Faults, signed_in: SignedIn
) -> None:
    rows = len(scene.all_rows())
    faults.lose_reply("TransactWriteItems")

    created = store.create_child_session(signed_in.root.session)

    assert store.validate(created.token, child=True) == created.child
    assert len(scene.all_rows()) == rows + 1


def test_a_save_whose_reply_was_lost_is_no_conflict_and_counts_once(
    store: SessionStore, other: SessionStore, faults: Faults, signed_in: SignedIn
) -> None:
    faults.lose_reply("UpdateItem")

    saved = store.update_data(signed_in.id, {"cart": ["milk"]})

    assert saved.data == {"cart": ["milk"], "visits": 1}
    assert saved.version == 2
    assert other.get_session(signed_in.id) == saved


def test_a_save_whose_reply_was_lost_is_recognised_behind_another_save(
    store: SessionStore, other: SessionStore, faults: Faults, signed_in: SignedIn
) -> None:
    faults.lose_reply("UpdateItem", then=lambda: other.update_data(signed_in.id, {"cart": ["coffee"]}))

    saved = store.update_data(signed_in.id, {"cart": ["milk"], "theme": "dark"})

    assert saved.data == {"cart": ["coffee"], "visits": 1, "theme": "dark"}
    assert saved.version == 3


def test_a_save_that_others_have_buried_says_that_its_outcome_is_unknown(
    store: SessionStore, other: SessionStore, faults: Faults, signed_in: SignedIn
) -> None:
    def bury() -> None:
        for number in range(3):
            other.update_data(signed_in.id, {"step": number})

    faults.lose_reply("UpdateItem", then=bury)

    with pytest.raises(OutcomeUnknownError):
        store.update_data(signed_in.id, {"theme": "dark"})


def test_a_save_that_never_took_effect_is_simply_tried_again(
    store: SessionStore, other: SessionStore, faults: Faults, signed_in: SignedIn
) -> None:
    faults.drop_request("UpdateItem")
    faults.before("UpdateItem", lambda: other.update_data(signed_in.id, {"theme": "dark"}))

    saved = store.update_data(signed_in.id, {"cart": ["milk"]})

    assert saved.data == {"cart": ["milk"], "visits": 1, "theme": "dark"}


def test_a_save_that_never_took_effect_still_conflicts_with_another_of_the_same_key(
    store: SessionStore, other: SessionStore, faults: Faults, signed_in: SignedIn
) -> None:
    faults.drop_request("UpdateItem")
    faults.before("UpdateItem", lambda: other.update_data(signed_in.id, {"cart": ["coffee"]}))

    with pytest.raises(ConflictError):
        store.update_data(signed_in.id, {"cart": ["milk"]})


def test_a_closing_whose_reply_was_lost_is_done(
    store: SessionStore, other: SessionStore, faults: Faults, signed_in: SignedIn
) -> None:
    faults.lose_reply("UpdateItem")

    saved = store.update_data(signed_in.id, {}, closing=True)

    assert other.get_session(signed_in.id) == saved


def test_a_replacement_whose_reply_was_lost_is_done(
    store: SessionStore, other: SessionStore, faults: Faults, signed_in: SignedIn
) -> None:
    faults.lose_reply("UpdateItem")

    saved = store.replace_data(signed_in.id, {"new": True}, version=1)

    assert saved.data == {"new": True}
    assert other.get_session(signed_in.id) == saved


@pytest.mark.parametrize("times", [1, 2])
def test_an_increment_whose_reply_was_lost_is_counted_once(
    store: SessionStore, other: SessionStore, faults: Faults, signed_in: SignedIn, times: int
) -> None:
    faults.lose_reply("UpdateItem", times=times)

    store.increment(signed_in.id, "visits")

    read = other.get_session(signed_in.id)
    assert read is not None
    assert read.data["visits"] == 2


@pytest.mark.parametrize("others", [0, 1, 2, 3])
def test_an_increment_is_never_counted_twice_however_many_others_come_between(
    store: SessionStore, other: SessionStore, faults: Faults, signed_in: SignedIn, others: int
) -> None:
    def count() -> None:
        for _ in range(others):
            other.increment(signed_in.id, "visits", 10)

    faults.lose_reply("UpdateItem", then=count)

    if others <= 1:
        assert store.increment(signed_in.id, "visits").data["visits"] == 2 + 10 * others
    else:
        with pytest.raises(OutcomeUnknownError):
            store.increment(signed_in.id, "visits")

    read = other.get_session(signed_in.id)
    assert read is not None
    assert read.data["visits"] == 2 + 10 * others


def test_an_increment_that_never_took_effect_is_counted_after_all(
    store: SessionStore, other: SessionStore, faults: Faults, signed_in: SignedIn
) -> None:
    faults.drop_request("UpdateItem", times=2)

    store.increment(signed_in.id, "visits")

    read = other.get_session(signed_in.id)
    assert read is not None
    assert read.data["visits"] == 2


def test_an_increment_whose_session_ended_after_it_says_so(
    store: SessionStore, other: SessionStore, faults: Faults, signed_in: SignedIn
) -> None:
    faults.lose_reply("UpdateItem", then=lambda: other.end_session(signed_in.id))

    with pytest.raises(SessionNotFoundError):
        store.increment(signed_in.id, "visits")


@pytest.mark.parametrize("times", [1, 2])
def test_an_end_whose_reply_was_lost_is_acknowledged(
    store: SessionStore, other: SessionStore, faults: Faults, signed_in: SignedIn, times: int
) -> None:
    faults.lose_reply("UpdateItem", times=times)

    assert store.end_session(signed_in.id) is True
    assert other.get_session(signed_in.id) is None


def test_a_childs_end_whose_reply_was_lost_is_acknowledged(
    store: SessionStore, faults: Faults, signed_in: SignedIn
) -> None:
    faults.lose_reply("UpdateItem")

    assert store.end_child_session(signed_in.id, signed_in.child_id) is True


@pytest.mark.parametrize("times", [1, 2])
def test_a_rotation_whose_reply_from_dynamodb_was_lost_gives_out_the_stored_token(
    store: SessionStore, other: SessionStore, clock: MovableClock, faults: Faults, times: int
) -> None:
    created = other.create_session("ana")
    clock.advance(60)
    faults.lose_reply("UpdateItem", times=times)

    rotated = store.rotate(created.token).token

    assert rotated is not None
    assert other.validate(rotated).session_id == created.session.session_id


def test_an_end_of_all_whose_replies_were_lost_counts_each_session_once(
    store: SessionStore, other: SessionStore, faults: Faults, signed_in: SignedIn
) -> None:
    faults.lose_reply("UpdateItem", times=1)
    faults.lose_reply("UpdateItem", times=1, skip=1)

    assert store.end_customer_sessions("ana").count == 1
    assert other.get_session(signed_in.id) is None


def test_an_end_of_all_but_one_whose_reply_was_lost_keeps_the_one(
    store: SessionStore, other: SessionStore, faults: Faults, signed_in: SignedIn
) -> None:
    other.create_session("ana")
    faults.lose_reply("TransactWriteItems")

    assert store.end_customer_sessions("ana", except_session_id=signed_in.id).count == 1
    assert other.validate(signed_in.token, strict=True) == signed_in.root.session


def test_a_purge_whose_replies_were_lost_deletes_every_row(
    scene: Scene, store: SessionStore, faults: Faults, signed_in: SignedIn
) -> None:
    faults.lose_reply("UpdateItem")
    faults.lose_reply("BatchWriteItem")

    store.erase_customer("ana")

    assert [row["entity_type"] for row in scene.all_rows()] == ["customer"]


@pytest.mark.parametrize("operation", ["UpdateItem", "PutItem", "TransactWriteItems"])
def test_a_write_that_meets_a_transaction_is_tried_again(
    store: SessionStore, other: SessionStore, faults: Faults, signed_in: SignedIn, operation: str
) -> None:
    faults.conflict(operation, times=3)

    created = store.create_session("ben")
    child = store.create_child_session(created.session)
    store.update_data(created.session, {"theme": "dark"})

    assert faults.operations.count(operation) == 4
    assert other.validate(child.token, child=True) == child.child
    read = other.get_session(created.session.session_id)
    assert read is not None
    assert read.data == {"theme": "dark"}


def test_a_transaction_that_keeps_meeting_others_is_an_error_in_time(
    store: SessionStore, clock: MovableClock, faults: Faults, signed_in: SignedIn
) -> None:
    faults.conflict("TransactWriteItems", times=FOREVER)
    begun = clock.monotonic()

    with pytest.raises(StoreUnavailableError, match="TransactionConflict"):
        store.create_child_session(signed_in.root.session)
    assert clock.monotonic() - begun <= 4
