"""Rotation: grace, confirmation, theft and lost replies, as section 3 of the design says.

Among them are the situations that SuperTokens checks in its SessionRefreshRotationTest. Where it does otherwise, the
rule of our design wins: it was checked for honest browsers whose replies are lost or come in another order
(tests/interleavings/test_tokens.py).

| situation | SuperTokens (rotation per refresh) | here |
|---|---|---|
| a plain rotation | remembers the retired token and the time | the same |
| the old token again, within the grace | hands out another token | success without a token: there is one successor |
| the old token after the grace | theft | theft once the successor was used; before that its reply was lost |
| a token displaced by a rotation in the grace | theft | cannot come up while the reply is under way |
| a token two rotations old | theft | theft |
| how a reuse is reported | a setting | one way: the session has ended, the client learns that it is signed out |
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from session_store import IncidentName, Refusal, SessionSettings, TokenReuseError
from session_store.clock import to_datetime
from session_store.tokens import parse
from tests.contract.refusals import refusal
from tests.support.holder import Holder
from tests.support.scene import Scene, SignedIn, sign_in

GRACE = SessionSettings().rotation_grace
_ALLOWED = SessionSettings.kinds()["rotation_grace"]
SHORTEST, LONGEST = _ALLOWED.minimum, _ALLOWED.maximum
ONE_SECOND = timedelta(seconds=1)


@pytest.fixture(params=["session", "child"])
def browser(request: pytest.FixtureRequest, scene: Scene) -> Holder:
    """A browser that signed in a while ago, with a session's or a child session's token."""
    signed_in, child = sign_in(scene.another_store()), request.param == "child"
    scene.clock.advance(GRACE)
    return Holder(scene.store, signed_in.child_token if child else signed_in.token, child)


def test_a_rotation_gives_out_a_new_secret_of_the_same_family(browser: Holder) -> None:
    old = browser.token

    new = browser.rotate()

    assert new is not None
    assert new.rpartition(".")[0] == old.rpartition(".")[0]
    assert new != old
    assert browser.use(new) == browser.use(old)


def test_a_rotation_remembers_the_secret_it_replaced_and_when(scene: Scene, signed_in: SignedIn) -> None:
    before = scene.session_row(signed_in.id) or {}
    scene.clock.advance(7)

    successor = scene.store.rotate(signed_in.token).token or ""

    after = scene.session_row(signed_in.id) or {}
    assert {"previous_token_hash", "rotated_at", "confirmed_at"}.isdisjoint(before)
    assert bytes(after["previous_token_hash"]) == parse(signed_in.token).token_hash
    assert bytes(after["token_hash"]) == parse(successor).token_hash
    assert after["rotated_at"] == int(scene.clock.now())
    assert "confirmed_at" not in after
    assert scene.store.rotate(signed_in.token).token is None  # within the grace there is one successor
    assert scene.session_row(signed_in.id) == after


def test_the_old_secret_is_accepted_for_the_grace_after_the_new_ones_first_use(scene: Scene, browser: Holder) -> None:
    old = browser.token
    browser.rotate()
    scene.clock.advance(GRACE)
    browser.use()

    scene.clock.advance(GRACE - ONE_SECOND)
    browser.use(old)
    scene.clock.advance(ONE_SECOND)
    with pytest.raises(TokenReuseError):
        browser.use(old)


def test_the_old_secret_is_accepted_as_long_as_the_new_one_was_never_used(scene: Scene, browser: Holder) -> None:
    old = browser.token
    browser.rotate()
    scene.clock.advance(timedelta(minutes=20))

    browser.use(old)


def test_a_rotation_within_the_grace_of_the_last_gives_out_no_token(scene: Scene, browser: Holder) -> None:
    old = browser.token
    browser.rotate()
    scene.clock.advance(GRACE - ONE_SECOND)

    assert browser.store.rotate(old).token is None
    assert browser.store.rotate(browser.token).token is None
    scene.clock.advance(ONE_SECOND)
    assert browser.store.rotate(browser.token).token is not None


def test_a_browser_that_never_got_the_reply_may_rotate_again_after_the_grace(scene: Scene, browser: Holder) -> None:
    lost = browser.store.rotate(browser.token).token
    assert lost
    scene.clock.advance(GRACE)

    assert browser.rotate()

    browser.use()
    with pytest.raises(TokenReuseError):
        browser.use(lost)


def test_a_replaced_secret_whose_successor_was_used_may_not_rotate_again(scene: Scene, browser: Holder) -> None:
    old = browser.token
    browser.rotate()
    scene.clock.advance(GRACE)
    browser.use()
    scene.clock.advance(GRACE - ONE_SECOND)

    assert browser.store.rotate(old).token is None
    scene.clock.advance(ONE_SECOND)
    with pytest.raises(TokenReuseError):
        browser.store.rotate(old)


def test_each_rotation_waits_for_a_first_use_of_its_own(scene: Scene, browser: Holder) -> None:
    browser.rotate()
    browser.use()
    scene.clock.advance(2 * GRACE)
    second = browser.token

    assert browser.store.rotate(second).token
    scene.clock.advance(2 * GRACE)
    browser.use(second)


def test_a_secret_two_rotations_old_is_theft(scene: Scene, browser: Holder) -> None:
    stolen = browser.token
    for _ in range(2):
        browser.rotate()
        scene.clock.advance(GRACE)

    with pytest.raises(TokenReuseError):
        browser.use(stolen)
    assert refusal(browser.store, browser.token, child=browser.child) is Refusal.ENDED


@pytest.mark.parametrize("thief_is_first", [True, False])
def test_theft_is_found_whoever_rotates_first(scene: Scene, browser: Holder, *, thief_is_first: bool) -> None:
    thief = replace(browser)
    first, second = (thief, browser) if thief_is_first else (browser, thief)
    first.rotate()
    first.use()
    scene.clock.advance(GRACE)

    with pytest.raises(TokenReuseError):
        second.use()
    assert refusal(first.store, first.token, child=first.child) is Refusal.ENDED


def test_a_guessed_secret_of_a_family_is_theft_of_that_session_or_child_alone(scene: Scene, browser: Holder) -> None:
    guess = parse(browser.token).rotated().encode()
    with pytest.raises(TokenReuseError):
        browser.use(guess)

    for token in (guess, browser.token):  # ended, and reported once
        assert refusal(browser.store, token, child=browser.child) is Refusal.ENDED
    assert [event.name for event in scene.events] == [IncidentName.TOKEN_REUSED]
    rows = {row["entity_type"]: row["session_state"] for row in scene.all_rows() if "session_state" in row}
    over, other = ("child_session", "session") if browser.child else ("session", "child_session")
    assert rows == {over: "ended", other: "active"}


def test_theft_is_reported_without_the_token(scene: Scene, browser: Holder) -> None:
    stolen = browser.token
    browser.rotate()
    browser.use()
    scene.clock.advance(GRACE)

    with pytest.raises(TokenReuseError) as reused:
        browser.use(stolen)

    assert [event.name for event in scene.events] == [IncidentName.TOKEN_REUSED]
    assert scene.events[0].session_id == reused.value.session_id
    secret = stolen.rpartition(".")[2]
    assert secret not in f"{reused.value!r} {reused.value} {scene.events}"


def test_only_the_first_use_of_a_new_secret_writes(scene: Scene, browser: Holder) -> None:
    browser.rotate()
    scene.faults.calls.clear()

    browser.use()
    assert scene.faults.operations.count("UpdateItem") == 1
    browser.use()
    assert scene.faults.operations.count("UpdateItem") == 1


def test_the_first_use_and_an_extension_go_into_one_write(scene: Scene, signed_in: SignedIn) -> None:
    rotated = scene.store.rotate(signed_in.token).token or ""
    scene.clock.advance(timedelta(minutes=5))
    scene.faults.calls.clear()

    session = scene.store.validate(rotated)

    assert scene.faults.operations == ["Query", "GetItem", "UpdateItem"]
    assert session.last_seen_at.timestamp() == scene.clock.now()
    scene.clock.advance(GRACE)
    with pytest.raises(TokenReuseError):
        scene.store.validate(signed_in.token)


def test_of_parallel_rotations_one_gives_out_a_token_and_all_browsers_go_on(scene: Scene, browser: Holder) -> None:
    winner: list[str | None] = []
    scene.faults.before("UpdateItem", lambda: winner.append(scene.other.rotate(browser.token).token))

    assert browser.store.rotate(browser.token).token is None

    assert winner[0] is not None
    browser.use()
    browser.use(winner[0])
    scene.clock.advance(GRACE - ONE_SECOND)
    browser.use()


def test_a_rotation_that_lost_by_two_generations_is_found_out(scene: Scene, browser: Holder) -> None:
    def rotate_twice() -> None:
        elsewhere = Holder(scene.other, browser.token, browser.child)
        elsewhere.rotate()
        elsewhere.use()
        scene.clock.set(to_datetime(int(scene.clock.now())) + GRACE)  # the caller's deadline does not notice
        elsewhere.rotate()

    scene.faults.before("UpdateItem", rotate_twice)

    with pytest.raises(TokenReuseError):
        browser.store.rotate(browser.token)


def test_a_confirmation_that_fails_is_counted_and_the_read_stands(scene: Scene, browser: Holder) -> None:
    browser.rotate()
    scene.faults.throttle("UpdateItem")

    browser.use()

    assert [event.name for event in scene.events] == [IncidentName.EXTENSION_FAILED]


def test_a_rotation_is_due_after_the_interval(scene: Scene, signed_in: SignedIn) -> None:
    store = scene.store_with(rotation_interval=timedelta(minutes=15))
    scene.clock.advance(timedelta(minutes=15) - ONE_SECOND)
    assert not store.rotation_due(store.validate(signed_in.token))
    scene.clock.advance(ONE_SECOND)
    assert store.rotation_due(store.validate(signed_in.token))

    rotated = store.rotate(signed_in.token).token or ""

    assert not store.rotation_due(store.validate(rotated))
    assert not scene.store.rotation_due(scene.store.validate(rotated))


@pytest.mark.parametrize("grace", [SHORTEST, GRACE, LONGEST], ids=str)
def test_two_rotations_at_once_leave_every_token_good_that_was_given_out(
    scene: Scene, signed_in: SignedIn, grace: timedelta
) -> None:
    store = scene.store_with(rotation_grace=grace)
    scene.clock.advance(grace)
    first = store.rotate(signed_in.token).token or ""
    scene.clock.advance(grace - ONE_SECOND)

    assert store.rotate(signed_in.token).token is None

    assert store.validate(first) == store.validate(signed_in.token)


def test_a_request_that_was_under_way_for_longer_than_the_grace_is_taken_for_theft(
    scene: Scene, signed_in: SignedIn
) -> None:
    store = scene.store_with(rotation_grace=SHORTEST)
    rotated = store.rotate(signed_in.token).token or ""
    store.validate(signed_in.token)
    store.validate(rotated)
    scene.clock.advance(SHORTEST - ONE_SECOND)
    store.validate(signed_in.token)
    scene.clock.advance(ONE_SECOND)

    with pytest.raises(TokenReuseError):
        store.validate(signed_in.token)
    assert refusal(store, rotated) is Refusal.ENDED
