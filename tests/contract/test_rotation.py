"""Rotation: successors, the first use, the decision, theft and lost replies, as `operations/token_rules.py` says.

Among them are the situations that SuperTokens checks in its SessionRefreshRotationTest. If it differs, the rule of our
design wins. That rule was checked for honest browsers whose replies are lost or come in another order (tests/rotation,
tests/interleavings/test_tokens.py).

| situation | SuperTokens (rotation per refresh) | here |
|---|---|---|
| a plain rotation | remembers the retired token and the time | writes nothing: the first use decides |
| the old token again, before its successor's use | hands out another token | the same |
| the old token again, within the grace | hands out another token | success without a token |
| the old token after the grace | theft | theft once a successor was used; before that the reply was lost |
| a token two rotations old | theft | theft |
| how a reuse is reported | a setting | one way: the session has ended, the client learns that it is signed out |
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from unittest.mock import Mock

import pytest

from session_store import IncidentName, Refusal, SessionSettings, TokenReuseError
from session_store.tokens import parse
from tests.contract.refusals import refusal
from tests.support.faults import FOREVER
from tests.support.holder import Holder
from tests.support.scene import Scene, SignedIn, sign_in

GRACE = SessionSettings().rotation_grace
ONE_SECOND = timedelta(seconds=1)


@pytest.fixture(params=["session", "child"])
def browser(request: pytest.FixtureRequest, scene: Scene) -> Holder:
    """A browser that signed in a while ago, with a session's or a child session's token."""
    signed_in, child = sign_in(scene.another_store()), request.param == "child"
    scene.clock.advance(GRACE)
    return Holder(scene.store, signed_in.child_token if child else signed_in.token, child)


def token_row(scene: Scene, browser: Holder) -> dict[str, object]:
    """The token's part of the row."""
    kind = "child_session" if browser.child else "session"
    (row,) = (row for row in scene.all_rows() if row["entity_type"] == kind)
    names = ("epoch", "first_used", "first_used_at", "head")
    return {name: bytes(row[name]) if name in {"first_used", "head"} else row[name] for name in names if name in row}


def test_a_rotation_gives_out_a_new_secret_of_the_same_family(browser: Holder) -> None:
    old = browser.token

    new = browser.rotate()

    assert new is not None
    assert new.rpartition(".")[0] == old.rpartition(".")[0]
    assert new != old
    assert browser.use(new) == browser.use(old)


def test_a_rotation_writes_nothing(scene: Scene, browser: Holder) -> None:
    before = scene.all_rows()
    scene.faults.calls.clear()

    browser.rotate()

    assert scene.all_rows() == before
    assert "UpdateItem" not in scene.faults.operations


@pytest.mark.shows("T78")
def test_every_presenter_of_a_secret_gets_a_successor_of_its_own_and_all_are_good(browser: Holder) -> None:
    pages = [replace(browser) for _ in range(3)]
    successors = {page.rotate() for page in pages}

    assert len(successors) == 3
    assert len({page.use() for page in (*pages, browser)}) == 1


def test_the_first_use_of_a_successor_is_recorded_and_no_further_one(scene: Scene, browser: Holder) -> None:
    first, second = replace(browser), replace(browser)
    first.rotate()
    second.rotate()
    scene.faults.calls.clear()
    begun = token_row(scene, browser)

    first.use()
    second.use()
    first.use()

    assert scene.faults.operations.count("UpdateItem") == 1
    first_use = {"first_used": parse(first.token).token_hash, "first_used_at": int(scene.clock.now())}
    assert token_row(scene, browser) == begun | first_use


def test_a_successor_that_is_used_after_twice_the_grace_takes_over(scene: Scene, browser: Holder) -> None:
    browser.rotate()
    browser.use()
    scene.clock.advance(2 * GRACE)
    browser.use()
    assert token_row(scene, browser)["epoch"] == 0
    scene.clock.advance(ONE_SECOND)

    browser.use()

    assert token_row(scene, browser) == {"epoch": 1, "head": parse(browser.token).token_hash}


def test_the_old_secret_is_accepted_for_the_grace_after_a_successors_first_use(scene: Scene, browser: Holder) -> None:
    old = browser.token
    browser.rotate()
    scene.clock.advance(GRACE)
    browser.use()

    scene.clock.advance(GRACE - ONE_SECOND)
    browser.use(old)
    scene.clock.advance(ONE_SECOND)
    with pytest.raises(TokenReuseError):
        browser.use(old)


def test_the_old_secret_is_accepted_as_long_as_no_successor_was_used(scene: Scene, browser: Holder) -> None:
    old = browser.token
    browser.rotate()
    scene.clock.advance(timedelta(minutes=20))

    browser.use(old)


def test_a_browser_that_never_got_the_reply_rotates_again(scene: Scene, browser: Holder) -> None:
    lost = replace(browser)
    lost.rotate()
    scene.clock.advance(2 * GRACE + ONE_SECOND)

    assert browser.rotate()

    browser.use()
    with pytest.raises(TokenReuseError):
        lost.use()


def test_a_successor_that_was_issued_just_before_the_first_use_of_another_stays_good(
    scene: Scene, browser: Holder
) -> None:
    early, late = replace(browser), replace(browser)
    early.rotate()
    scene.clock.advance(2 * GRACE)
    late.rotate()
    late.use()

    scene.clock.advance(2 * GRACE)
    early.use()


def test_a_successor_gives_out_no_token_until_it_has_taken_over(scene: Scene, browser: Holder) -> None:
    old = browser.token
    browser.rotate()
    assert browser.rotate() is None
    assert browser.store.rotate(old, child=browser.child).token is None
    scene.clock.advance(2 * GRACE + ONE_SECOND)

    assert browser.rotate()

    browser.use()


def test_each_rotation_waits_for_a_first_use_of_its_own(scene: Scene, browser: Holder) -> None:
    browser.rotate()
    browser.use()
    scene.clock.advance(2 * GRACE + ONE_SECOND)
    browser.use()
    second = browser.token

    assert browser.rotate()
    scene.clock.advance(2 * GRACE)
    browser.use(second)


def test_a_secret_two_rotations_old_is_theft(scene: Scene, browser: Holder) -> None:
    stolen = browser.token
    for _ in range(2):
        browser.rotate()
        browser.use()
        scene.clock.advance(2 * GRACE + ONE_SECOND)
        browser.use()

    with pytest.raises(TokenReuseError):
        browser.use(stolen)
    assert refusal(browser.store, browser.token, child=browser.child) is Refusal.ENDED


@pytest.mark.shows("T29", "C9", "10.4.5")
@pytest.mark.parametrize("thief_is_first", [True, False])
def test_theft_is_found_however_the_two_take_turns(scene: Scene, browser: Holder, *, thief_is_first: bool) -> None:
    thief = replace(browser)
    first, second = (thief, browser) if thief_is_first else (browser, thief)
    first.rotate()
    first.use()
    scene.clock.advance(GRACE)

    with pytest.raises(TokenReuseError):
        second.use()
    assert refusal(first.store, first.token, child=first.child) is Refusal.ENDED


def test_a_thief_who_throws_successors_away_keeps_no_rotation_from_the_owner(scene: Scene, browser: Holder) -> None:
    thief = replace(browser)
    for _ in range(20):
        thief.store.rotate(thief.token, child=thief.child)
        scene.clock.advance(GRACE / 2)

    assert browser.rotate()
    browser.use()
    scene.clock.advance(GRACE)

    with pytest.raises(TokenReuseError):
        thief.use()


def test_a_thief_who_collects_successors_has_none_that_is_good_in_the_end(scene: Scene, browser: Holder) -> None:
    hoard = [browser.store.rotate(browser.token, child=browser.child).token or "" for _ in range(3)]
    browser.rotate()
    browser.use()
    scene.clock.advance(2 * GRACE + ONE_SECOND)
    browser.use()

    with pytest.raises(TokenReuseError):
        browser.use(hoard[0])


def test_a_guessed_secret_of_a_family_is_theft_of_that_session_or_child_alone(scene: Scene, browser: Holder) -> None:
    guess = parse(browser.token).successor(bytes(32), 1, int(scene.clock.now())).encode()
    with pytest.raises(TokenReuseError):
        browser.use(guess)

    for token in (guess, browser.token):  # ended, and reported once
        assert refusal(browser.store, token, child=browser.child) is Refusal.ENDED
    assert [event.name for event in scene.events] == [IncidentName.TOKEN_REUSED]
    rows = {row["entity_type"]: row["session_state"] for row in scene.all_rows() if "session_state" in row}
    over, other = ("child_session", "session") if browser.child else ("session", "child_session")
    assert rows == {over: "ended", other: "active"}


def test_a_successor_of_another_session_is_theft(scene: Scene, browser: Holder) -> None:
    other = sign_in(scene.another_store())
    text = scene.store.rotate(other.child_token if browser.child else other.token, child=browser.child).token or ""
    strange = replace(parse(browser.token), secret=parse(text).secret).encode()

    with pytest.raises(TokenReuseError):
        browser.use(strange)


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


def test_theft_is_reported_and_refused_when_the_session_cannot_be_ended(scene: Scene, browser: Holder) -> None:
    stolen = browser.token
    browser.rotate()
    browser.use()
    scene.clock.advance(GRACE)
    scene.faults.throttle("UpdateItem", times=FOREVER)

    with pytest.raises(TokenReuseError):
        browser.use(stolen)

    assert [event.name for event in scene.events] == [IncidentName.TOKEN_REUSED, IncidentName.END_FAILED]


def test_an_application_that_fails_to_take_a_report_changes_nothing(
    scene: Scene, browser: Holder, caplog: pytest.LogCaptureFixture
) -> None:
    stolen = browser.token
    browser.rotate()
    browser.use()
    scene.clock.advance(GRACE)
    careless = scene.another_store(on_incident=Mock(side_effect=ZeroDivisionError))

    with pytest.raises(TokenReuseError):
        careless.validate(stolen, child=browser.child)

    assert refusal(browser.store, browser.token, child=browser.child) is Refusal.ENDED
    assert "on_incident raised, incident=TokenReused" in caplog.text


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


def test_of_two_first_uses_at_once_one_is_recorded_and_both_browsers_go_on(scene: Scene, browser: Holder) -> None:
    other = replace(browser, store=scene.other)
    browser.rotate()
    other.rotate()
    scene.faults.before("UpdateItem", other.use)

    browser.use()

    assert token_row(scene, browser)["first_used"] == parse(other.token).token_hash
    scene.clock.advance(2 * GRACE)
    browser.use()
    other.use()


def test_a_first_use_that_cannot_be_recorded_is_counted_and_the_read_stands(scene: Scene, browser: Holder) -> None:
    browser.rotate()
    scene.faults.throttle("UpdateItem")

    browser.use()

    assert [event.name for event in scene.events] == [IncidentName.EXTENSION_FAILED]


def test_the_token_of_a_cookie_is_due_after_the_interval(scene: Scene, signed_in: SignedIn) -> None:
    interval = SessionSettings().rotation_interval
    scene.clock.advance(interval - ONE_SECOND)
    assert scene.store.validate_and_rotate(signed_in.token).token is None
    scene.clock.advance(ONE_SECOND)

    validated = scene.store.validate_and_rotate(signed_in.token)

    assert validated.token is not None
    assert validated.session == scene.store.validate(signed_in.token)
    assert scene.store.validate_and_rotate(validated.token).token is None
    scene.clock.advance(2 * GRACE + ONE_SECOND)
    assert scene.store.validate_and_rotate(validated.token).token is None  # it takes over
    scene.clock.advance(interval - 2 * GRACE - 2 * ONE_SECOND)
    assert scene.store.validate_and_rotate(validated.token).token is None
    scene.clock.advance(ONE_SECOND)
    assert scene.store.validate_and_rotate(validated.token).token is not None


def test_an_interval_of_zero_is_never_over(scene: Scene, signed_in: SignedIn) -> None:
    scene.clock.advance(timedelta(minutes=20))
    store = scene.store_with(rotation_interval=timedelta(0))

    assert store.validate_and_rotate(signed_in.token).token is None


def test_a_visitors_token_is_never_due(scene: Scene) -> None:
    token = scene.store.create_session().token
    scene.clock.advance(timedelta(minutes=20))

    assert scene.store.validate_and_rotate(token).token is None


@pytest.mark.shows("T88")
def test_a_request_that_was_under_way_for_longer_than_the_grace_is_taken_for_theft(
    scene: Scene, signed_in: SignedIn
) -> None:
    rotated = scene.store.rotate(signed_in.token).token or ""
    scene.store.validate(rotated)
    scene.clock.advance(GRACE - ONE_SECOND)
    scene.store.validate(signed_in.token)
    scene.clock.advance(ONE_SECOND)

    with pytest.raises(TokenReuseError):
        scene.store.validate(signed_in.token)
    assert refusal(scene.store, rotated) is Refusal.ENDED
