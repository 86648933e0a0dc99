"""Saves of large data: objects come before the row, and go only when no row can point to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from session_store import (
    ConflictError,
    InvalidTokenError,
    SessionNotFoundError,
    SessionStore,
    StoreConfigurationError,
    StoreUnavailableError,
)
from tests.support.bucket import refusal
from tests.unit.large_data.conftest import LARGE, Place, Steps, lose


def test_small_data_makes_no_request_to_s3(place: Place) -> None:
    session = place.store().create_session("ana", data={"visits": 1}).session
    place.store().increment(session, "visits")
    place.store().end_session(session)

    assert place.bucket.calls == []


def test_a_session_ends_without_s3(place: Place) -> None:
    session = place.store().create_session("ana", data=LARGE).session
    place.bucket.calls.clear()

    assert place.store().end_session(session.session_id)
    assert place.store().end_customer_sessions("ana").cursor is None
    assert place.bucket.calls == []


def test_a_list_reads_an_object_only_where_its_data_is_looked_at(place: Place) -> None:
    place.store().create_session("ana", data={"small": True})
    place.clock.advance(timedelta(seconds=1))
    place.store().create_session("ana", data=LARGE)
    place.bucket.calls.clear()

    large, small = place.store().get_customer_sessions("ana").sessions
    assert (small.data, large.customer_id, large.version, repr(large)[:8]) == ({"small": True}, "ana", 1, "Session(")
    assert place.bucket.calls == []

    assert large.data == LARGE
    assert large.data is large.data
    assert [name for name, _ in place.bucket.calls] == ["get_object"]
    assert place.store().update_data(large, {"notes": None}).data == {"visits": 1}


def test_a_listed_session_that_ended_before_its_data_was_looked_at_has_none(place: Place) -> None:
    place.store().create_session("ana", data=LARGE)
    (listed,) = place.store().get_customer_sessions("ana").sessions
    before = dict(place.rows)
    place.store().end_session(listed.session_id)
    place.sweep(before)

    with pytest.raises(SessionNotFoundError):
        _ = listed.data


def test_a_loser_deletes_its_own_object_and_no_other(place: Place) -> None:
    read = place.store().create_session("ana", data=LARGE).session
    place.store().update_data(read, {"notes": "m" * 3_000})
    kept = set(place.bucket.objects)

    with pytest.raises(ConflictError):
        place.store().update_data(read, {"notes": "l" * 3_000})
    with pytest.raises(ConflictError):
        place.store().replace_data(read.session_id, LARGE, version=1)

    assert set(place.bucket.objects) == kept >= place.pointed_to


def test_a_save_goes_on_where_another_one_was_first_and_its_lost_object_goes(place: Place) -> None:
    read = place.store().create_session("ana", data=LARGE).session
    steps = Steps(place, "update_item", before=lambda: place.store().increment(read.session_id, "visits"))

    saved = steps.store().update_data(read, {"more": True})

    assert saved.data == {**LARGE, "visits": 2, "more": True}
    assert steps.calls == ["put_object", "update_item", "delete_object", "get_object", "put_object", "update_item"]
    assert len(place.bucket.objects) == 3  # the first one, the other save's, this one's second
    assert place.pointed_to < set(place.bucket.objects)


def test_an_object_stays_when_its_update_was_done_and_the_reply_was_lost(place: Place) -> None:
    read = place.store().create_session("ana", data=LARGE).session
    steps = Steps(place, "update_item", after=lose)

    assert steps.store().increment(read, "visits").data["visits"] == 2
    assert "delete_object" not in steps.calls
    assert place.store().get_session(read.session_id, strict=True).data["visits"] == 2  # type: ignore[union-attr]


def test_after_a_lost_reply_an_object_goes_once_a_later_version_without_it_is_seen(place: Place) -> None:
    read = place.store().create_session("ana", data=LARGE).session

    def lose_to_another() -> None:
        place.store().increment(read.session_id, "visits")
        lose()

    steps = Steps(place, "update_item", before=lose_to_another)

    assert steps.store().update_data(read, {"more": True}).data == {**LARGE, "visits": 2, "more": True}
    assert steps.calls.count("delete_object") == 1
    assert len(place.bucket.objects) == 3


def test_an_object_stays_when_it_never_becomes_known_whether_its_update_was_done(place: Place) -> None:
    read = place.store().create_session("ana", data=LARGE).session
    place.clock.advance(timedelta(hours=20))  # it looks expired, at the version that was read
    steps = Steps(place, "update_item", before=lose)

    with pytest.raises(SessionNotFoundError):
        steps.store().update_data(read, {"more": True})

    assert "delete_object" not in steps.calls
    assert len(place.bucket.objects) == 2


def test_a_put_whose_reply_was_lost_is_found_to_be_done(place: Place) -> None:
    steps = Steps(place, "put_object", after=lose)

    session = steps.store().create_session(data=LARGE).session

    assert steps.calls == ["put_object", "put_object", "put_item"]
    assert place.store().get_session(session.session_id, strict=True) == session
    assert len(place.bucket.objects) == 1


def test_a_key_that_is_taken_is_never_written_over(place: Place) -> None:
    def take() -> None:
        raise refusal("PreconditionFailed", 412)

    with pytest.raises(StoreUnavailableError, match="key was taken"):
        Steps(place, "put_object", before=take).store().create_session(data=LARGE)
    assert place.rows == {}


def test_a_reader_follows_a_pointer_that_moved_meanwhile(place: Place) -> None:
    created = place.store().create_session("ana", data=LARGE)
    reads: list[Callable[[SessionStore], Any]] = [
        lambda store: store.validate(created.token),
        lambda store: store.get_session(created.session.session_id, customer_id="ana"),
        lambda store: store.extend_session(created.session.session_id),
        lambda store: store.update_data(created.session.session_id, {"more": True}),
    ]
    for read in reads:
        steps = Steps(place, "get_object", before=lambda: save_and_sweep(place, created.session.session_id))
        visits = place.store().get_session(created.session.session_id).data["visits"]  # type: ignore[union-attr]
        assert read(steps.store()).data["visits"] == visits + 1


def test_a_reader_that_may_not_list_follows_a_pointer_that_moved(place: Place) -> None:
    session_id = place.store().create_session("ana", data=LARGE).session.session_id

    def move_and_deny() -> None:
        save_and_sweep(place, session_id)
        deny()

    steps = Steps(place, "get_object", before=move_and_deny)
    read = steps.store().get_session(session_id, customer_id="ana")

    assert read is not None
    assert read.data["visits"] == 2
    assert steps.calls == ["get_item", "get_object", "get_item", "get_object"]


def test_a_reader_of_a_session_that_ends_meanwhile_is_refused(place: Place) -> None:
    created = place.store().create_session("ana", data=LARGE)

    def end() -> None:
        before = dict(place.rows)
        place.store().end_session(created.session)
        place.sweep(before)

    with pytest.raises(InvalidTokenError, match="ended"):
        Steps(place, "get_object", before=end).store().validate(created.token)
    assert place.incidents == []


def test_a_sign_in_carries_what_was_saved_while_it_read(place: Place) -> None:
    visitor = place.store().create_session(data=LARGE)
    steps = Steps(place, "get_object", before=lambda: save_and_sweep(place, visitor.session.session_id))

    signed_in = steps.store().create_session("ana", replaces=visitor.token, carry_data=True)

    assert signed_in.session.data["visits"] == 2
    assert signed_in.replaced_session_id == visitor.session.session_id


def test_a_sign_in_that_loses_a_race_has_one_object_in_the_end(place: Place) -> None:
    visitor = place.store().create_session(data=LARGE).session
    steps = Steps(place, "transact_write_items", before=lambda: save_and_sweep(place, visitor.session_id))

    signed_in = steps.store().create_session("ana", replaces=visitor, carry_data=True).session

    assert signed_in.data["visits"] == 2
    assert [key for key in place.bucket.objects if key.startswith(signed_in.session_id)] == [*place.pointed_to]


def test_an_erasure_deletes_all_objects_of_a_session_before_it_is_acknowledged(place: Place) -> None:
    session = place.store().create_session("ana", data=LARGE).session
    place.store().create_child_session(session, data=LARGE)
    place.bucket.objects = dict(place.bucket.objects) | {
        f"{session.session_id}/{number}-{number:032x}": b"" for number in range(1, 1_102)
    }
    other = place.store().create_session("bob", data=LARGE).session

    with pytest.raises(StoreConfigurationError, match="AccessDenied"):
        Steps(place, "list_objects_v2", before=deny).store().erase_customer("ana")
    assert place.store().erase_customer("ana").cursor is None

    assert [*place.bucket.objects] == [*place.pointed_to]
    assert place.store().get_session(other.session_id) is not None


def save_and_sweep(place: Place, session_id: str) -> None:
    """Save, and let the stream function do its work at once."""
    before = dict(place.rows)
    place.store().increment(session_id, "visits")
    place.sweep(before)


def deny() -> None:
    """S3's answer without the permission."""
    raise refusal("AccessDenied", 403)
