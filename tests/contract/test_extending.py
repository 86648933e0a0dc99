"""Activity keeps a session alive: when an extension is due, what it writes, and what it must never do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from session_store import IncidentName, InvalidTokenError, Refusal, SessionNotFoundError, Timeouts
from session_store.testing import MovableClock
from tests.contract.refusals import refusal
from tests.support.faults import FOREVER
from tests.support.scene import START, Scene, SignedIn

IDLE = timedelta(minutes=30)
DUE = IDLE / 10
TWO_SECONDS = timedelta(seconds=2)


@pytest.mark.usefixtures("generation_unread")
def test_a_validation_before_an_extension_is_due_writes_nothing(scene: Scene, signed_in: SignedIn) -> None:
    scene.clock.advance(DUE - timedelta(seconds=1))

    session = scene.store.validate(signed_in.token)

    assert session == signed_in.root.session
    assert scene.faults.operations == ["Query"]


def test_an_extension_that_is_due_moves_the_expiry_and_keeps_the_row_for_the_retention_after_it(scene: Scene) -> None:
    created = scene.store.create_session("ana")
    scene.clock.advance(DUE)

    session = scene.store.validate(created.token)

    assert session.last_seen_at == START + DUE
    assert session.expires_at == START + DUE + IDLE
    assert session == scene.other.get_session(session.session_id)
    row = scene.session_row(session.session_id) or {}
    assert row["ttl"] == row["expires_at"] + 30 * 24 * 3600


@pytest.mark.shows("7.3.2")
def test_activity_keeps_a_session_alive_until_its_absolute_end(scene: Scene) -> None:
    created = scene.store.create_session("ana", timeouts=Timeouts(idle=IDLE, absolute=4 * IDLE))
    end = created.session.absolute_expires_at
    for _ in range(3):
        scene.clock.advance(IDLE - timedelta(seconds=1))
        assert scene.store.validate(created.token).expires_at <= end
    scene.clock.set(end - timedelta(seconds=10))
    assert scene.store.validate(created.token).expires_at == end
    scene.clock.advance(9)
    assert scene.store.validate(created.token).expires_at == end

    scene.clock.advance(1)

    assert refusal(scene.store, created.token) is Refusal.EXPIRED


def test_near_the_absolute_end_an_extension_records_the_activity_and_prolongs_nothing(scene: Scene) -> None:
    created = scene.store.create_session("ana", timeouts=Timeouts(idle=IDLE, absolute=IDLE))
    scene.clock.advance(DUE)

    session = scene.store.validate(created.token)

    assert session == scene.other.get_session(session.session_id)
    assert session.last_seen_at == START + DUE
    assert session.expires_at == session.absolute_expires_at == START + IDLE


def test_a_session_of_fixed_length_that_the_index_did_not_show_is_refused_a_tenth_later(scene: Scene) -> None:
    created = scene.other.create_session("ana", timeouts=Timeouts(idle=IDLE, absolute=IDLE))
    scene.faults.hide_from_index(created.session.session_id)
    scene.store.end_customer_sessions("ana")
    scene.clock.advance(DUE)

    assert refusal(scene.other, created.token) is Refusal.REVOKED


def test_an_extension_that_lost_the_race_accepts_what_the_winner_wrote(scene: Scene, signed_in: SignedIn) -> None:
    scene.clock.advance(DUE)
    scene.faults.before("UpdateItem", lambda: scene.other.validate(signed_in.token))

    session = scene.store.validate(signed_in.token)

    assert session.expires_at == START + DUE + IDLE


def test_an_extension_never_collides_with_a_save(scene: Scene, signed_in: SignedIn) -> None:
    scene.clock.advance(DUE)
    scene.faults.before("UpdateItem", lambda: scene.other.validate(signed_in.token))

    saved = scene.store.update_data(signed_in.root.session, {"theme": "dark"})

    assert saved.version == signed_in.root.session.version + 1
    assert scene.faults.operations == ["UpdateItem"]


@pytest.mark.parametrize("difference", [TWO_SECONDS, -TWO_SECONDS])
def test_an_extension_from_a_clock_that_differs_by_two_seconds_never_shortens_a_session(
    scene: Scene, signed_in: SignedIn, difference: timedelta
) -> None:
    skewed = scene.another_store(clock=MovableClock(START + DUE + TWO_SECONDS + difference))
    scene.clock.advance(DUE + TWO_SECONDS)
    scene.faults.before("UpdateItem", lambda: skewed.validate(signed_in.token))

    session = scene.store.validate(signed_in.token)

    assert session.expires_at == START + DUE + IDLE + TWO_SECONDS + max(difference, timedelta(0))
    assert session == scene.another_store().get_session(signed_in.id)


def test_a_session_from_a_machine_whose_clock_is_ahead_is_accepted(scene: Scene) -> None:
    created = scene.another_store(clock=MovableClock(START + TWO_SECONDS)).create_session("ana")

    assert scene.store.validate(created.token) == created.session


@pytest.mark.parametrize("difference", [TWO_SECONDS, -TWO_SECONDS])
def test_the_last_login_is_right_to_the_clock_that_signed_in_last(scene: Scene, difference: timedelta) -> None:
    scene.store.create_session("ana")
    scene.clock.advance(timedelta(seconds=5))
    moment = START + timedelta(seconds=5) + difference
    scene.another_store(clock=MovableClock(moment)).create_session("ana")

    assert scene.store.get_last_login_time("ana") == moment


def test_an_extension_that_fails_is_counted_and_the_read_stands(scene: Scene, signed_in: SignedIn) -> None:
    scene.clock.advance(DUE)
    scene.faults.throttle("UpdateItem", times=FOREVER)

    session = scene.store.validate(signed_in.token)

    assert session.session_id == signed_in.id
    assert session.expires_at == signed_in.root.session.expires_at
    assert [(event.name, event.session_id) for event in scene.events] == [(IncidentName.EXTENSION_FAILED, signed_in.id)]


def test_an_extension_whose_reply_was_lost_does_not_refuse_the_caller(scene: Scene, signed_in: SignedIn) -> None:
    scene.clock.advance(DUE)
    scene.faults.lose_reply("UpdateItem")

    assert scene.store.validate(signed_in.token).session_id == signed_in.id
    assert scene.other.validate(signed_in.token).last_seen_at == START + DUE


def test_a_childs_activity_extends_its_root(scene: Scene, signed_in: SignedIn) -> None:
    scene.clock.advance(DUE)

    child = scene.store.validate(signed_in.child_token, child=True)

    assert child.expires_at == scene.other.validate(signed_in.token).expires_at == START + DUE + IDLE


@pytest.mark.parametrize("child", [False, True], ids=["session", "child"])
def test_a_rotation_is_activity_as_every_use_of_a_token(scene: Scene, signed_in: SignedIn, *, child: bool) -> None:
    token = signed_in.child_token if child else signed_in.token
    for _ in range(3):
        scene.clock.advance(IDLE - timedelta(seconds=1))
        assert scene.store.rotate(token, child=child).token

    assert scene.other.validate(signed_in.token).expires_at == START + 4 * IDLE - timedelta(seconds=3)


def test_a_rotation_asks_whether_all_sessions_were_ended_when_it_extends(scene: Scene, signed_in: SignedIn) -> None:
    scene.faults.hide_from_index(signed_in.id)
    scene.store.end_customer_sessions("ana")
    scene.clock.advance(DUE)

    with pytest.raises(InvalidTokenError):
        scene.store.rotate(signed_in.token)

    assert refusal(scene.other, signed_in.token) is Refusal.ENDED


# By id


@pytest.mark.parametrize("customer_id", ["ana", None], ids=["customer", "visitor"])
def test_a_back_end_extends_a_session_by_its_id_up_to_its_absolute_end(scene: Scene, customer_id: str | None) -> None:
    timeouts = Timeouts(idle=IDLE, absolute=2 * IDLE)
    created = scene.store.create_session(customer_id, data={"cart": ["tea"]}, timeouts=timeouts)
    session_id = created.session.session_id
    scene.clock.advance(IDLE - timedelta(seconds=1))

    extended = scene.store.extend_session(session_id)

    assert extended.expires_at == START + 2 * IDLE - timedelta(seconds=1)
    assert extended == scene.other.get_session(session_id) == scene.other.validate(created.token)
    scene.clock.advance(10)
    assert scene.store.extend_session(extended).expires_at == START + 2 * IDLE
    row = scene.session_row(session_id) or {}
    assert row["ttl"] == row["expires_at"] + 30 * 24 * 3600
    scene.clock.set(START + 2 * IDLE)
    with pytest.raises(SessionNotFoundError):
        scene.store.extend_session(session_id)


def test_an_extended_session_keeps_its_row_for_as_long_as_its_children(scene: Scene, signed_in: SignedIn) -> None:
    before = scene.session_row(signed_in.id) or {}
    scene.clock.advance(DUE)

    scene.store.extend_session(signed_in.id)

    assert (scene.session_row(signed_in.id) or {})["ttl"] == before["ttl"]


@pytest.mark.shows("T33")
def test_only_a_live_session_of_the_right_customer_is_extended(scene: Scene, signed_in: SignedIn) -> None:
    closing = scene.other.create_session("ana").session
    scene.other.update_data(closing, {}, closing=True)
    ended = scene.other.create_session("ana").session
    scene.other.end_session(ended)
    scene.clock.advance(DUE)
    before = scene.all_rows()

    for session, customer_id in ((closing, None), (ended, None), (signed_in.id, "bo"), (signed_in.child_id, None)):
        with pytest.raises(SessionNotFoundError):
            scene.store.extend_session(session, customer_id=customer_id)
    with pytest.raises(SessionNotFoundError):
        scene.store_with(not_before=START + timedelta(seconds=1)).extend_session(signed_in.root.session)

    assert scene.all_rows() == before


@pytest.mark.shows("T33")
@pytest.mark.parametrize("erased", [False, True], ids=["ended", "erased"])
def test_a_session_from_before_an_end_of_all_that_did_not_reach_it_is_not_extended(
    scene: Scene, signed_in: SignedIn, *, erased: bool
) -> None:
    scene.faults.hide_from_index(signed_in.id)
    (scene.store.erase_customer if erased else scene.store.end_customer_sessions)("ana")
    scene.clock.advance(DUE)

    with pytest.raises(SessionNotFoundError):
        scene.store.extend_session(signed_in.id)


def test_a_session_that_an_end_of_all_kept_meanwhile_is_extended(scene: Scene, signed_in: SignedIn) -> None:
    scene.clock.advance(DUE)
    scene.faults.after("Query", lambda: scene.other.end_customer_sessions("ana", except_session_id=signed_in.id))

    assert scene.store.extend_session(signed_in.id).last_seen_at == START + DUE


def test_a_session_that_an_end_of_all_overtakes_is_not_extended(scene: Scene, signed_in: SignedIn) -> None:
    scene.clock.advance(DUE)
    scene.faults.before("UpdateItem", lambda: scene.other.end_customer_sessions("ana"))

    with pytest.raises(SessionNotFoundError):
        scene.store.extend_session(signed_in.id)


def test_an_extension_by_id_that_another_one_overtakes_says_what_is_stored(scene: Scene, signed_in: SignedIn) -> None:
    ahead = scene.another_store(clock=MovableClock(START + DUE + TWO_SECONDS))
    scene.clock.advance(DUE)
    scene.faults.before("UpdateItem", lambda: ahead.validate(signed_in.token))

    session = scene.store.extend_session(signed_in.id)

    assert session.expires_at == START + DUE + TWO_SECONDS + IDLE
    assert session == scene.other.get_session(signed_in.id)


def test_idle_timeouts_of_a_session_survive_a_change_of_the_settings(scene: Scene, signed_in: SignedIn) -> None:
    changed = scene.another_store(idle_timeout=timedelta(minutes=1), absolute_timeout=timedelta(hours=1))
    scene.clock.advance(DUE)

    assert changed.validate(signed_in.token).expires_at == START + DUE + IDLE
