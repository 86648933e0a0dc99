"""Rotation: no honest browser is signed out, and a stolen token is found out whoever uses it first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest

from session_store import IncidentName, InvalidTokenError, Timeouts, TokenReuseError
from session_store.storage import schema
from session_store.storage.requests import DynamoDBClient
from tests.interleavings.browser import Situation
from tests.interleavings.scheduler import explore
from tests.interleavings.world import GRACE, World, begin
from tests.support.figures import Count
from tests.support.holder import Holder

_DEPTH = 14
_LONG_LIVED = Timeouts(idle=timedelta(days=1), absolute=timedelta(days=30))


def test_no_honest_browser_is_signed_out_whatever_the_network_does(world: World, count: Count) -> None:
    beginning = begin(world, timeouts=_LONG_LIVED)
    partition = schema.session_partition_key(beginning.id)
    only_session = {key: row for key, row in beginning.rows.items() if key[0] == partition and "child" not in key[1]}
    situations = [Situation(only_session, beginning.moment, beginning.token)]
    seen = set()
    for _ in range(_DEPTH):
        following = []
        for situation in situations:
            for after in situation.next(world):  # raises where the browser is refused
                signature = after.signature(partition)
                if signature not in seen:
                    seen.add(signature)
                    following.append(after)
        situations = following

    count("interleavings, situations of an honest browser", len(seen))
    assert len(seen) > 500


@pytest.mark.parametrize("thiefs_turns", list(combinations(range(6), 3)), ids=str)
def test_a_stolen_token_is_found_out_in_every_order_of_thief_and_victim(
    world: World, thiefs_turns: tuple[int, ...]
) -> None:
    beginning = begin(world, timeouts=_LONG_LIVED)
    thief, victim = (Holder(world.store(), beginning.token) for _ in range(2))
    steps = {holder: iter((holder.rotate, holder.use, holder.use)) for holder in (thief, victim)}

    def take_turns() -> None:
        for turn in range(6):
            next(steps[thief if turn in thiefs_turns else victim])()
            world.clock.advance(GRACE)

    with pytest.raises(TokenReuseError):
        take_turns()

    assert [event.name for event in world.events] == [IncidentName.TOKEN_REUSED]
    for holder in (thief, victim):
        with pytest.raises(InvalidTokenError):
            holder.use()


def test_two_rotations_at_the_same_moment_give_out_one_token(world: World, count: Count) -> None:
    beginning = begin(world)

    def rotate(client: DynamoDBClient) -> object:
        return world.store(client).rotate(beginning.token).token

    for run in explore([rotate, rotate], lambda: world.put_back(beginning)):
        count("interleavings, of two operations", 1)
        assert sum(outcome.value is not None for outcome in run.outcomes) == 1


def test_a_late_rotation_by_the_old_token_never_overrules_the_new_ones_first_use(world: World, count: Count) -> None:
    """Found: the use came between the rotation's read and its write, and its user was then taken for a thief."""
    beginning = begin(world)
    successor = world.store().rotate(beginning.token).token
    assert successor is not None
    world.clock.advance(GRACE)
    rotated = replace(beginning, **world.now())

    def rotate(client: DynamoDBClient) -> object:
        return world.store(client).rotate(beginning.token).token

    def use(client: DynamoDBClient) -> object:
        return world.store(client).validate(successor)

    for run in explore([rotate, use], lambda: world.put_back(rotated)):
        count("interleavings, of two operations", 1)
        if run.outcomes[1].error is None:
            world.store().validate(successor)  # still
