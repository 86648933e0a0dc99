"""Many writers of one session at once: of different keys they never collide, and increments never do."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from typing import Any

import pytest

from session_store import ConflictError, DataTooLargeError, Session, SessionStore, StoreUnavailableError
from session_store.clock import SystemClock
from session_store.data.weights import MAX_CONTENT_BYTES
from session_store.web import current_session, session
from tests.faults.finished import data_of
from tests.support.engines import Difference, Engine
from tests.support.lambda_events import behind
from tests.support.scene import Scene
from tests.support.visitor import visitor_with

WRITERS = 64


@pytest.fixture
def store(scene: Scene, engine: Engine) -> SessionStore:
    if engine.differs(Difference.THREADS):
        pytest.skip(Difference.THREADS)
    return scene.store_with(clock=SystemClock())


def at_once(action: Callable[[int], Any], writers: int = WRITERS) -> list[Any]:
    with ThreadPoolExecutor(writers) as threads:
        return list(threads.map(action, range(writers)))


@pytest.mark.usefixtures("in_places")
@pytest.mark.parametrize("inside", [False, True], ids=["at the top", "in one object"])
def test_64_writers_of_different_keys_all_win_by_one_write_each(
    scene: Scene, store: SessionStore, *, inside: bool
) -> None:
    read = store.create_session("ana", data={"cart": {}}).session
    scene.faults.calls.clear()

    def save(number: int) -> Session:
        change = {f"key {number}": number}
        return store.update_data(read, {"cart": change} if inside else change)

    saved = at_once(save)

    assert scene.faults.operations == ["UpdateItem"] * WRITERS
    kept = {f"key {number}": number for number in range(WRITERS)}
    assert data_of(store, read.session_id) == ({"cart": kept} if inside else {"cart": {}, **kept})
    assert sorted(each.version for each in saved) == list(range(2, WRITERS + 2))


@pytest.mark.usefixtures("in_places")
def test_64_increments_of_one_key_give_64_sums_by_one_write_each(scene: Scene, store: SessionStore) -> None:
    read = store.create_session("ana").session
    scene.faults.calls.clear()

    sums = at_once(lambda _: store.increment(read, "visits", 0.1).data["visits"])

    assert sorted(sums) == [number / 10 for number in range(1, WRITERS + 1)]
    assert scene.faults.operations == ["UpdateItem"] * WRITERS


@pytest.mark.usefixtures("in_places")
def test_64_requests_at_once_keep_what_each_of_them_sets_and_counts(scene: Scene, store: SessionStore) -> None:
    start = Barrier(WRITERS)

    @session(store=store)
    def handler(event: dict[str, Any], context: object) -> str:
        visit, path = current_session(), event["rawPath"]
        before = dict(visit)
        start.wait()
        visit[path] = None if path.endswith("0") else 1
        visit.increment("visits")
        return str(before)

    created = store.create_session("ana", data={"visits": 0})
    pages = [visitor_with(behind(handler), created.token) for _ in range(WRITERS)]

    replies = at_once(lambda number: pages[number].call("POST", f"/widget/{number}"))

    assert [reply.status for reply in replies] == [200] * WRITERS
    data = data_of(store, created.session.session_id)
    assert data.pop("visits") == WRITERS
    assert data == {f"/widget/{number}": None if number % 10 == 0 else 1 for number in range(WRITERS)}


def test_of_many_writers_at_once_each_is_kept_or_told(engine: Engine, store: SessionStore) -> None:
    read = store.create_session("ana").session
    # Each save of an object begins anew after any other: 16 of them may take all the time there is.
    told = (ConflictError, StoreUnavailableError) if engine.form.in_s3 else (ConflictError,)

    def save(number: int) -> int | None:
        with suppress(*told):
            store.increment(read, "visits")
            return store.update_data(read, {f"key {number}": number}).version
        return None

    kept = sum(version is not None for version in at_once(save, 16))

    data = data_of(store, read.session_id)
    assert len(data) - 1 == kept <= data["visits"] <= 16


def test_of_many_that_take_a_value_at_once_one_gets_it(store: SessionStore) -> None:
    read = store.create_session("ana", data={"oauth_state": "xyz"}).session

    taken = at_once(lambda _: store.take(read, "oauth_state", "gone"), 16)

    assert sorted(taken) == ["gone"] * 15 + ["xyz"]
    assert data_of(store, read.session_id) == {}


@pytest.mark.usefixtures("in_rows")
def test_writers_that_do_not_know_of_each_other_never_fill_a_session_beyond_its_limit(scene: Scene) -> None:
    read = scene.store.create_session("ana").session
    fitting = MAX_CONTENT_BYTES // 20_000
    for number in range(fitting):  # each as if it had read the empty session
        scene.store.update_data(read, {f"key {number}": "x" * 20_000})
    with pytest.raises(DataTooLargeError):
        scene.store.update_data(read, {"one more": "x" * 20_000})

    assert len(data_of(scene.other, read.session_id)) == fitting
