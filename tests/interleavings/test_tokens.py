"""With rotation no honest browser is signed out, and a stolen token is detected, also if the thief uses it first."""

from __future__ import annotations

from collections.abc import Callable
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


def test_no_honest_browser_is_signed_out_by_any_fault_of_the_network(world: World, count: Count) -> None:
    beginning = begin(world, timeouts=_LONG_LIVED)
    partition = schema.session_partition_key(beginning.id)
    without_child = {key: row for key, row in beginning.rows.items() if "child" not in key[1]}
    situations = [Situation(without_child, beginning.moment, beginning.token)]
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


@pytest.mark.shows("T31")
@pytest.mark.parametrize("thiefs_turns", list(combinations(range(8), 4)), ids=str)
def test_a_stolen_token_is_found_out_in_every_order_of_thief_and_victim(
    world: World, thiefs_turns: tuple[int, ...]
) -> None:
    beginning = begin(world, timeouts=_LONG_LIVED)
    thief, victim = (Holder(world.store(), beginning.token) for _ in range(2))
    steps = {holder: iter((holder.rotate, holder.use, holder.use, holder.use)) for holder in (thief, victim)}

    def take_turns() -> None:
        for turn in range(8):
            next(steps[thief if turn in thiefs_turns else victim])()
            world.clock.advance(2 * GRACE + timedelta(seconds=1))

    with pytest.raises(TokenReuseError):
        take_turns()

    assert [event.name for event in world.events] == [IncidentName.TOKEN_REUSED]
    for holder in (thief, victim):
        with pytest.raises(InvalidTokenError):
            holder.use()


def test_of_two_new_tokens_that_are_used_at_the_same_moment_both_stay_good(world: World, count: Count) -> None:
    beginning = begin(world)
    new = [world.store().rotate(beginning.token).token or "" for _ in range(2)]

    for run in explore([_use(world, token) for token in new], lambda: world.put_back(beginning)):
        count("interleavings, of two operations", 1)
        assert [outcome.error for outcome in run.outcomes] == [None, None]
        assert {world.store().validate(token).session_id for token in (*new, beginning.token)} == {beginning.id}


def test_of_two_new_tokens_one_takes_over_and_the_other_is_theft_from_then_on(world: World, count: Count) -> None:
    beginning = begin(world)
    new = [world.store().rotate(beginning.token).token or "" for _ in range(2)]
    for token in new:
        world.store().validate(token)
    world.clock.advance(2 * GRACE + timedelta(seconds=1))
    due = replace(beginning, **world.now())

    for run in explore([_use(world, token) for token in new], lambda: world.put_back(due)):
        count("interleavings, of two operations", 1)
        errors = {type(outcome.error) for outcome in run.outcomes}
        assert errors <= {type(None), TokenReuseError}
        assert TokenReuseError in errors


def _use(world: World, token: str) -> Callable[[DynamoDBClient], object]:
    return lambda client: world.store(client).validate(token)
