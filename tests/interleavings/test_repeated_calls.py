"""Calls with the same idempotency key, and what else happens at that time, in every order of their API calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest

from session_store.storage import schema
from session_store.storage.requests import DynamoDBClient
from tests.interleavings.operations import BY_NAME
from tests.interleavings.scheduler import Fault, Loss, Run, explore
from tests.interleavings.world import CUSTOMER, Beginning, World, begin
from tests.support.figures import Count

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


def create(world: World) -> Callable[[DynamoDBClient], Any]:
    return lambda client: world.store(client).create_session(CUSTOMER, idempotency_key=KEY)


def runs(world: World, start: Beginning, *operations: Callable[[DynamoDBClient], Any]) -> Iterator[Run]:
    """All orders; of two calls also with the first or second write of the first one timing out."""
    faults = [Fault(0, *each) for each in product(range(2), Loss)] if len(operations) == 2 else []
    for fault in [None, *faults]:
        yield from explore(operations, lambda: world.put_back(start), fault)


def noted(world: World) -> str | None:
    """The session in the row of the key."""
    kind = {"S": schema.EntityType.IDEMPOTENCY_KEY}
    return next((row["session_id"]["S"] for row in world.table.rows.values() if row["entity_type"] == kind), None)


def live(world: World, start: Beginning) -> set[str]:
    """The sessions that were not there at the beginning."""
    sessions = world.store().get_customer_sessions(CUSTOMER).sessions
    return {session.session_id for session in sessions} - {start.id, start.elsewhere.session_id}


@pytest.mark.parametrize("number", [2, pytest.param(3, marks=pytest.mark.proof)])
def test_of_equal_calls_one_session_is_left_and_its_caller_has_the_token(
    world: World, count: Count, number: int
) -> None:
    start = begin(world)
    for run in runs(world, start, *[create(world)] * number):
        count("interleavings, of equal calls", 1)
        assert [outcome.error for outcome in run.outcomes] == [None] * number
        made = {outcome.value.session.session_id: outcome.value.token for outcome in run.outcomes}
        (left,) = live(world, start)
        assert left == noted(world)
        assert world.store().validate(made[left], strict=True).session_id == left


@pytest.mark.parametrize(
    ("name", "again"),
    [
        ("end all", True),
        ("create in place of it", True),
        pytest.param("purge", True, marks=pytest.mark.proof),
        *(pytest.param(name, False, marks=pytest.mark.proof) for name in ("purge", "end all", "create, one too many")),
    ],
)
def test_a_key_never_leads_to_a_session_that_is_not_there_and_leaves_no_second_one(
    world: World,
    count: Count,
    name: str,
    again: bool,  # noqa: FBT001 - of the parameters
) -> None:
    start = begin(world)
    other = BY_NAME[name]
    if again:
        create(world)(world.client)
        start = Beginning(**(vars(start) | world.now()))
    for run in runs(
        world, start, create(world), lambda client: other.run(world.store(client, **other.settings), start)
    ):
        count("interleavings, of two operations", 1)
        call, beside = run.outcomes
        assert call.error is None
        session_id = call.value.session.session_id
        others = {beside.value.session.session_id} if other.creates else set()
        assert live(world, start) <= {session_id, *others}
        # An erasure may delete the row of a key that a call has just noted its session in: the call overtook it.
        assert noted(world) == session_id or (other.erases and noted(world) is None)
        assert noted(world) is None or world.row(session_id) is not None
