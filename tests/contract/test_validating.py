"""Validation: what a token opens, and under which conditions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from session_store import InvalidTokenError, ReauthenticationRequiredError, Refusal
from tests.contract.refusals import refusal
from tests.support.scene import START, Scene, SignedIn, sign_in

ONE_SECOND = timedelta(seconds=1)


def test_a_token_opens_its_session_and_writes_nothing(scene: Scene, signed_in: SignedIn) -> None:
    assert scene.store.validate(signed_in.token) == signed_in.root.session
    assert scene.store.validate(signed_in.child_token, child=True) == signed_in.under.child
    assert set(scene.faults.operations) <= {"Query", "GetItem"}


def test_a_token_of_a_session_that_is_gone_is_refused(scene: Scene, signed_in: SignedIn) -> None:
    scene.delete_session_row(signed_in.id)

    assert refusal(scene.store, signed_in.token) is Refusal.UNKNOWN
    assert refusal(scene.store, signed_in.child_token, child=True) is Refusal.UNKNOWN


@pytest.mark.shows("C14", "7.5.1", "7.5.3")
def test_a_sign_in_that_is_too_old_has_to_be_repeated(scene: Scene, signed_in: SignedIn) -> None:
    limit = timedelta(minutes=5)
    scene.clock.advance(limit)
    assert scene.store.validate(signed_in.token, max_auth_age=limit).session_id == signed_in.id

    scene.clock.advance(ONE_SECOND)

    with pytest.raises(ReauthenticationRequiredError) as refused:
        scene.store.validate(signed_in.token, max_auth_age=limit)
    assert refused.value.session_id == signed_in.id
    with pytest.raises(ReauthenticationRequiredError):
        scene.store.validate(signed_in.child_token, child=True, max_auth_age=limit)
    assert scene.store.validate(signed_in.token).session_id == signed_in.id


def test_a_visitor_has_never_signed_in_recently(scene: Scene) -> None:
    visitor = scene.store.create_session()

    with pytest.raises(ReauthenticationRequiredError):
        scene.store.validate(visitor.token, max_auth_age=timedelta(hours=1))


@pytest.mark.shows("7.4.5")
def test_no_session_from_before_a_moment_is_valid(scene: Scene, signed_in: SignedIn) -> None:
    scene.clock.advance(ONE_SECOND)
    after = sign_in(scene.another_store())
    store = scene.store_with(not_before=START + ONE_SECOND)

    with pytest.raises(InvalidTokenError) as refused:
        store.rotate(signed_in.token)
    assert refused.value.refusal is refusal(store, signed_in.token) is Refusal.REVOKED
    assert refusal(store, signed_in.child_token, child=True) is Refusal.REVOKED
    assert store.validate(after.token) == after.root.session


@pytest.mark.shows("7.1.2")
def test_a_second_session_limit_ends_the_oldest(scene: Scene) -> None:
    store = scene.store_with(max_sessions_per_customer=2)
    store.create_session("ben")
    created: list[str] = []
    for _ in range(4):
        created.insert(0, store.create_session("ana").session.session_id)
        scene.clock.advance(1)

        assert [session.session_id for session in store.get_customer_sessions("ana").sessions] == created[:2]


def test_the_new_session_stands_also_if_the_limit_fails(scene: Scene) -> None:
    store = scene.store_with(max_sessions_per_customer=1)
    store.create_session("ana")
    scene.faults.refuse("Query", "AccessDeniedException")

    created = store.create_session("ana")

    assert store.validate(created.token) == created.session
    assert [event.name for event in scene.events] == ["SessionLimitFailed"]
