"""Faults that the search has found, as tests with a name. Each failed before its fix."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy

import pytest

from session_store import InvalidTokenError, SessionNotFoundError
from session_store.storage import schema
from session_store.testing.memory_engine import MemoryClient
from tests.interleavings.operations import BY_NAME
from tests.interleavings.scheduler import Fault, Loss
from tests.interleavings.search import search
from tests.interleavings.world import CUSTOMER, DUE, World, begin, begin_rotated


def _meddling(client: MemoryClient, method: str, action: Callable[[], object], *, skip: int = 0) -> MemoryClient:
    """A client that does something once, right before a given call."""
    actions, meddling = [action, *[object] * skip], copy(client)

    def call(**parameters: object) -> object:
        if actions:
            actions.pop()()
        return getattr(client, method)(**parameters)

    setattr(meddling, method, call)
    return meddling


def test_a_validation_that_an_end_all_overtakes_does_not_end_the_session_that_was_kept(world: World) -> None:
    beginning = begin(world, after=DUE)
    client = _meddling(world.client, "get_item", lambda: BY_NAME["end all but this"].run(world.store(), beginning))

    assert world.store(client).validate(beginning.token).session_id == beginning.id
    world.store().validate(beginning.token, strict=True)


def test_a_session_that_an_end_all_did_not_see_cannot_be_kept_by_the_next(world: World) -> None:
    beginning = begin(world, lags=True)
    world.put_back(beginning)
    world.store().end_customer_sessions(CUSTOMER)

    with pytest.raises(SessionNotFoundError):
        world.store().end_customer_sessions(CUSTOMER, except_session_id=beginning.id)

    with pytest.raises(InvalidTokenError):
        world.store().validate(beginning.token, strict=True)


def test_an_end_all_whose_request_was_lost_does_not_take_anothers_generation_for_its_own(world: World) -> None:
    search(world, begin(world), [BY_NAME["end all"], BY_NAME["end all but this"]], Fault(0, 0, Loss.REQUEST))


def test_erasing_a_customer_leaves_no_child_that_was_created_meanwhile(world: World) -> None:
    beginning = begin(world)

    def sign_in_to_an_application() -> None:
        with pytest.raises(SessionNotFoundError):
            world.store().create_child_session(beginning.elsewhere)

    client = _meddling(world.client, "batch_write_item", sign_in_to_an_application, skip=1)  # the customer's row
    world.store(client).erase_customer(CUSTOMER)

    left = {key[0] for key in world.table.rows}
    assert schema.session_partition_key(beginning.elsewhere.session_id) not in left


def test_a_use_is_recorded_although_a_rotation_came_in_between(world: World) -> None:
    beginning = begin_rotated(world)
    world.put_back(beginning)
    client = _meddling(world.client, "update_item", lambda: world.store().rotate(beginning.token))

    session = world.store(client).validate(beginning.token)

    assert session.last_seen_at == beginning.moment
