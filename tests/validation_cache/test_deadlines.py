"""An end that waits for the cache answers within 8 seconds, and within what a Lambda call has left, or not at all."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from session_store import CreatedSession, InvalidTokenError, StoreUnavailableError
from session_store.time_left import LambdaCall
from tests.support.cache_server import MemoryServer
from tests.support.faults import FOREVER
from tests.support.scene import Scene


def _state(scene: Scene, created: CreatedSession) -> object:
    row = scene.session_row(created.session.session_id)
    return row and row["session_state"]


def test_an_end_whose_write_took_long_is_not_acknowledged_and_can_be_repeated(
    scene: Scene, memory: MemoryServer
) -> None:
    created = scene.store.create_session("ana")
    memory.reachable = False
    scene.faults.refuse("UpdateItem", "InternalServerError", status=500, seconds=1.2)
    scene.faults.after("UpdateItem", lambda: scene.clock.advance(2))
    started = scene.clock.monotonic()

    with pytest.raises(StoreUnavailableError, match="it is written"):
        scene.store.end_session(created.session)

    assert scene.clock.monotonic() - started < 8
    assert _state(scene, created) == "ended"
    started = scene.clock.monotonic()
    assert scene.store.end_session(created.session) is False
    assert scene.clock.monotonic() - started == pytest.approx(5)


def test_an_end_without_a_cache_fails_as_ever_when_the_table_does(scene: Scene, memory: MemoryServer) -> None:
    created = scene.store.create_session("ana")
    memory.reachable = False
    scene.faults.refuse("UpdateItem", "InternalServerError", status=500, seconds=1, times=FOREVER)
    started = scene.clock.monotonic()

    with pytest.raises(StoreUnavailableError, match="UpdateItem"):
        scene.store.end_session(created.session)

    assert scene.clock.monotonic() - started <= 4


@pytest.mark.parametrize(("seconds", "waits"), [(5.6, True), (5.4, False)])
def test_a_lambda_call_with_too_little_time_left_acknowledges_nothing(
    scene: Scene, memory: MemoryServer, seconds: float, waits: object
) -> None:
    created = scene.store.create_session("ana")
    memory.reachable = False
    ends = scene.clock.monotonic() + seconds
    context = Mock(get_remaining_time_in_millis=lambda: int((ends - scene.clock.monotonic()) * 1000))

    with LambdaCall(context):
        if waits:
            assert scene.store.end_session(created.session)
        else:
            with pytest.raises(StoreUnavailableError, match="no time is left"):
                scene.store.end_session(created.session)

    assert _state(scene, created) == "ended"


def test_ending_all_sessions_waits_once_and_goes_on_with_a_cursor(scene: Scene, memory: MemoryServer) -> None:
    first = scene.store.create_session("ana").session
    scene.put_copies(first, 300)
    memory.reachable = False
    scene.faults.after("UpdateItem", lambda: scene.clock.advance(0.02), times=FOREVER)
    started, ended = scene.clock.monotonic(), 0

    progress = scene.store.end_customer_sessions("ana")

    assert 5 <= scene.clock.monotonic() - started <= 8
    assert progress.cursor is not None
    while progress.cursor is not None:
        ended += progress.count
        progress = scene.store.end_customer_sessions("ana", cursor=progress.cursor)
    assert ended + progress.count == 301


def test_an_end_of_all_waits_also_after_an_erasure_that_failed(scene: Scene, memory: MemoryServer) -> None:
    scene.store.create_session("ana")
    memory.reachable = False
    scene.faults.refuse("Query", "InternalServerError", status=500, times=FOREVER)
    with pytest.raises(StoreUnavailableError):
        scene.store.erase_customer("ana")
    scene.faults.clear()
    started = scene.clock.monotonic()

    assert scene.store.end_customer_sessions("ana").count == 1

    assert scene.clock.monotonic() - started == pytest.approx(5)


def test_a_refusal_by_the_customers_row_does_not_wait(scene: Scene, memory: MemoryServer) -> None:
    created = scene.store.create_session("ana")
    scene.faults.hide_from_index(created.session.session_id)
    scene.store.end_customer_sessions("ana")
    memory.reachable = False
    started = scene.clock.monotonic()

    with pytest.raises(InvalidTokenError):
        scene.store.validate(created.token, strict=True)

    assert scene.clock.monotonic() == started
