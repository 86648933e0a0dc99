"""Child sessions: they live only while their root does, and their tokens are not the root's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from session_store import Refusal, SessionNotFoundError
from session_store.tokens import IdFactory, home_of
from tests.contract.refusals import refusal
from tests.support.scene import START, Scene, SignedIn, children_of, sign_in


@pytest.mark.shows("7.6.1")
def test_a_child_has_data_of_its_own_and_the_roots_lifetime(scene: Scene, signed_in: SignedIn) -> None:
    root, child = signed_in.root.session, signed_in.under.child

    assert child.data == {"app": "mail"}
    assert child.session_id == root.session_id
    assert child.customer_id == "ana"
    assert child.last_login_time == root.last_login_time
    assert (child.expires_at, child.absolute_expires_at) == (root.expires_at, root.absolute_expires_at)
    assert scene.store.validate(signed_in.child_token, child=True) == child
    assert children_of(scene.store, root.session_id) == (child,)
    assert children_of(scene.store, root) == (child,)


@pytest.mark.shows("C15", "7.6.1")
def test_a_child_created_later_ends_with_its_root(scene: Scene, signed_in: SignedIn) -> None:
    scene.clock.advance(timedelta(minutes=20))

    child = scene.store.create_child_session(signed_in.id).child

    assert child.created_at == START + timedelta(minutes=20)
    assert child.expires_at == START + timedelta(minutes=30)
    assert child.absolute_expires_at == signed_in.root.session.absolute_expires_at


def test_a_child_is_created_under_a_session_of_its_own_customer_alone(scene: Scene, signed_in: SignedIn) -> None:
    for root, customer_id in ((signed_in.id, "ben"), (signed_in.root.session, "ben"), (signed_in.child_id, None)):
        with pytest.raises(SessionNotFoundError):
            scene.store.create_child_session(root, customer_id=customer_id)


def test_one_child_ends_alone(scene: Scene, signed_in: SignedIn) -> None:
    second = scene.other.create_child_session(signed_in.root.session)

    assert scene.store.end_child_session(signed_in.id, signed_in.child_id) is True
    assert scene.store.end_child_session(signed_in.id, signed_in.child_id) is False

    assert refusal(scene.other, signed_in.child_token, child=True) is Refusal.ENDED
    assert scene.other.get_session_by_child(signed_in.child_id) is None
    assert children_of(scene.other, signed_in.id) == (second.child,)
    assert scene.other.validate(second.token, child=True) == second.child
    assert scene.other.validate(signed_in.token) == signed_in.root.session


def test_a_child_can_only_be_ended_under_its_own_root(scene: Scene, signed_in: SignedIn) -> None:
    other_root = sign_in(scene.store, "ben")

    assert scene.store.end_child_session(other_root.id, signed_in.child_id) is False
    assert scene.store.get_session_by_child(signed_in.child_id) is not None


def test_ending_a_child_leaves_a_tombstone_without_secrets(scene: Scene, signed_in: SignedIn) -> None:
    scene.store.end_child_session(signed_in.id, signed_in.child_id)

    (row,) = [row for row in scene.all_rows() if row["entity_type"] == "child_session"]
    assert row["session_state"] == "ended"
    assert row.keys().isdisjoint({"data", "token_hash", "family_hash", "previous_token_hash"})


@pytest.mark.shows("T46", "C15", "7.6.1")
def test_a_childs_token_is_good_for_the_application_that_it_was_made_for_alone(
    scene: Scene, signed_in: SignedIn
) -> None:
    shop = scene.store.create_child_session(signed_in.root.session, audience="shop")

    for token, audience in [(shop.token, "mail"), (shop.token, None), (signed_in.child_token, "shop")]:
        assert refusal(scene.store, token, child=True, audience=audience) is Refusal.WRONG_AUDIENCE
    assert shop.child.audience == "shop"
    assert scene.store.validate(shop.token, child=True, audience="shop") == shop.child
    rotated = scene.store.rotate(shop.token, child=True, audience="shop").token
    assert scene.store.validate(rotated or "", child=True, audience="shop") == shop.child


def test_a_token_at_the_wrong_application_is_no_activity(scene: Scene, signed_in: SignedIn) -> None:
    before = scene.all_rows()
    scene.clock.advance(timedelta(minutes=20))

    assert refusal(scene.store, signed_in.child_token, child=True, audience="shop") is Refusal.WRONG_AUDIENCE

    assert scene.all_rows() == before


@pytest.mark.shows("T48")
def test_a_root_that_ends_between_the_two_reads_of_a_child_is_refused(scene: Scene, signed_in: SignedIn) -> None:
    scene.faults.before("Query", lambda: scene.other.end_session(signed_in.id))

    assert refusal(scene.store, signed_in.child_token, child=True) is Refusal.ENDED


def test_a_child_too_new_for_the_index_has_no_owner_yet(scene: Scene, signed_in: SignedIn) -> None:
    scene.faults.hide_from_index(signed_in.id)
    assert scene.store.get_session_by_child(signed_in.child_id) is None

    scene.faults.show_in_index(signed_in.id)
    assert scene.store.get_session_by_child(signed_in.child_id) == signed_in.root.session


def test_a_rotation_ends_the_children_where_it_is_asked_to_and_new_ones_start(
    scene: Scene, signed_in: SignedIn
) -> None:
    new = scene.store.rotate(signed_in.token).token or ""
    assert scene.store.validate(signed_in.child_token, child=True) == signed_in.under.child

    assert scene.store.rotate(signed_in.token, end_children=True).token

    assert refusal(scene.store, signed_in.child_token, child=True) is Refusal.REVOKED
    assert children_of(scene.store, signed_in.id) == ()
    later = scene.store.create_child_session(scene.store.validate(new))
    assert scene.store.validate(later.token, child=True) == later.child


def test_a_child_has_the_home_of_its_root(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(IdFactory.new_id, "__defaults__", (0xA7,))
    root = scene.store.create_session("ana").session
    monkeypatch.undo()

    child = scene.store.create_child_session(root).child

    assert (home_of(root.session_id), home_of(child.child_session_id)) == (0xA7, 0xA7)
