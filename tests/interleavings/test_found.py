"""What the search has found, as tests with a name: each failed before its fix."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from session_store import InvalidTokenError, SessionNotFoundError
from session_store.storage import schema
from session_store.storage.requests import DynamoDBClient
from tests.interleavings.operations import BY_NAME
from tests.interleavings.scheduler import Fault, Loss
from tests.interleavings.search import search
from tests.interleavings.world import CUSTOMER, DUE, World, begin, begin_confirming


class _Meddling:
    """A client that does something once, right before a given call."""

    def __init__(self, client: DynamoDBClient, method: str, action: Callable[[], object]) -> None:
        self._client = client
        self._method = method
        self._actions = [action]

    def __getattr__(self, method: str) -> Callable[..., object]:
        def call(**parameters: object) -> object:
            if method == self._method and self._actions:
                self._actions.pop()()
            return getattr(self._client, method)(**parameters)

        return call


def test_a_validation_that_an_end_all_overtakes_does_not_end_the_session_that_was_kept(world: World) -> None:
    beginning = begin(world, after=DUE)
    keep = world.store().end_customer_sessions
    client = _Meddling(world.client, "get_item", lambda: keep(CUSTOMER, except_session_id=beginning.session.session_id))

    assert world.store(client).validate(beginning.token).session_id == beginning.session.session_id
    world.store().validate(beginning.token, strict=True)


def test_a_session_that_an_end_all_did_not_see_cannot_be_kept_by_the_next(world: World) -> None:
    beginning = begin(world, lags=True)
    world.put_back(beginning)
    world.store().end_customer_sessions(CUSTOMER)

    with pytest.raises(SessionNotFoundError):
        world.store().end_customer_sessions(CUSTOMER, except_session_id=beginning.session.session_id)

    with pytest.raises(InvalidTokenError):
        world.store().validate(beginning.token, strict=True)


def test_an_end_all_whose_request_was_lost_does_not_take_anothers_generation_for_its_own(world: World) -> None:
    operations = [BY_NAME["end all"], BY_NAME["end all but this"]]

    search(world, begin(world), operations, only=Fault(0, 0, Loss.REQUEST))


def test_erasing_a_customer_leaves_no_child_that_was_created_meanwhile(world: World) -> None:
    beginning = begin(world)

    def sign_in_to_an_application() -> None:
        with pytest.raises(SessionNotFoundError):
            world.store().create_child_session(beginning.elsewhere)

    client = _Meddling(world.client, "batch_write_item", sign_in_to_an_application)
    world.store(client).erase_customer(CUSTOMER)

    left = {key[0] for key in world.table.rows}
    assert schema.session_partition_key(beginning.elsewhere.session_id) not in left


def test_a_use_is_recorded_although_a_rotation_came_in_between(world: World) -> None:
    beginning = begin_confirming(world)
    world.put_back(beginning)
    client = _Meddling(world.client, "update_item", lambda: world.store().rotate(beginning.token))

    session = world.store(client).validate(beginning.token)

    assert session.last_seen_at == beginning.moment
