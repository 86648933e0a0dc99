"""A process that is killed at any of its calls leaves no session that points to nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from session_store import SessionStore
from session_store.testing.memory_engine import Rows
from tests.support.figures import Count
from tests.unit.large_data.conftest import LARGE, Place, Steps

Operation = Callable[[SessionStore, str, str], Any]
OPERATIONS: Final[dict[str, Operation]] = {
    "create": lambda store, *_: store.create_session("ana", data=LARGE),
    "create in place of one": lambda store, _, token: store.create_session("ana", replaces=token, carry_data=True),
    "create child": lambda store, session_id, _: store.create_child_session(session_id, data=LARGE),
    "save": lambda store, session_id, _: store.update_data(session_id, {"more": True}),
    "save what is small": lambda store, session_id, _: store.update_data(session_id, {"notes": None}),
    "increment": lambda store, session_id, _: store.increment(session_id, "visits"),
    "take": lambda store, session_id, _: store.take(session_id, "visits"),
    "replace": lambda store, session_id, _: store.replace_data(session_id, LARGE, version=1),
    "end": lambda store, session_id, _: store.end_session(session_id),
    "end all": lambda store, *_: store.end_customer_sessions("ana"),
    "erase": lambda store, *_: store.erase_customer("ana"),
}


class Killed(BaseException):
    """The end of the process."""


def kill() -> None:
    raise Killed


@pytest.mark.parametrize("swept", [False, True], ids=["nothing deletes what was replaced", "the stream function does"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_no_session_points_to_nothing_wherever_its_process_was_killed(name: str, count: Count, *, swept: bool) -> None:
    killed, number, unfinished = 0, 0, True
    left = 0
    while unfinished:
        for moment in ("before", "after"):
            place = Place()
            created = place.store().create_session("ana", data=LARGE)
            before: Rows = dict(place.rows)
            steps = Steps(place, number, **{moment: kill})
            try:
                OPERATIONS[name](steps.store(), created.session.session_id, created.token)
                unfinished = False
            except Killed:
                killed += 1
            if swept:
                place.sweep(before)
            assert place.pointed_to <= place.bucket.objects.keys()
            for row in place.rows.values():
                if row["entity_type"]["S"] == "session" and row["session_state"]["S"] == "active":
                    session = place.store().get_session(row["PK"]["S"].rpartition("#")[2])
                    assert session is not None
                    assert session.data
            if swept:
                left += len(place.bucket.objects.keys() - place.pointed_to)
        number += 1
    count("large data: processes killed at a call", killed)
    if swept:
        count("large data: objects that no session points to after that", left)
