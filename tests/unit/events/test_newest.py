"""The events that a consumer drops."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from session_store import InvalidInputError
from session_store.events import ChildSessionErased, Newest, SessionErased, SessionEvent

NOW = datetime(2040, 1, 1, tzinfo=UTC)


def event(number: int, session_id: str = "s", child: str | None = None) -> SessionEvent:
    given: dict[str, Any] = {"session_id": session_id, "version": 1, "sequence_number": number, "time": NOW}
    return SessionErased(**given) if child is None else ChildSessionErased(**given, child_session_id=child)


def passed(newest: Newest, *events: SessionEvent) -> list[int]:
    """The numbers of those that are new, each remembered when it was dealt with."""
    new = []
    for each in events:
        if newest.is_new(each):
            new.append(each.sequence_number)
            newest.remember(each)
    return new


def test_what_comes_twice_or_is_older_is_dropped_as_integers_compare() -> None:
    assert passed(Newest(), event(9), event(9), event(1_000), event(999), event(1_001)) == [9, 1_000, 1_001]


def test_each_session_and_each_child_counts_by_itself() -> None:
    assert passed(Newest(), event(9), event(8, "t"), event(7, child="c"), event(6, child="d")) == [9, 8, 7, 6]


def test_an_event_that_was_not_dealt_with_comes_again() -> None:
    newest = Newest()

    assert newest.is_new(event(1))
    assert newest.is_new(event(1))


def test_a_late_note_of_an_older_event_changes_nothing() -> None:
    newest = Newest()
    newest.remember(event(9))
    newest.remember(event(8))

    assert not newest.is_new(event(9))


def test_only_so_many_sessions_are_known_those_with_the_latest_events() -> None:
    newest = Newest(sessions=2)
    passed(newest, event(1, "a"), event(1, "b"), event(2, "a"), event(1, "c"))

    assert [newest.is_new(event(1, name)) for name in "abc"] == [False, True, False]


@pytest.mark.parametrize("sessions", [0, -1, True, "2", 1.0, None])
def test_a_number_of_sessions_that_is_none_is_refused(sessions: Any) -> None:
    with pytest.raises(InvalidInputError, match="sessions: must be a whole number from 1"):
        Newest(sessions)
