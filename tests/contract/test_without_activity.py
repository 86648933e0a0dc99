"""Validation that is no activity, `activity="none"`: what it does for a page that polls, and what it leaves alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from session_store import IncidentName, InvalidTokenError, Refusal, SessionSettings, TokenReuseError
from tests.contract.refusals import refusal
from tests.support.scene import START, Scene, SignedIn

GRACE = SessionSettings().rotation_grace
IDLE = SessionSettings().idle_timeout
DUE = IDLE / 10


@pytest.mark.shows("T26")
def test_polling_does_not_keep_a_session_alive_and_says_when_it_ends(scene: Scene, signed_in: SignedIn) -> None:
    for _ in range(9):
        scene.clock.advance(DUE)
        polled = scene.store.validate(signed_in.token, activity="none")
        assert (polled.last_seen_at, polled.expires_at) == (START, START + IDLE)
        assert scene.store.validate_and_rotate(signed_in.token, activity="none").session == polled
        child = scene.store.validate(signed_in.child_token, child=True, activity="none")
        assert child.expires_at == START + IDLE
    assert scene.faults.operations.count("UpdateItem") == 0
    scene.clock.advance(DUE)

    assert refusal(scene.store, signed_in.token) is Refusal.EXPIRED


def test_a_page_that_polls_gets_a_new_token_when_it_is_due(scene: Scene, signed_in: SignedIn) -> None:
    scene.clock.advance(SessionSettings().rotation_interval)

    assert scene.store.validate_and_rotate(signed_in.token, activity="none").token is not None


@pytest.mark.shows("T27")
def test_the_use_of_a_new_token_counts(scene: Scene, signed_in: SignedIn) -> None:
    scene.clock.advance(DUE)
    scene.store.validate(signed_in.new_token, activity="none")
    scene.clock.advance(GRACE)

    with pytest.raises(TokenReuseError):
        scene.store.validate(signed_in.token, activity="none")

    assert [event.name for event in scene.events] == [IncidentName.TOKEN_REUSED]
    assert refusal(scene.other, signed_in.new_token) is Refusal.ENDED


def test_a_new_token_takes_over(scene: Scene, signed_in: SignedIn) -> None:
    for _ in range(2):
        scene.store.validate(signed_in.new_token, activity="none")
        scene.clock.advance(2 * GRACE + timedelta(seconds=1))
    row = scene.session_row(signed_in.id) or {}

    assert row["epoch"] == 1
    assert row["last_seen_at"] == START.timestamp()


@pytest.mark.shows("T27")
@pytest.mark.usefixtures("generation_unread")
def test_the_customers_generation_is_asked_for_once_an_extension_would_be_due(
    scene: Scene, signed_in: SignedIn
) -> None:
    scene.faults.hide_from_index(signed_in.id)
    scene.store.end_customer_sessions("ana")
    scene.clock.advance(DUE - timedelta(seconds=1))
    assert scene.store.validate(signed_in.token, activity="none").session_id == signed_in.id
    scene.clock.advance(1)

    with pytest.raises(InvalidTokenError) as refused:
        scene.store.validate(signed_in.token, activity="none")

    assert refused.value.refusal is Refusal.REVOKED
    assert refusal(scene.other, signed_in.token) is Refusal.ENDED
