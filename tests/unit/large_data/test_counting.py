"""An observer, and the line of a request, count the requests to S3."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from session_store import Observation, UnreadableDataError
from tests.unit.large_data.conftest import LARGE, Place


class Counted:
    """The requests to S3 of each call, reads and writes."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int, int]] = []

    def __call__(self, call: Observation) -> None:
        counts = call.counts
        self.calls.append((call.method, counts.get("ObjectsRead", 0), counts.get("ObjectsWritten", 0)))


def test_each_read_and_each_write_of_an_object_counts(place: Place) -> None:
    counted = Counted()
    store = place.store(observer=counted)

    created = store.create_session("ana", data=LARGE)
    store.update_data(store.validate(created.token), {"more": 1})
    store.create_session("ana", data={"small": True})
    store.erase_customer("ana")

    assert counted.calls == [
        ("create_session", 0, 1),
        ("validate", 1, 0),
        ("update_data", 0, 1),
        ("create_session", 0, 0),
        ("erase_customer", 0, 2),  # a list for each session
    ]


def test_those_that_fail_and_are_sent_again_count_as_well(place: Place) -> None:
    counted = Counted()
    store = place.store(observer=counted)
    created = store.create_session("ana", data=LARGE)

    def lose_one(_: str, answer: Any, parameters: dict[str, Any]) -> Any:
        place.bucket.around = lambda _, answer, parameters: answer(**parameters)
        raise ReadTimeoutError(endpoint_url="memory")

    place.bucket.around = lose_one
    store.validate(created.token)
    place.bucket.objects = {}
    with pytest.raises(UnreadableDataError):
        store.validate(created.token)

    assert [reads for method, reads, _ in counted.calls if method == "validate"] == [2, 1]
