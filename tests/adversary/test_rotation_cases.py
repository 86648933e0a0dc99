"""Rotation, case by case: the situations that SuperTokens checks in its SessionRefreshRotationTest.

Where it does otherwise, the rule of our design wins: it was checked for honest browsers whose replies are lost or
come in another order (tests/interleavings/test_tokens.py).

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

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from session_store import IncidentName, InvalidTokenError, Refusal, SessionState, TokenReuseError
from session_store.tokens import Token, parse

if TYPE_CHECKING:
    from tests.support.scene import Scene, SignedIn

GRACE = timedelta(seconds=30)


def rotated(scene: Scene, token: str) -> str:
    """The successor of a token."""
    successor = scene.store.rotate(token).token
    assert successor is not None
    return successor


def assert_theft(scene: Scene, token: str, victim: SignedIn) -> None:
    """The token is taken for stolen: the session ends for everybody, children included, and that is reported."""
    with pytest.raises(TokenReuseError) as error:
        scene.store.validate(token)
    assert error.value.refusal is Refusal.REUSED
    assert [(event.name, event.session_id) for event in scene.events] == [(IncidentName.TOKEN_REUSED, victim.id)]
    row = scene.session_row(victim.id)
    assert row is not None
    assert row["session_state"] == SessionState.ENDED
    with pytest.raises(InvalidTokenError):
        scene.store.validate(victim.child_token, child=True)


def test_a_rotation_remembers_the_secret_it_replaced_and_when(scene: Scene, victim: SignedIn) -> None:
    before = scene.session_row(victim.id)
    assert before is not None
    assert {"previous_token_hash", "rotated_at", "confirmed_at"}.isdisjoint(before)
    scene.clock.advance(7)

    successor = rotated(scene, victim.token)

    after = scene.session_row(victim.id)
    assert after is not None
    assert bytes(after["previous_token_hash"]) == parse(victim.token).token_hash
    assert bytes(after["token_hash"]) == parse(successor).token_hash
    assert after["rotated_at"] == int(scene.clock.now())
    assert "confirmed_at" not in after


def test_the_old_token_within_the_grace_gets_no_second_successor(scene: Scene, victim: SignedIn) -> None:
    successor = rotated(scene, victim.token)
    row = scene.session_row(victim.id)
    scene.clock.advance(GRACE - timedelta(seconds=1))

    assert scene.store.rotate(victim.token).token is None

    assert scene.session_row(victim.id) == row
    scene.store.validate(successor)


def test_the_old_token_is_theft_once_the_grace_after_its_successors_first_use_is_over(
    scene: Scene, victim: SignedIn
) -> None:
    successor = rotated(scene, victim.token)
    scene.store.validate(successor)
    scene.clock.advance(GRACE - timedelta(seconds=1))
    scene.store.validate(victim.token)
    scene.clock.advance(1)

    assert_theft(scene, victim.token, victim)
    with pytest.raises(InvalidTokenError):
        scene.store.validate(successor)


def test_the_old_token_is_no_theft_while_its_successor_never_arrived(scene: Scene, victim: SignedIn) -> None:
    lost = rotated(scene, victim.token)
    scene.clock.advance(GRACE * 10)

    second = rotated(scene, victim.token)

    assert second != lost
    scene.store.validate(second)
    assert scene.events == []


def test_a_successor_that_was_displaced_is_theft_when_it_comes_back(scene: Scene, victim: SignedIn) -> None:
    displaced = rotated(scene, victim.token)
    scene.clock.advance(GRACE)
    rotated(scene, victim.token)

    assert_theft(scene, displaced, victim)


def test_a_token_two_rotations_old_is_theft_even_within_the_grace(scene: Scene, victim: SignedIn) -> None:
    first = rotated(scene, victim.token)
    scene.clock.advance(GRACE)
    rotated(scene, first)

    assert_theft(scene, victim.token, victim)


def test_a_guessed_secret_of_the_right_family_is_theft(scene: Scene, victim: SignedIn) -> None:
    assert_theft(scene, parse(victim.token).rotated().encode(), victim)


def test_a_stolen_token_of_a_child_ends_the_child_and_not_its_root(scene: Scene, victim: SignedIn) -> None:
    stolen = parse(victim.child_token).rotated().encode()

    with pytest.raises(TokenReuseError):
        scene.store.validate(stolen, child=True)

    with pytest.raises(InvalidTokenError):
        scene.store.validate(victim.child_token, child=True)
    scene.store.validate(victim.token)


def test_a_reuse_that_comes_again_is_refused_without_another_event(scene: Scene, victim: SignedIn) -> None:
    stolen = parse(victim.token).rotated().encode()
    for _ in range(2):
        with pytest.raises(InvalidTokenError):
            scene.store.validate(stolen)

    assert len(scene.events) == 1


def test_what_the_client_is_told_of_a_reuse_holds_no_secret(scene: Scene, victim: SignedIn) -> None:
    token: Token = parse(victim.token).rotated()

    with pytest.raises(TokenReuseError) as error:
        scene.store.validate(token.encode())

    told = f"{error.value!r} {error.value} {scene.events}"
    assert token.family not in told
    assert token.secret not in told
