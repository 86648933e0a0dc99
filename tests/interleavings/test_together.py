"""All forms together: compressed, encrypted, in S3 and cached. Each call to table, bucket and cache takes its turn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from unittest.mock import patch

import pytest

from tests.interleavings.cached import CachedWorld, Way, by
from tests.interleavings.operations import BY_NAME, Operation, Subject
from tests.interleavings.scheduler import in_turn
from tests.interleavings.search import search
from tests.interleavings.stream import stream_function
from tests.interleavings.world import DUE, Beginning, begin
from tests.support.bucket import BUCKET, pointed_to
from tests.support.figures import Count
from tests.support.forms import Form, stored_as

FIGURE: Final = "interleavings, with all forms together"
VALIDATE: Final = BY_NAME["validate"]
AUTHORIZE: Final = Operation(
    "validate without data",
    lambda store, b: store.validate_and_rotate(b.token, with_data=False),
    admits=Subject.SESSION,
)
ENDS: Final = [BY_NAME[name] for name in ("end_session", "set to closing", "create in place of it")]
SAVES: Final = [BY_NAME[name] for name in ("save left as read", "replace data", "increment", "take left")]


@pytest.fixture
def world(world: object) -> Iterator[CachedWorld]:
    with stored_as(Form.TOGETHER), patch.object(BUCKET, "around", in_turn):
        yield CachedWorld()


def warm(world: CachedWorld) -> Beginning:
    """A beginning at which the cache has the session."""
    beginning = begin(world)
    world.store().validate(beginning.token)
    return world.keep_warm(beginning)


@pytest.mark.parametrize("way", [Way.OPEN, pytest.param(Way.LATE, marks=pytest.mark.proof)])
@pytest.mark.parametrize("second", [*ENDS, *SAVES], ids=str)
def test_every_order_of_a_validation_and_a_write_is_right(
    world: CachedWorld, count: Count, second: Operation, way: Way
) -> None:
    count(FIGURE, search(world, begin(world), (VALIDATE, by(second, way))))


@pytest.mark.proof
@pytest.mark.parametrize("first", SAVES, ids=str)
def test_every_order_of_two_writes_is_right(world: CachedWorld, count: Count, first: Operation) -> None:
    beginning = begin(world, after=DUE)
    for second in (*SAVES[SAVES.index(first) :], *ENDS):
        count(FIGURE, search(world, beginning, (first, second)))


@pytest.mark.proof
def test_every_order_of_a_save_and_an_end_is_right_where_any_write_times_out(world: CachedWorld, count: Count) -> None:
    count(FIGURE, search(world, begin(world), (BY_NAME["replace data"], BY_NAME["end_session"]), faults=True))


def test_a_hit_whose_object_was_replaced_and_deleted_is_judged_by_the_row(world: CachedWorld, count: Count) -> None:
    beginning = warm(world)
    sweeping = stream_function(lambda beginning: pointed_to(beginning.rows) - pointed_to(world.table.rows))
    for write in (BY_NAME["replace data"], BY_NAME["end_session"]):
        count(FIGURE, search(world, beginning, (VALIDATE, write, sweeping)))
        count(FIGURE, search(world, beginning, (AUTHORIZE, write, sweeping)))


def test_every_order_of_a_validation_without_data_and_a_write_is_right(world: CachedWorld, count: Count) -> None:
    beginning = begin(world, after=DUE)
    for write in (*ENDS, *SAVES):
        count(FIGURE, search(world, beginning, (AUTHORIZE, write)))


@pytest.mark.proof
def test_every_order_of_a_hit_a_save_and_an_end_is_right(world: CachedWorld, count: Count) -> None:
    count(FIGURE, search(world, warm(world), (VALIDATE, BY_NAME["replace data"], BY_NAME["end_session"])))
