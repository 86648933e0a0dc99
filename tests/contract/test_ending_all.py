"""Ending all sessions of a customer: also those that the index does not show yet, and none that start later."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from session_store import (
    InvalidTokenError,
    Progress,
    Refusal,
    SessionNotFoundError,
    SessionStore,
    StoreUnavailableError,
    ThrottledError,
    Timeouts,
)
from session_store.testing import MovableClock
from tests.contract.refusals import refusal
from tests.support.engines import Difference, Engine
from tests.support.faults import FOREVER
from tests.support.methods import METHODS
from tests.support.scene import START, Scene, SignedIn, children_of, sign_in

AN_EXTENSION = timedelta(minutes=3)


def end_all(store: SessionStore, customer_id: str = "ana", *, limit: int = 25, keep: str | None = None) -> int:
    done = store.end_customer_sessions(customer_id, limit=limit, except_session_id=keep)
    total = done.count
    while done.cursor is not None:
        done = store.end_customer_sessions(customer_id, limit=limit, except_session_id=keep, cursor=done.cursor)
        total += done.count
    return total


@pytest.mark.shows("7.4.5")
@pytest.mark.parametrize("limit", [1, 2, 25])
def test_all_sessions_of_the_customer_end_and_no_others(scene: Scene, signed_in: SignedIn, limit: int) -> None:
    second, bens = sign_in(scene.other), sign_in(scene.other, "ben")
    scene.other.end_session(sign_in(scene.other).id)

    assert end_all(scene.store, limit=limit) == 2

    assert refusal(scene.other, signed_in.token) is refusal(scene.other, second.token) is Refusal.ENDED
    assert refusal(scene.other, second.child_token, child=True) is Refusal.ENDED
    assert refusal(scene.other, bens.token, strict=True) is None
    assert end_all(scene.store, limit=limit) == 0


def test_ending_all_of_a_customer_without_sessions_ends_none(scene: Scene) -> None:
    assert end_all(scene.store, "unknown") == 0


@pytest.mark.shows("7.4.3")
@pytest.mark.parametrize("limit", [1, 25])
def test_the_session_to_keep_stays_valid(scene: Scene, signed_in: SignedIn, limit: int) -> None:
    gone = [sign_in(scene.other) for _ in range(3)]

    assert end_all(scene.store, limit=limit, keep=signed_in.id) == 3

    assert refusal(scene.other, signed_in.token, strict=True) is None
    assert {refusal(scene.other, session.token) for session in gone} == {Refusal.ENDED}


def test_nothing_ends_when_the_session_to_keep_is_not_the_customers(scene: Scene, signed_in: SignedIn) -> None:
    bens, over = sign_in(scene.other, "ben"), sign_in(scene.other)
    scene.other.end_session(over.id)

    for kept in (bens.id, over.id, "018f0000-0000-7000-8000-000000000000"):
        with pytest.raises(SessionNotFoundError):
            scene.store.end_customer_sessions("ana", except_session_id=kept)

    assert refusal(scene.other, signed_in.token, strict=True) is None


def test_a_session_from_before_an_erasure_cannot_be_kept(scene: Scene, signed_in: SignedIn) -> None:
    scene.faults.hide_from_index(signed_in.id)
    scene.store.erase_customer("ana")
    scene.other.create_session("ana")

    with pytest.raises(SessionNotFoundError):
        scene.store.end_customer_sessions("ana", except_session_id=signed_in.id)


@pytest.mark.parametrize("meanwhile", ["end_session", "end_customer_sessions"])
def test_a_kept_session_that_ends_meanwhile_stays_over(scene: Scene, signed_in: SignedIn, meanwhile: str) -> None:
    scene.faults.before("TransactWriteItems", lambda: METHODS[meanwhile](scene.other, signed_in))

    with pytest.raises(SessionNotFoundError):
        scene.store.end_customer_sessions("ana", except_session_id=signed_in.id)

    assert scene.other.get_session(signed_in.id) is None


@pytest.mark.shows("T34")
@pytest.mark.usefixtures("generation_unread")
def test_a_session_that_the_index_did_not_show_is_refused_at_its_next_extension(
    scene: Scene, signed_in: SignedIn
) -> None:
    hidden = sign_in(scene.other)
    scene.faults.hide_from_index(hidden.id)

    assert end_all(scene.store) == 1

    scene.clock.advance(AN_EXTENSION - timedelta(seconds=1))
    assert refusal(scene.other, hidden.token) is None
    scene.clock.advance(1)
    assert refusal(scene.other, hidden.token) is Refusal.REVOKED
    assert scene.other.get_session(hidden.id) is None


@pytest.mark.shows("C13", "A2")
@pytest.mark.parametrize("child", [False, True], ids=["session", "child"])
def test_a_session_not_indexed_yet_is_refused_when_strict(scene: Scene, signed_in: SignedIn, *, child: bool) -> None:
    scene.faults.hide_from_index(signed_in.id)

    assert end_all(scene.store) == 0

    token = signed_in.child_token if child else signed_in.token
    assert refusal(scene.other, token, child=child, strict=True) is Refusal.REVOKED
    assert scene.other.get_session(signed_in.id) is None


@pytest.mark.parametrize("operation", ["GetItem", "PutItem"])
def test_a_sign_in_that_races_the_end_of_all_is_either_refused_or_from_after_it(scene: Scene, operation: str) -> None:
    scene.faults.before(operation, lambda: end_all(scene.other))

    created = scene.store.create_session("ana")

    began_before = operation == "PutItem"
    assert refusal(scene.other, created.token, strict=True) is (Refusal.REVOKED if began_before else None)


def test_a_sign_in_between_the_new_generation_and_the_index_is_not_ended(scene: Scene, signed_in: SignedIn) -> None:
    later: list[str] = []
    scene.faults.before("Query", lambda: later.append(scene.other.create_session("ana").token))

    assert end_all(scene.store) == 1

    assert refusal(scene.other, later[0], strict=True) is None
    assert refusal(scene.other, signed_in.token) is Refusal.ENDED


@pytest.mark.parametrize("seconds", [0, 2, -2])
def test_a_sign_in_after_an_end_of_all_is_valid_by_any_clock(scene: Scene, signed_in: SignedIn, seconds: int) -> None:
    end_all(scene.store)

    created = scene.another_store(clock=MovableClock(START + timedelta(seconds=seconds))).create_session("ana")

    assert refusal(scene.store, created.token, strict=True) is None
    scene.clock.advance(AN_EXTENSION + timedelta(seconds=2))
    assert refusal(scene.store, created.token) is None


def test_a_sign_in_while_the_pages_go_on_is_not_ended(scene: Scene) -> None:
    for _ in range(2):
        scene.other.create_session("ana")
    done = scene.store.end_customer_sessions("ana", limit=1)
    later = scene.other.create_session("ana")

    while done.cursor is not None:
        done = scene.store.end_customer_sessions("ana", limit=1, cursor=done.cursor)

    assert refusal(scene.other, later.token, strict=True) is None


@pytest.mark.parametrize("seconds", [2, -2])
def test_two_ends_of_all_from_clocks_that_differ_both_hold(scene: Scene, signed_in: SignedIn, seconds: int) -> None:
    skewed = scene.another_store(clock=MovableClock(START + timedelta(seconds=seconds)))
    end_all(skewed)
    hidden = scene.another_store().create_session("ana")
    scene.faults.hide_from_index(hidden.session.session_id)

    end_all(scene.store)

    assert refusal(skewed, hidden.token, strict=True) is Refusal.REVOKED


def test_the_generation_is_raised_even_when_another_end_of_all_comes_first(scene: Scene, signed_in: SignedIn) -> None:
    scene.faults.hide_from_index(signed_in.id)
    scene.faults.before("UpdateItem", lambda: end_all(scene.other, keep=signed_in.id))

    scene.store.end_customer_sessions("ana")

    assert refusal(scene.other, signed_in.token, strict=True) is Refusal.ENDED


@pytest.mark.shows("T36")
def test_a_call_that_runs_out_of_time_says_where_to_go_on(scene: Scene) -> None:
    created = [scene.other.create_session("ana") for _ in range(30)]
    one_has_ended = threading.Event()

    def take_time() -> None:
        """Threads take turns at random, and a call that cannot end even its first session fails: it has time."""
        assert one_has_ended.wait(timeout=30)
        scene.clock.advance(0.9)

    scene.faults.after("UpdateItem", one_has_ended.set, session_id=created[-1].session.session_id)
    scene.faults.before("UpdateItem", take_time, times=FOREVER, skip=1)  # the first raises the generation

    first = scene.store.end_customer_sessions("ana")
    assert first.cursor is not None
    assert {refusal(scene.other, session.token, strict=True) for session in created} <= {Refusal.ENDED, Refusal.REVOKED}
    scene.faults.clear()
    rest = scene.store.end_customer_sessions("ana", cursor=first.cursor)

    assert 1 <= first.count < 30
    assert rest.cursor is None
    assert {refusal(scene.other, session.token) for session in created} == {Refusal.ENDED}


def test_one_call_ends_all_that_there_is_time_for(engine: Engine, scene: Scene, signed_in: SignedIn) -> None:
    if engine.differs(Difference.SPEED):
        pytest.skip(Difference.SPEED)
    scene.put_copies(scene.other.create_session("ana").session, 1_050)

    assert scene.store.end_customer_sessions("ana") == Progress(1_052, None)


def test_the_callers_own_session_ends_first_also_when_the_index_hides_it(scene: Scene, signed_in: SignedIn) -> None:
    sign_in(scene.other)
    scene.faults.hide_from_index(signed_in.id)
    scene.faults.throttle("UpdateItem", skip=2, times=FOREVER)  # the generation, and the first session

    with pytest.raises(ThrottledError):
        scene.store.end_customer_sessions("ana", first_session_id=signed_in.id)

    assert refusal(scene.other, signed_in.token) is Refusal.ENDED


def test_what_an_earlier_call_has_ended_is_not_written_again(scene: Scene, signed_in: SignedIn) -> None:
    sign_in(scene.other)
    scene.store.end_customer_sessions("ana")
    calls = []
    for _ in range(3):
        scene.clock.advance(timedelta(minutes=50))
        scene.faults.clear()
        assert scene.store.end_customer_sessions("ana").count == 0
        calls.append(scene.faults.operations)

    # Of the last hour before a call the index may have hidden some: they are read.
    read_some = ["GetItem", "UpdateItem", "Query", "BatchGetItem", "UpdateItem"]
    assert calls == [read_some, read_some, ["GetItem", "UpdateItem", "Query"]]


def test_a_session_that_the_index_hid_from_one_call_is_found_by_the_next(scene: Scene, signed_in: SignedIn) -> None:
    scene.faults.hide_from_index(signed_in.id)
    sign_in(scene.other)
    scene.store.end_customer_sessions("ana")
    scene.faults.show_in_index(signed_in.id)
    scene.clock.advance(timedelta(minutes=20))

    assert scene.store.end_customer_sessions("ana").count == 1

    assert refusal(scene.other, signed_in.token) is Refusal.ENDED


@pytest.mark.parametrize("keeps_another", [False, True])
def test_a_session_that_one_call_kept_is_ended_by_a_later_one(
    scene: Scene, signed_in: SignedIn, *, keeps_another: bool
) -> None:
    kept = scene.other.create_session("ana", timeouts=Timeouts(idle=timedelta(days=9), absolute=timedelta(days=9)))
    scene.clock.advance(timedelta(days=1))
    scene.store.end_customer_sessions("ana", except_session_id=kept.session.session_id)
    scene.clock.advance(timedelta(days=2))
    later = sign_in(scene.other)

    ended = scene.store.end_customer_sessions("ana", except_session_id=later.id if keeps_another else None).count

    assert ended == (1 if keeps_another else 2), "the first session had ended before"
    assert refusal(scene.other, kept.token) is Refusal.ENDED


@pytest.mark.shows("T37")
def test_children_of_the_session_to_keep_end_and_new_ones_start(scene: Scene, signed_in: SignedIn) -> None:
    before = scene.other.get_session(signed_in.id) or signed_in.root.session

    end_all(scene.store, keep=signed_in.id)

    for strict in (False, True):
        assert refusal(scene.other, signed_in.child_token, child=True, strict=strict) is Refusal.REVOKED
    with pytest.raises(InvalidTokenError):
        scene.other.rotate(signed_in.child_token)
    assert scene.other.get_session_by_child(signed_in.child_id) is None
    new = scene.store.create_child_session(before)  # as it was read before its children ended
    assert scene.other.validate(new.token, child=True, strict=True) == new.child
    assert children_of(scene.other, signed_in.id) == (new.child,)


def test_a_child_that_starts_while_its_roots_children_end_is_valid(scene: Scene, signed_in: SignedIn) -> None:
    scene.faults.before("TransactWriteItems", lambda: end_all(scene.other, keep=signed_in.id))

    new = scene.store.create_child_session(signed_in.id)

    assert refusal(scene.other, new.token, child=True, strict=True) is None
    assert refusal(scene.other, signed_in.child_token, child=True) is Refusal.REVOKED


@pytest.mark.parametrize(
    ("method", "begins_with"), [("end_customer_sessions", "UpdateItem"), ("erase_customer", "BatchWriteItem")]
)
def test_a_call_without_time_for_one_session_is_not_done(
    scene: Scene, signed_in: SignedIn, method: str, begins_with: str
) -> None:
    scene.faults.refuse(begins_with, "InternalServerError", status=500, seconds=0.9)
    scene.faults.slow_down(begins_with, seconds=0.9)
    scene.faults.slow_down("Query", seconds=0.9)

    with pytest.raises(StoreUnavailableError):
        getattr(scene.store, method)("ana")

    assert scene.another_store().get_session(signed_in.id) is not None


@pytest.mark.parametrize("strict", [True, False], ids=["strict", "when an extension is due"])
def test_a_validation_without_the_generation_is_an_error(scene: Scene, signed_in: SignedIn, *, strict: bool) -> None:
    scene.clock.advance(timedelta(0) if strict else AN_EXTENSION)
    scene.faults.throttle("GetItem", times=FOREVER)

    with pytest.raises(ThrottledError):
        scene.store.validate(signed_in.token, strict=strict)
