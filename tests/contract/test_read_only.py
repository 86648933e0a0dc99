"""Validation that writes nothing, `activity="read_only"`: what it decides, and what it leaves to others."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from session_store import IncidentName, InvalidTokenError, Refusal, SessionSettings, SessionStore, TokenReuseError
from tests.support.faults import FOREVER
from tests.support.scene import Scene, SignedIn

GRACE = SessionSettings().rotation_grace
WRITES = {"PutItem", "UpdateItem", "TransactWriteItems", "BatchWriteItem"}


@pytest.fixture
def reader(scene: Scene) -> SessionStore:
    """A store whose role may not write."""
    for operation in WRITES:
        scene.faults.refuse(operation, "AccessDeniedException", times=FOREVER)
    return scene.store


def test_it_opens_a_session_as_any_validation_does(scene: Scene, reader: SessionStore, signed_in: SignedIn) -> None:
    before = scene.all_rows()
    scene.clock.advance(timedelta(minutes=5))

    assert reader.validate(signed_in.token, activity="read_only") == signed_in.root.session
    assert reader.validate(signed_in.new_token, activity="read_only") == signed_in.root.session
    assert reader.validate(signed_in.child_token, child=True, activity="read_only") == signed_in.under.child

    assert scene.all_rows() == before


def test_a_new_token_counts_as_unused(scene: Scene, reader: SessionStore, signed_in: SignedIn) -> None:
    reader.validate(signed_in.new_token, activity="read_only")
    scene.clock.advance(GRACE)

    assert scene.other.validate(signed_in.token).session_id == signed_in.id


def test_a_replaced_secret_is_refused_and_reported_and_ends_nothing(
    scene: Scene, reader: SessionStore, signed_in: SignedIn
) -> None:
    scene.other.validate(signed_in.new_token)
    scene.clock.advance(GRACE)

    with pytest.raises(TokenReuseError):
        reader.validate(signed_in.token, activity="read_only")

    assert [event.name for event in scene.events] == [IncidentName.TOKEN_REUSED]
    assert reader.validate(signed_in.new_token, activity="read_only").session_id == signed_in.id


def test_a_session_from_before_an_end_of_all_is_refused_at_once(scene: Scene, signed_in: SignedIn) -> None:
    scene.faults.hide_from_index(signed_in.id)
    scene.store.end_customer_sessions("ana")
    before = scene.all_rows()

    with pytest.raises(InvalidTokenError) as refused:
        scene.store.validate(signed_in.token, activity="read_only")

    assert (refused.value.refusal, scene.all_rows()) == (Refusal.REVOKED, before)


def test_a_session_that_an_end_of_all_kept_meanwhile_is_not_refused(scene: Scene, signed_in: SignedIn) -> None:
    keep = partial(scene.other.end_customer_sessions, "ana", except_session_id=signed_in.id)
    scene.faults.after("Query", keep)

    assert scene.store.validate(signed_in.token, activity="read_only").session_id == signed_in.id
