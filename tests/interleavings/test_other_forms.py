"""Pairs of operations of which one saves, on data that is encrypted under chosen keys."""

from __future__ import annotations

import pytest

from tests.interleavings.operations import OPERATIONS, Operation
from tests.interleavings.search import search
from tests.interleavings.world import DUE, World, begin
from tests.support.figures import Count
from tests.support.forms import Form, stored_as

FIGURE = "interleavings, of two operations on data in other forms"
SAVES = [operation for operation in OPERATIONS if operation.save or operation.changes]
OTHERS = [operation for operation in OPERATIONS if operation not in SAVES and not operation.erases]


@pytest.mark.proof
@pytest.mark.parametrize("first", SAVES, ids=str)
def test_every_order_of_a_save_and_another_operation_is_right(world: World, count: Count, first: Operation) -> None:
    with stored_as(Form.CHOSEN):
        beginning = begin(world, after=DUE)
        for second in (*SAVES[SAVES.index(first) :], *OTHERS):
            count(FIGURE, search(world, beginning, (first, second)))
