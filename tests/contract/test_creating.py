"""Starting sessions: what is stored, ids that sort by time, signing in over an existing session."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from session_store import Refusal, Session, SessionState, Timeouts
from session_store.tokens import Token
from tests.contract.refusals import refusal
from tests.support.customer_ids import ODD_IDS
from tests.support.scene import START, Scene, SignedIn


def test_a_new_session_is_active_and_says_when_it_ends(scene: Scene) -> None:
    session = scene.store.create_session("ana", data={"cart": []}, client="Firefox on Linux").session

    assert session.customer_id == "ana"
    assert session.session_state is SessionState.ACTIVE
    assert session.data == {"cart": []}
    assert session.client == "Firefox on Linux"
    assert session.created_at == session.last_login_time == session.last_seen_at == START
    assert session.expires_at == START + timedelta(minutes=30)
    assert session.absolute_expires_at == START + timedelta(hours=12)
    assert scene.store.get_session(session.session_id) == session


def test_a_session_can_have_timeouts_of_its_own(scene: Scene) -> None:
    timeouts = Timeouts(idle=timedelta(minutes=5), absolute=timedelta(minutes=5))

    session = scene.store.create_session("ana", timeouts=timeouts).session

    assert session.expires_at == session.absolute_expires_at == START + timedelta(minutes=5)


def test_an_anonymous_session_has_no_customer_and_no_login(scene: Scene) -> None:
    created = scene.store.create_session(data={"cart": ["tea"]})

    assert created.session.customer_id is None
    assert created.session.last_login_time is None
    assert scene.store.get_session(created.session.session_id) == created.session
    assert scene.store.validate(created.token) == created.session


def test_anonymous_sessions_share_no_index_partition(scene: Scene) -> None:
    for _ in range(3):
        scene.store.create_session()

    assert len({row["SK"] for row in scene.all_rows()}) == 3


@pytest.mark.parametrize(
    "customer_id",
    ["ana@example.com", "urn:example:customer/1?x=%2F&y", "顧客-東京", "  spaces  ", "anon", *ODD_IDS],
    ids=ascii,
)
def test_customer_ids_of_any_script_are_kept_byte_by_byte(scene: Scene, customer_id: str) -> None:
    session = scene.store.create_session(customer_id).session

    assert session.customer_id == customer_id
    assert scene.store.get_session(session.session_id, customer_id=customer_id) == session
    assert scene.store.get_customer_sessions(customer_id).sessions == (session,)
    assert scene.store.get_last_login_time(customer_id) == START
    assert scene.store.end_customer_sessions(customer_id).count == 1
    assert scene.store.erase_customer(customer_id).count == 1
    assert not scene.all_rows()


def test_sign_ins_in_the_same_millisecond_get_distinct_ids_in_order(scene: Scene) -> None:
    ids = [scene.store.create_session("ana").session.session_id for _ in range(20)]

    assert ids == sorted(set(ids))
    listed = [session.session_id for session in scene.store.get_customer_sessions("ana").sessions]
    assert listed == ids[::-1]
    assert scene.store.get_last_login_time("ana") == START


@pytest.mark.shows("7.2.4")
def test_signing_in_over_a_session_ends_it_in_the_same_transaction(scene: Scene, signed_in: SignedIn) -> None:
    created = scene.store.create_session("ana", replaces=signed_in.token)

    assert created.replaced_session_id == signed_in.id
    assert created.session.session_id != signed_in.id
    assert scene.faults.operations[-1] == "TransactWriteItems"
    assert scene.store.get_session(signed_in.id) is None
    assert refusal(scene.store, signed_in.token) is Refusal.ENDED


def test_signing_in_carries_the_visitors_data_over_only_if_asked_to(scene: Scene) -> None:
    one, other = (scene.store.create_session(data={"cart": ["tea"], "theme": "dark"}) for _ in range(2))

    carried = scene.store.create_session("ana", replaces=one.token, carry_data=True, data={"theme": "light"})

    assert carried.session.data == {"cart": ["tea"], "theme": "light"}
    assert carried.session.customer_id == "ana"
    assert scene.store.create_session("ana", replaces=other.token).session.data == {}


@pytest.fixture(params=["token", "session"])
def old(request: pytest.FixtureRequest, signed_in: SignedIn) -> Session | str:
    """The session to replace, as it may be named."""
    return signed_in.token if request.param == "token" else signed_in.root.session


def test_data_never_moves_to_another_customer(scene: Scene, signed_in: SignedIn, old: Session | str) -> None:
    created = scene.store.create_session("ben", replaces=old, carry_data=True)

    assert created.session.data == {}
    assert created.replaced_session_id == signed_in.id


def test_data_does_not_follow_a_copy_that_names_another_customer(scene: Scene, signed_in: SignedIn) -> None:
    copy = replace(signed_in.root.session, customer_id="ben", data={"mine": True})

    assert scene.store.create_session("ben", replaces=copy, carry_data=True).session.data == {}


def test_a_session_that_was_changed_and_extended_since_it_was_read_is_replaced_as_it_is_now(scene: Scene) -> None:
    visitor = scene.store.create_session(data={"cart": ["tea"]})
    scene.clock.advance(timedelta(minutes=20))
    scene.store.update_data(scene.store.validate(visitor.token), {"cart": ["milk"]})
    scene.clock.advance(timedelta(minutes=20))

    created = scene.store.create_session("ana", replaces=visitor.session, carry_data=True)

    assert created.replaced_session_id == visitor.session.session_id
    assert created.session.data == {"cart": ["milk"]}


def test_nothing_is_carried_from_a_session_that_was_called_back(scene: Scene, old: Session | str) -> None:
    store = scene.store_with(not_before=START + timedelta(seconds=1))

    created = store.create_session("ana", replaces=old, carry_data=True)

    assert (created.replaced_session_id, created.session.data) == (None, {})


def test_signing_in_over_a_session_that_is_closing_ends_it_and_carries_nothing(
    scene: Scene, signed_in: SignedIn, old: Session | str
) -> None:
    scene.other.update_data(signed_in.id, {}, closing=True)

    created = scene.store.create_session("ana", replaces=old, carry_data=True)

    assert (created.replaced_session_id, created.session.data) == (signed_in.id, {})
    assert scene.other.get_session(signed_in.id) is None


def test_knowing_the_id_of_a_closing_session_ends_nothing(scene: Scene, signed_in: SignedIn) -> None:
    scene.other.update_data(signed_in.id, {}, closing=True)

    assert scene.store.create_session("ana", replaces=Token.new(signed_in.id).encode()).replaced_session_id is None

    assert scene.other.get_session(signed_in.id) is not None


def test_replacing_a_session_that_is_over_ends_and_carries_nothing(
    scene: Scene, signed_in: SignedIn, old: Session | str
) -> None:
    scene.store.end_session(signed_in.id)

    created = scene.store.create_session("ana", replaces=old, carry_data=True)

    assert (created.replaced_session_id, created.session.data) == (None, {})


@pytest.mark.parametrize("replaces", ["", "garbage", "v1.a.b.c", "v1." + "x" * 5000])
def test_replacing_nonsense_is_signing_in(scene: Scene, replaces: str) -> None:
    assert scene.store.create_session("ana", replaces=replaces).replaced_session_id is None


def test_a_save_between_the_read_and_the_sign_in_is_carried_over(scene: Scene) -> None:
    visitor = scene.store.create_session(data={"cart": ["tea"]})
    save = {"cart": ["tea", "milk"]}
    scene.faults.before("TransactWriteItems", lambda: scene.other.update_data(visitor.session, save))

    created = scene.store.create_session("ana", replaces=visitor.token, carry_data=True)

    assert created.session.data == save
    assert scene.store.get_session(visitor.session.session_id) is None


def test_the_last_login_is_the_newest_sign_in_also_if_its_session_has_ended(scene: Scene) -> None:
    scene.store.create_session("ana")
    scene.clock.advance(timedelta(hours=1))
    newest = scene.store.create_session("ana").session
    scene.clock.advance(timedelta(hours=1))
    scene.store.end_session(newest)

    assert scene.store.get_last_login_time("ana") == START + timedelta(hours=1)
