"""Rotation: grace, confirmation, theft and lost replies, as section 3 of the design says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from session_store import IncidentName, InvalidTokenError, Refusal, SessionSettings, SessionStore, TokenReuseError
from session_store.clock import to_datetime
from tests.support.scene import sign_in

if TYPE_CHECKING:
    from session_store.testing import MovableClock
    from tests.support.faults import Faults
    from tests.support.scene import Scene, SignedIn

GRACE = SessionSettings().rotation_grace
_ALLOWED = SessionSettings.kinds()["rotation_grace"]
SHORTEST, LONGEST = _ALLOWED.minimum, _ALLOWED.maximum
ONE_SECOND = timedelta(seconds=1)


@dataclass
class Browser:
    """Keeps the newest token it was given, as a browser keeps a cookie."""

    store: SessionStore
    token: str
    child: bool = False

    def rotate(self, store: SessionStore | None = None) -> str | None:
        new = (store or self.store).rotate(self.token).token
        self.token = new or self.token
        return new

    def use(self, token: str | None = None) -> str:
        presented = token or self.token
        session = self.store.validate(presented, child=True) if self.child else self.store.validate(presented)
        return session.session_id


@pytest.fixture(params=["session", "child"])
def browser(request: pytest.FixtureRequest, scene: Scene) -> Browser:
    """A browser that signed in a while ago, with a session's or a child session's token."""
    signed_in = sign_in(scene.another_store())
    scene.clock.advance(GRACE)
    if request.param == "child":
        return Browser(scene.store, signed_in.child_token, child=True)
    return Browser(scene.store, signed_in.token)


def test_a_rotation_gives_out_a_new_secret_of_the_same_family(browser: Browser) -> None:
    old = browser.token

    new = browser.rotate()

    assert new is not None
    assert new.rpartition(".")[0] == old.rpartition(".")[0]
    assert new != old
    assert browser.use(new) == browser.use(old)


def test_the_old_secret_is_accepted_for_the_grace_after_the_first_use_of_the_new_one(
    browser: Browser, clock: MovableClock
) -> None:
    old = browser.token
    browser.rotate()
    clock.advance(GRACE)
    browser.use()

    clock.advance(GRACE - ONE_SECOND)
    browser.use(old)
    clock.advance(ONE_SECOND)
    with pytest.raises(TokenReuseError):
        browser.use(old)


def test_the_old_secret_is_accepted_as_long_as_the_new_one_was_never_used(
    browser: Browser, clock: MovableClock
) -> None:
    old = browser.token
    browser.rotate()
    clock.advance(timedelta(minutes=20))

    browser.use(old)


def test_a_rotation_within_the_grace_of_the_last_gives_out_no_token(browser: Browser, clock: MovableClock) -> None:
    old = browser.token
    browser.rotate()
    clock.advance(GRACE - ONE_SECOND)

    assert browser.store.rotate(old).token is None
    assert browser.store.rotate(browser.token).token is None
    clock.advance(ONE_SECOND)
    assert browser.store.rotate(browser.token).token is not None


def test_a_browser_that_never_got_the_reply_may_rotate_again_after_the_grace(
    browser: Browser, clock: MovableClock
) -> None:
    lost = browser.store.rotate(browser.token).token
    assert lost is not None
    clock.advance(GRACE)

    again = browser.rotate()

    assert again is not None
    browser.use(again)
    with pytest.raises(TokenReuseError):
        browser.use(lost)


def test_a_replaced_secret_whose_successor_was_used_may_not_rotate_again(browser: Browser, clock: MovableClock) -> None:
    old = browser.token
    browser.rotate()
    clock.advance(GRACE)
    browser.use()
    clock.advance(GRACE - ONE_SECOND)

    assert browser.store.rotate(old).token is None
    clock.advance(ONE_SECOND)
    with pytest.raises(TokenReuseError):
        browser.store.rotate(old)


def test_each_rotation_waits_for_a_first_use_of_its_own(browser: Browser, clock: MovableClock) -> None:
    browser.rotate()
    browser.use()
    clock.advance(2 * GRACE)
    second = browser.token

    lost = browser.store.rotate(second).token

    assert lost is not None
    clock.advance(2 * GRACE)
    browser.use(second)


def test_a_secret_two_rotations_old_is_theft(browser: Browser, clock: MovableClock) -> None:
    stolen = browser.token
    for _ in range(2):
        browser.rotate()
        clock.advance(GRACE)

    with pytest.raises(TokenReuseError):
        browser.use(stolen)
    with pytest.raises(InvalidTokenError) as refused:
        browser.use()
    assert refused.value.refusal is Refusal.ENDED


def test_theft_is_found_when_the_thief_rotates_first(browser: Browser, clock: MovableClock) -> None:
    thief = Browser(browser.store, browser.token, browser.child)
    thief.rotate()
    thief.use()
    clock.advance(GRACE)

    with pytest.raises(TokenReuseError):
        browser.use()
    with pytest.raises(InvalidTokenError):
        thief.use()


def test_theft_is_found_when_the_owner_rotates_first(browser: Browser, clock: MovableClock) -> None:
    thief = Browser(browser.store, browser.token, browser.child)
    browser.rotate()
    browser.use()
    clock.advance(GRACE)

    with pytest.raises(TokenReuseError):
        thief.rotate()
    with pytest.raises(InvalidTokenError):
        browser.use()


def test_theft_is_reported_without_the_token(scene: Scene, browser: Browser, clock: MovableClock) -> None:
    stolen = browser.token
    browser.rotate()
    browser.use()
    clock.advance(GRACE)

    with pytest.raises(TokenReuseError) as reused:
        browser.use(stolen)

    assert [event.name for event in scene.events] == [IncidentName.TOKEN_REUSED]
    assert scene.events[0].session_id == reused.value.session_id
    secret = stolen.rpartition(".")[2]
    assert secret not in f"{reused.value!r} {reused.value} {scene.events}"


def test_a_wrong_family_changes_nothing(store: SessionStore, scene: Scene, signed_in: SignedIn) -> None:
    stranger = store.create_session("mallory").token
    _, _, family, secret = stranger.split(".")
    before = scene.all_rows()

    for forged in (f"v1.{signed_in.id}.{family}.{secret}", f"v1.{signed_in.id}.{family}.{signed_in.token[-43:]}"):
        for call in (store.validate, store.rotate):
            with pytest.raises(InvalidTokenError) as refused:
                call(forged)
            assert refused.value.refusal is Refusal.UNKNOWN

    assert scene.all_rows() == before


def test_only_the_first_use_of_a_new_secret_writes(browser: Browser, faults: Faults) -> None:
    browser.rotate()
    faults.calls.clear()

    browser.use()
    assert faults.operations.count("UpdateItem") == 1
    browser.use()
    assert faults.operations.count("UpdateItem") == 1


def test_the_first_use_and_a_refresh_go_into_one_write(
    store: SessionStore, faults: Faults, clock: MovableClock, signed_in: SignedIn
) -> None:
    rotated = store.rotate(signed_in.token).token
    assert rotated is not None
    clock.advance(timedelta(minutes=5))
    faults.calls.clear()

    session = store.validate(rotated)

    assert faults.operations == ["Query", "GetItem", "UpdateItem"]
    assert session.last_seen_at.timestamp() == clock.now()
    clock.advance(GRACE)
    with pytest.raises(TokenReuseError):
        store.validate(signed_in.token)


def test_of_parallel_rotations_one_gives_out_a_token_and_all_browsers_go_on(
    browser: Browser, other: SessionStore, faults: Faults, clock: MovableClock
) -> None:
    winner: list[str | None] = []
    faults.before("UpdateItem", lambda: winner.append(other.rotate(browser.token).token))

    assert browser.store.rotate(browser.token).token is None

    assert winner[0] is not None
    browser.use()
    browser.use(winner[0])
    clock.advance(GRACE - ONE_SECOND)
    browser.use()


def test_a_rotation_that_lost_by_two_generations_is_found_out(
    browser: Browser, other: SessionStore, faults: Faults, clock: MovableClock
) -> None:
    def rotate_twice() -> None:
        elsewhere = Browser(other, browser.token, browser.child)
        elsewhere.rotate()
        elsewhere.use()
        clock.set(to_datetime(int(clock.now())) + GRACE)  # the caller's deadline does not notice
        elsewhere.rotate()

    faults.before("UpdateItem", rotate_twice)

    with pytest.raises(TokenReuseError):
        browser.store.rotate(browser.token)


def test_a_confirmation_that_fails_is_counted_and_the_read_stands(
    scene: Scene, browser: Browser, faults: Faults
) -> None:
    browser.rotate()
    faults.throttle("UpdateItem")

    browser.use()

    assert [event.name for event in scene.events] == [IncidentName.REFRESH_FAILED]


def test_a_rotation_is_due_after_the_interval(scene: Scene, signed_in: SignedIn) -> None:
    store = scene.store_with(rotation_interval=timedelta(minutes=15))
    scene.clock.advance(timedelta(minutes=15) - ONE_SECOND)
    assert not store.rotation_due(store.validate(signed_in.token))
    scene.clock.advance(ONE_SECOND)
    assert store.rotation_due(store.validate(signed_in.token))

    rotated = store.rotate(signed_in.token).token

    assert rotated is not None
    assert not store.rotation_due(store.validate(rotated))
    assert not scene.store.rotation_due(scene.store.validate(rotated))


@pytest.mark.parametrize("grace", [SHORTEST, GRACE, LONGEST], ids=str)
def test_two_rotations_at_once_leave_every_token_good_that_was_given_out(
    scene: Scene, signed_in: SignedIn, grace: timedelta
) -> None:
    store = scene.store_with(rotation_grace=grace)
    scene.clock.advance(grace)
    first = store.rotate(signed_in.token).token
    assert first is not None
    scene.clock.advance(grace - ONE_SECOND)

    assert store.rotate(signed_in.token).token is None

    assert store.validate(first) == store.validate(signed_in.token)


def test_a_request_that_was_under_way_for_longer_than_the_grace_is_taken_for_theft(
    scene: Scene, signed_in: SignedIn
) -> None:
    store = scene.store_with(rotation_grace=SHORTEST)
    rotated = store.rotate(signed_in.token).token
    assert rotated is not None
    store.validate(signed_in.token)
    store.validate(rotated)
    scene.clock.advance(SHORTEST - ONE_SECOND)
    store.validate(signed_in.token)
    scene.clock.advance(ONE_SECOND)

    with pytest.raises(TokenReuseError):
        store.validate(signed_in.token)
    with pytest.raises(InvalidTokenError):
        store.validate(rotated)
