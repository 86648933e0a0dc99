"""One call ends all: what it takes of a Lambda function's share of a core, measured against an engine of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from session_store import Progress
from session_store.storage.deadline import DEADLINE_SECONDS
from tests.support.engines import ENGINES, Engine
from tests.support.figures import Count
from tests.support.scene import Scene, new_scene
from tests.support.scenes import running

WHOLE_CORE_MB = 1769  # of memory, with which a function has a whole core


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """A process of its own: the CPU time here is the library's and the SDK's alone."""
    yield from running(next(engine for engine in ENGINES if engine.name == "dynoxide"))


@pytest.fixture
def scene(engine: Engine) -> Iterator[Scene]:
    with new_scene(engine) as scene:
        yield scene


@pytest.mark.parametrize(("sessions", "memory_mb"), [(200, 512), (1_000, WHOLE_CORE_MB)])
def test_one_call_ends_that_many_sessions_within_its_time(
    scene: Scene, count: Count, sessions: int, memory_mb: int
) -> None:
    scene.put_copies(scene.other.create_session("bulk").session, sessions - 1)

    before = time.process_time()
    ended = scene.other.end_customer_sessions("bulk")  # by a clock that stands still: others may use this machine
    seconds = (time.process_time() - before) * WHOLE_CORE_MB / memory_mb

    assert ended == Progress(sessions, None)
    assert seconds < DEADLINE_SECONDS
    count(f"ending all, milliseconds of CPU for {sessions} sessions with {memory_mb} MB", round(seconds * 1000))
