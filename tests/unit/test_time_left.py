"""The time that a Lambda call has left bounds the store's deadline. Lambda ends no function in a write."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any
from unittest.mock import Mock

import pytest

from session_store import StoreUnavailableError
from session_store.session_lambda import session as session_of_session_lambda
from session_store.session_lambda import set_session_data
from session_store.storage.deadline import DEADLINE_SECONDS
from session_store.testing import MovableClock
from session_store.time_left import ANSWER_SECONDS, LambdaCall
from session_store.transport import CONNECT_TIMEOUT, READ_TIMEOUT
from session_store.web import authorizer_handler, current_session, session
from tests.support.faults import FOREVER
from tests.support.lambda_events import get
from tests.support.scene import Scene

ONE_ATTEMPT = CONNECT_TIMEOUT + READ_TIMEOUT
TOO_LITTLE = ONE_ATTEMPT + ANSWER_SECONDS - 0.01
ENOUGH = TOO_LITTLE + 0.02
PLENTY = 60.0


@dataclass
class Context:
    """Lambda's context, on the clock of the test."""

    clock: MovableClock
    ends: float

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.ends - self.clock.monotonic()) * 1000))


def context(scene: Scene, seconds: float) -> Context:
    return Context(scene.clock, scene.clock.monotonic() + seconds)


def saying(answer: object) -> Mock:
    """A context that says this of the time that is left, or raises it."""
    side = {"side_effect": answer} if isinstance(answer, Exception) else {"return_value": answer}
    return Mock(get_remaining_time_in_millis=Mock(**side))


def counting(scene: Scene) -> Callable[[Any, Any], Any]:
    @session(store=scene.store)
    def handler(_event: object, _context: object) -> dict[str, Any]:
        return {"statusCode": 200, "body": str(current_session().increment("visits"))}

    return handler


def saving(scene: Scene) -> Callable[[Any, Any], Any]:
    @session(store=scene.store)
    async def handler(_event: object, _context: object) -> dict[str, Any]:
        current_session()["theme"] = "dark"
        return {"statusCode": 200, "body": ""}

    return lambda event, context: asyncio.run(handler(event, context))


def as_session_lambda(scene: Scene) -> Callable[[Any, Any], Any]:
    @session_of_session_lambda(store=scene.store)
    def handler(_event: object, _context: object) -> dict[str, Any]:
        set_session_data("dark")
        return {"statusCode": 200, "body": ""}

    return handler


def authorizing(scene: Scene) -> Callable[[Any, Any], Any]:
    authorizer = authorizer_handler(scene.store)

    def handler(event: Any, context: object) -> dict[str, Any]:
        try:
            return {"statusCode": 200 if authorizer(event, context)["isAuthorized"] else 403}
        except StoreUnavailableError:  # API Gateway answers 500
            return {"statusCode": 503}

    return handler


def request_of(scene: Scene) -> dict[str, Any]:
    token = scene.other.create_session("ana", data={"visits": 1}).token
    return get(cookies=[f"__Host-session={token}"], headers={})


EVERY_HANDLER = pytest.mark.parametrize("make", [counting, saving, as_session_lambda, authorizing])


@EVERY_HANDLER
@pytest.mark.parametrize("seconds", [ENOUGH, 3.0, 4.5, PLENTY])
def test_no_attempt_begins_that_could_outlast_the_call_or_the_stores_own_deadline(
    scene: Scene, make: Callable[[Scene], Callable[[Any, Any], Any]], seconds: float
) -> None:
    event, left = request_of(scene), context(scene, seconds)
    begun = scene.clock.monotonic()
    scene.faults.stall_request(times=FOREVER)

    assert make(scene)(event, left)["statusCode"] == 503

    ends = min(left.ends - ANSWER_SECONDS, begun + DEADLINE_SECONDS)
    assert scene.faults.calls
    assert all(call.started + ONE_ATTEMPT <= ends for call in scene.faults.calls)
    assert scene.clock.monotonic() <= ends


@EVERY_HANDLER
@pytest.mark.parametrize("seconds", [TOO_LITTLE, 0.3, 0.0, -1.0])
def test_with_too_little_time_for_one_attempt_nothing_is_begun(
    scene: Scene, make: Callable[[Scene], Callable[[Any, Any], Any]], seconds: float
) -> None:
    event = request_of(scene)

    assert make(scene)(event, context(scene, seconds))["statusCode"] == 503

    assert not scene.faults.calls


def test_a_handler_that_took_its_time_does_not_begin_to_save(scene: Scene) -> None:
    @session(store=scene.store)
    def handler(_event: object, _context: object) -> dict[str, Any]:
        current_session()["theme"] = "dark"
        scene.clock.advance(PLENTY - TOO_LITTLE)
        return {"statusCode": 200, "body": ""}

    event, rows = request_of(scene), scene.all_rows()

    assert handler(event, context(scene, PLENTY))["statusCode"] == 503

    assert scene.all_rows() == rows


@pytest.mark.parametrize(
    "given",
    [None, object(), {}, Mock(), *map(saying, (None, "soon", math.nan, math.inf, 10**400, Mock(), RuntimeError("!")))],
)
def test_a_context_that_does_not_say_how_much_time_is_left_limits_nothing(scene: Scene, given: object) -> None:
    assert counting(scene)(request_of(scene), given)["statusCode"] == 200


def test_a_context_that_says_less_than_nothing_is_left_is_believed(scene: Scene) -> None:
    assert counting(scene)(request_of(scene), saying(-5))["statusCode"] == 503


def test_the_context_is_found_by_name_and_behind_a_methods_object(scene: Scene) -> None:
    class Pages:
        @session(store=scene.store)
        def show(self, *_: object, **__: object) -> dict[str, Any]:
            return {"statusCode": 200, "body": str(current_session()["visits"])}

    event, left = request_of(scene), context(scene, TOO_LITTLE)

    assert Pages().show(event, left)["statusCode"] == 503
    assert Pages().show(context=left, event=event)["statusCode"] == 503
    assert Pages().show(event, context=context(scene, PLENTY))["statusCode"] == 200


@pytest.mark.parametrize("inner", [None, saying(PLENTY * 1000)], ids=["without a context", "with a generous one"])
def test_a_handler_within_another_one_has_no_more_time_than_that_one(scene: Scene, inner: object) -> None:
    event, left = request_of(scene), context(scene, PLENTY)
    statuses = []

    @session(store=scene.store)
    def outer(_event: object, _context: object) -> dict[str, Any]:
        statuses.append(counting(scene)(event, inner)["statusCode"])
        left.ends = scene.clock.monotonic() + TOO_LITTLE
        statuses.append(counting(scene)(event, inner)["statusCode"])
        return {"statusCode": 200, "body": ""}

    outer(event, left)

    assert statuses == [200, 503]


def test_calls_at_the_same_time_have_each_their_own(scene: Scene) -> None:
    @session(store=scene.store)
    async def handler(_event: object, _context: object) -> dict[str, Any]:
        await asyncio.sleep(0)  # the other one begins
        await asyncio.to_thread(current_session().increment, "visits")
        return {"statusCode": 200, "body": ""}

    async def both() -> list[int]:
        calls = [handler(request_of(scene), context(scene, seconds)) for seconds in (TOO_LITTLE, PLENTY)]
        return [answer["statusCode"] for answer in await asyncio.gather(*calls)]

    assert asyncio.run(both()) == [503, 200]


def in_a_thread(action: Callable[[], object]) -> None:
    thread = threading.Thread(target=action)
    thread.start()
    thread.join()


def test_a_thread_has_the_time_of_its_call_if_it_runs_in_its_context_and_only_as_long(scene: Scene) -> None:
    created = scene.other.create_session("ana")
    seen: list[object] = []

    def validate() -> None:
        try:
            seen.append(scene.store.validate(created.token).session_id)
        except StoreUnavailableError as error:
            seen.append(error.cause)

    @session(store=scene.store)
    def handler(_event: object, _context: object) -> Callable[[], object]:
        in_its_context = copy_context()
        in_a_thread(validate)
        in_a_thread(lambda: in_its_context.run(validate))
        return lambda: in_its_context.run(validate)

    later = handler(get(), context(scene, TOO_LITTLE))
    in_a_thread(later)

    refused = "the Lambda call has too little time left for it"
    assert seen == [created.session.session_id, refused, created.session.session_id]


def test_ending_all_gives_back_where_to_go_on_before_the_call_is_over(scene: Scene) -> None:
    for _ in range(30):
        scene.other.create_session("ana")
    left = context(scene, 3.0)
    scene.faults.slow_down("UpdateItem", seconds=0.2, times=FOREVER)

    with LambdaCall(left):
        progress = scene.store.end_customer_sessions("ana")

    assert 0 < progress.count < 30
    assert progress.cursor is not None
    assert all(call.started + ONE_ATTEMPT <= left.ends - ANSWER_SECONDS for call in scene.faults.calls)
