"""Every operation under the faults of S3, with all data there: a typed outcome in time, and no empty data."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import pytest
from botocore.exceptions import ConnectTimeoutError, IncompleteReadError, NoCredentialsError, ReadTimeoutError

from session_store import SessionStoreError, StoreConfigurationError, StoreUnavailableError, ThrottledError
from session_store.large_data.pointers import key_of
from tests.faults.cells import Ground, budget, check
from tests.support.bucket import BUCKET, Answer, refusal
from tests.support.engines import Memory
from tests.support.forms import Form
from tests.support.methods import METHODS, attempt
from tests.support.scene import new_scene
from tests.support.scenes import running

Strike = Callable[[Answer, dict[str, Any]], dict[str, Any]]


def refused(code: str, status: int) -> Strike:
    def strike(_: Answer, __: dict[str, Any]) -> dict[str, Any]:
        raise refusal(code, status)

    return strike


def failed(error: Exception, *, with_effect: bool = False) -> Strike:
    def strike(answer: Answer, parameters: dict[str, Any]) -> dict[str, Any]:
        if with_effect:
            answer(**parameters)
        raise error

    return strike


class _Cut(BytesIO):
    def read(self, *_: Any) -> bytes:
        raise IncompleteReadError(actual_bytes=1, expected_bytes=2)


def cut_off(answer: Answer, parameters: dict[str, Any]) -> dict[str, Any]:
    reply = answer(**parameters)
    return reply | {"Body": _Cut()} if "Body" in reply else reply


@dataclass(frozen=True)
class Kind:
    """One fault."""

    strike: Strike
    answer: type[SessionStoreError]
    passes: bool = True
    spares: frozenset[str] = frozenset()  # requests that are known to be done all the same


# A second put of one object is refused. So it is known that the first one was done.
_WRITES: Final = frozenset({"put_object", "delete_object", "delete_objects"})
TIMEOUT: Final = ReadTimeoutError(endpoint_url="memory")
KINDS: Final[dict[str, Kind]] = {
    "slow down": Kind(refused("SlowDown", 503), ThrottledError),
    "500": Kind(refused("InternalError", 500), StoreUnavailableError),
    "409 of another condition": Kind(refused("ConditionalRequestConflict", 409), StoreUnavailableError),
    "connect timeout": Kind(failed(ConnectTimeoutError(endpoint_url="memory")), StoreUnavailableError),
    "read timeout before the effect": Kind(failed(TIMEOUT), StoreUnavailableError),
    "read timeout after the effect": Kind(failed(TIMEOUT, with_effect=True), StoreUnavailableError, spares=_WRITES),
    "a body cut off": Kind(cut_off, StoreUnavailableError, spares=_WRITES | {"list_objects_v2"}),
    "no permission": Kind(refused("AccessDenied", 403), StoreConfigurationError, passes=False),
    "no such bucket": Kind(refused("NoSuchBucket", 404), StoreConfigurationError, passes=False),
    "no credentials": Kind(failed(NoCredentialsError()), StoreConfigurationError, passes=False),
}


@contextmanager
def striking(kind: Kind, times: float = math.inf, skip: int = 0) -> Iterator[list[str]]:
    """Let a fault happen while the block runs. Yields the requests that it happened to."""
    struck: list[str] = []
    passed = 0

    def around(method: str, answer: Answer, parameters: dict[str, Any]) -> dict[str, Any]:
        nonlocal passed
        passed += 1
        if passed <= skip or len(struck) >= times:
            return answer(**parameters)
        struck.append(method)
        return kind.strike(answer, parameters)

    before, BUCKET.around = BUCKET.around, around
    try:
        yield struck
    finally:
        BUCKET.around = before


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    yield from running(Memory("memory", form=Form.IN_S3))


@pytest.mark.proof
@pytest.mark.parametrize("name", METHODS)
def test_an_operation_answers_every_fault_of_s3_as_it_should(engine: Memory, name: str) -> None:
    with new_scene(engine) as scene:
        ground = Ground.prepare(scene, engine)
        for kind in KINDS.values():
            assert_typed_while_it_lasts(ground, name, kind)
            for number in range(_requests_of(ground, name)):
                assert_unnoticed_once(ground, name, kind, number)


def _requests_of(ground: Ground, name: str) -> int:
    ground.put_back()
    BUCKET.calls.clear()
    METHODS[name](ground.scene.store, ground.signed_in)
    return len(BUCKET.calls)


def assert_typed_while_it_lasts(ground: Ground, name: str, kind: Kind) -> None:
    """Once it is over, a repetition finishes the work."""
    ground.put_back()
    begun = ground.scene.clock.monotonic()
    with striking(kind) as struck:
        error, result = attempt(lambda: METHODS[name](ground.scene.store, ground.signed_in))
    assert ground.scene.clock.monotonic() - begun <= budget(name)
    assert error is None or isinstance(error, kind.answer), repr(error)
    assert error is not None or kind.spares.issuperset(struck), "a fault was taken for an answer"
    finish(ground, name, result, repeat=error is not None)


def assert_unnoticed_once(ground: Ground, name: str, kind: Kind, number: int) -> None:
    """One that passes, after so many requests."""
    ground.put_back()
    with striking(kind, 1, number):
        error, result = attempt(lambda: METHODS[name](ground.scene.store, ground.signed_in))
    assert error is None or not kind.passes, f"not tried again: {error!r}"
    finish(ground, name, result, repeat=error is not None)


def finish(ground: Ground, name: str, result: Any, *, repeat: bool) -> None:
    """All is done, and no session points to nothing."""
    check(ground, name, result, repeat=repeat)
    rows = ground.memory.table(ground.scene.table_name).rows.values()
    assert {key for row in rows if (key := key_of(row))} <= BUCKET.objects.keys()
