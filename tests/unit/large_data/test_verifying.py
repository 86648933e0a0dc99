"""Verification of a table with its bucket: rows that point to nothing, and objects that no row points to."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest

from session_store.large_data.pointers import key_of
from session_store.whole_table.cursor import Cursor, beginning
from session_store.whole_table.findings import Finding, Kind
from session_store.whole_table.object_check import DAY, Bucket
from session_store.whole_table.table import Table
from session_store.whole_table.verifying import Choices, Verification
from tests.unit.large_data.conftest import LARGE, TABLE, Place

UNUSED = "018f0000-0000-7000-8000-000000000000/1-00112233445566778899aabbccddeeff"


def verified(place: Place, *, fix: bool = False, cursor: Cursor | None = None) -> list[Finding]:
    table = Table(TABLE, place.client, place.clock, max_rcu=1e9, max_wcu=1e9)
    choices = Choices(fix=fix, index=False, bucket=Bucket(place.bucket, "large-data"))
    return list(Verification(table, choices, cursor).findings())


@pytest.fixture
def place(place: Place) -> Place:
    place.bucket.now = place.clock.now
    return place


def put(place: Place, key: str) -> None:
    checksum = b64encode(sha256(b"").digest()).decode()
    place.bucket.put_object(Key=key, Body=BytesIO(), IfNoneMatch="*", ChecksumSHA256=checksum)


def test_a_table_whose_objects_are_all_there_has_no_findings(place: Place) -> None:
    session = place.store().create_session("ana", data=LARGE).session
    place.store().create_child_session(session, data=LARGE)
    place.store().create_session("bob", data={"visits": 1})

    assert verified(place) == []
    place.clock.advance(DAY + 60)
    assert verified(place, fix=True) == []


def test_a_session_whose_object_is_gone_is_found_and_stays_as_it_is(place: Place) -> None:
    session = place.store().create_session("ana", data=LARGE).session
    row = place.row(session.session_id)
    place.bucket.delete_object(Key=key_of(row))

    for fix in (False, True):
        (found,) = verified(place, fix=fix)
        assert (found.kind, found.partition_key, found.fixed) == (Kind.NO_OBJECT, row["PK"]["S"], None)
    assert place.row(session.session_id) == row


def test_an_expired_session_whose_object_is_gone_is_no_finding(place: Place) -> None:
    session = place.store().create_session("ana", data=LARGE).session
    place.bucket.delete_object(Key=key_of(place.row(session.session_id)))
    place.clock.advance(DAY)

    assert verified(place) == []


@pytest.mark.parametrize("fix", [False, True])
def test_an_object_that_no_row_points_to_is_found_after_a_day_and_deleted_if_that_is_wanted(
    place: Place,
    fix: bool,  # noqa: FBT001 - pytest passes parameters by name
) -> None:
    session = place.store().create_session("ana", data=LARGE).session
    before = place.pointed_to
    place.store().replace_data(session, LARGE | {"more": 1}, version=1)
    put(place, UNUSED)
    put(place, "of-another-program/1")

    assert verified(place, fix=fix) == []  # a write may be under way
    place.clock.advance(DAY + 60)
    found = verified(place, fix=fix)

    unused = before | {UNUSED}
    assert {(each.kind, each.partition_key, each.fixed) for each in found} == {
        (Kind.UNUSED_OBJECT, key, True if fix else None) for key in unused
    }
    kept = {each.key for each in Bucket(place.bucket, "large-data").objects()}
    assert kept == place.pointed_to | (set() if fix else unused)
    assert "of-another-program/1" in place.bucket.objects


def test_an_object_that_a_row_points_to_by_now_is_kept(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after an import during the verification."""
    session = place.store().create_session("ana", data=LARGE).session
    row = place.row(session.session_id)
    key = (row["PK"]["S"], row["SK"]["S"])
    place.clock.advance(DAY + 60)
    del place.rows[key]
    list_again, listed = Bucket.objects, []

    def objects(bucket: Bucket, prefix: str = "") -> Any:
        listed.append(prefix)
        if len(listed) == 2:  # the table has been read
            place.rows[key] = row
        return list_again(bucket, prefix)

    monkeypatch.setattr(Bucket, "objects", objects)
    assert verified(place, fix=True) == []
    assert place.pointed_to <= set(place.bucket.objects)


def test_a_verification_that_goes_on_deletes_no_object(place: Place) -> None:
    put(place, UNUSED)
    place.clock.advance(DAY + 60)
    cursor = beginning(1)
    cursor.reached[0] = {"PK": {"S": "suuid#0"}, "SK": {"S": "a#0"}}

    assert verified(place, fix=True, cursor=cursor) == []
    assert UNUSED in place.bucket.objects
