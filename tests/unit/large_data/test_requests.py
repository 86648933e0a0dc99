"""The requests to S3 of each access pattern: as the catalog says, each a trip, and no unit of the table more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from session_store.catalog.access_patterns import ACCESS_PATTERNS
from session_store.catalog.costs import IN_S3, NEW_TO_PROCESS, OVERTAKEN
from session_store.catalog.large_data import BUCKET as THE_BUCKET
from session_store.catalog.large_data import OBJECTS, operations_of, requests_of
from session_store.catalog.pattern import AccessPattern
from tests.support.bucket import BUCKET
from tests.support.costs import CASES, Case
from tests.support.engines import Memory
from tests.support.forms import Form
from tests.support.scene import Scene, new_scene, sign_in
from tests.support.scenes import running

METHODS = {
    "get_object": "GetObject",
    "put_object": "PutObject",
    "delete_object": "DeleteObject",
    "list_objects_v2": "ListObjectsV2",
    "delete_objects": "DeleteObjects",
}
ACTIONS = {"ListObjectsV2": ("s3:ListBucket", THE_BUCKET), "DeleteObjects": ("s3:DeleteObject", OBJECTS)}
# A loser's, which none of the cases is.
TAKEN_BACK = ("s3:DeleteObject", OBJECTS)
USUAL = [
    next(case for case in CASES if case.pattern is pattern and not case.when and not case.on_top_of)
    for pattern in ACCESS_PATTERNS
    if any(case.pattern is pattern and not case.when and not case.on_top_of for case in CASES)
]

# The others are about rows with data in them.
AS_WITHOUT = [case for case in CASES if case.item_kb == 1 and case.when not in {IN_S3, OVERTAKEN, NEW_TO_PROCESS}]


@pytest.fixture(scope="module")
def engine() -> Iterator[Memory]:
    yield from running(Memory("memory", form=Form.IN_S3))  # type: ignore[misc]  # the same one


def called_by(scene: Scene, case: Case) -> list[str]:
    call = case.arrange(scene)
    BUCKET.calls.clear()
    call()
    return [METHODS[name] for name, _ in BUCKET.calls]


@pytest.mark.parametrize("pattern", ACCESS_PATTERNS, ids=lambda pattern: pattern.name)
def test_a_pattern_may_do_what_it_does_and_no_more(engine: Memory, pattern: AccessPattern) -> None:
    called = set()
    for case in (case for case in CASES if case.pattern is pattern and case.when != IN_S3):
        with new_scene(engine) as scene:
            called |= {ACTIONS.get(name, (f"s3:{name}", OBJECTS)) for name in called_by(scene, case)}
            if case.on_top_of:
                called -= {(each.action, each.resource) for each in operations_of(case.on_top_of)}

    allowed = {(each.action, each.resource) for each in operations_of(pattern)}
    assert called <= allowed
    if pattern.given not in {"replaces", "provider_session"}:  # none of the cases carries data over
        assert allowed - called <= {TAKEN_BACK, *({("s3:GetObject", OBJECTS)} if not requests_of(pattern) else ())}


@pytest.mark.parametrize("case", USUAL, ids=str)
def test_a_usual_call_makes_these_requests_for_each_session(engine: Memory, case: Case) -> None:
    with new_scene(engine) as scene:
        called = called_by(scene, case)

    assert set(called) == set(requests_of(case.pattern))


@pytest.mark.parametrize("case", AS_WITHOUT, ids=str)
def test_the_table_is_asked_and_paid_as_without_large_data(engine: Memory, case: Case) -> None:
    with new_scene(engine) as scene:
        measured = case.measure(scene).amount

    assert (measured.rru, measured.wru) == (case.promised.rru, case.promised.wru)


def test_a_session_that_was_read_is_saved_without_reading_its_object_again(engine: Memory) -> None:
    with new_scene(engine) as scene:
        signed_in = sign_in(scene.store)
        BUCKET.calls.clear()
        scene.store.update_data(signed_in.root.session, {"theme": "dark"})

    assert [name for name, _ in BUCKET.calls] == ["put_object"]
