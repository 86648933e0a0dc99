"""Three operations at once: the situations with a name, in every order of their API calls."""

from __future__ import annotations

from typing import Final

import pytest

from tests.interleavings.operations import BY_NAME
from tests.interleavings.scheduler import Fault, Loss
from tests.interleavings.search import search
from tests.interleavings.world import DUE, World, begin, begin_taking_over
from tests.support.figures import Count

FIGURE: Final = "interleavings, of three operations"

TRIPLES: Final = {
    "sign-out, a save and an extension": ("end_session", "save left", "validate"),
    "sign-out, a save and a rotation": ("end_session", "save left", "rotate"),
    "sign-out, an extension and a new child": ("end_session", "validate", "create child"),
    "ending all, a sign-in and a strict validation": ("end all", "create", "validate strictly"),
    "ending all but this, an extension and a save": ("end all but this", "validate", "save left"),
    "ending all, ending all but this and an extension": ("end all", "end all but this", "validate"),
    "two rotations and a validation": ("rotate", "rotate", "validate"),
    "three increments": ("increment", "increment as read", "increment"),
    "two saves and a sign-in that takes the data along": ("save left", "save right", "create in place of it"),
    "a save, a replacement and an increment": ("save left as read", "replace data", "increment"),
    "a child's rotation, its validation and its root's end": ("rotate child", "validate child", "end_session"),
}


@pytest.mark.proof
@pytest.mark.parametrize("names", TRIPLES.values(), ids=TRIPLES)
def test_every_order_of_three_operations_is_right(world: World, count: Count, names: tuple[str, ...]) -> None:
    beginning = begin(world, after=DUE)

    count(FIGURE, search(world, beginning, [BY_NAME[name] for name in names]))


@pytest.mark.parametrize("participant", range(3))
@pytest.mark.parametrize("loss", Loss)
def test_two_rotations_and_a_validation_survive_a_timeout_of_any_of_them(
    world: World, count: Count, participant: int, loss: Loss
) -> None:
    beginning = begin_taking_over(world)
    operations = [BY_NAME[name] for name in ("rotate", "rotate", "validate")]

    count(FIGURE, search(world, beginning, operations, Fault(participant, 0, loss)))
