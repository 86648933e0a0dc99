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


def test_a_session_that_is_validated_without_data_has_none_and_is_saved_and_replaced_as_others_are(
    scene: Scene, signed_in: SignedIn
) -> None:
    session = scene.store.validate_and_rotate(signed_in.token, with_data=False).session

    for name in ("data", "client"):
        with pytest.raises(AttributeError, match=rf"{name}: .* with_data=False"):
            getattr(session, name)
    assert signed_in.id in repr(session)
    saved = signed_in.root.session.data | {"theme": "dark"}
    assert scene.store.update_data(session, {"theme": "dark"}).data == saved
    assert scene.store.create_session("ana", replaces=session, carry_data=True).session.data == saved


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


def token_after(scene: Scene, said: object) -> str:
    """Of a new sign-in with a provider, with this word of it in the row."""
    return scene.other.create_session("ana", data={"$authentication": said}).token


@pytest.mark.shows("7.5.3")
def test_a_sign_in_of_another_strength_has_to_be_repeated(scene: Scene, signed_in: SignedIn) -> None:
    token = token_after(scene, {"at": scene.clock.now(), "acr": "gold"})
    for enough in ("gold", ("silver", "gold"), {"gold"}):
        assert scene.store.validate(token, required_acr=enough).customer_id == "ana"
        assert scene.store.validate_and_rotate(token, required_acr=enough).session.customer_id == "ana"

    with pytest.raises(ReauthenticationRequiredError, match="required_acr") as refused:
        scene.store.validate(token, required_acr=["silver", "gol"])
    assert refused.value.required_acr == ("silver", "gol")
    for child, other in ((False, signed_in.token), (True, signed_in.child_token)):  # no provider had a part in it
        with pytest.raises(ReauthenticationRequiredError):
            scene.store.validate(other, child=child, required_acr="gold")


@pytest.mark.parametrize("acr", [None, 1, "", ["gold"], {"gold": 1}], ids=repr)
def test_a_strength_that_cannot_be_read_is_none(scene: Scene, acr: object) -> None:
    for said in ({"at": scene.clock.now(), "acr": acr}, {"at": "now", "acr": "gold"}, {"acr": "gold"}, "gold", None):
        token = token_after(scene, said)
        with pytest.raises(ReauthenticationRequiredError):
            scene.store.validate(token, required_acr="gold")


def test_a_later_sign_in_by_other_means_has_no_strength_of_the_one_before(scene: Scene) -> None:
    token = token_after(scene, {"at": scene.clock.now(), "acr": "gold", "auth_time": scene.clock.now()})
    scene.clock.advance(60)
    later = scene.other.create_session("ana", replaces=token, carry_data=True).token

    assert scene.store.validate(later, max_auth_age=timedelta(0)).customer_id == "ana"
    with pytest.raises(ReauthenticationRequiredError):
        scene.store.validate(later, required_acr="gold")


@pytest.mark.shows("7.5.3")
def test_the_age_of_a_sign_in_with_a_provider_is_the_greater_of_two(scene: Scene) -> None:
    now, limit = int(scene.clock.now()), timedelta(minutes=5)
    before, ahead = (token_after(scene, {"at": now, "auth_time": now + by}) for by in (-301, 30))

    with pytest.raises(ReauthenticationRequiredError):
        scene.store.validate(before, max_auth_age=limit)
    assert scene.store.validate(before, max_auth_age=limit + ONE_SECOND).customer_id == "ana"
    scene.clock.advance(limit)
    assert scene.store.validate(ahead, max_auth_age=limit).customer_id == "ana"
    scene.clock.advance(ONE_SECOND)
    with pytest.raises(ReauthenticationRequiredError):
        scene.store.validate(ahead, max_auth_age=limit)


@pytest.mark.parametrize("auth_time", [None, "now", True], ids=repr)
def test_an_age_that_the_provider_does_not_tell_is_too_great(scene: Scene, auth_time: object) -> None:
    token = token_after(scene, {"at": scene.clock.now(), "auth_time": auth_time})

    with pytest.raises(ReauthenticationRequiredError):
        scene.store.validate(token, max_auth_age=timedelta(days=1))


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
