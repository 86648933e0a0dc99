"""The sample data mirrors the published example of the schema."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from uuid import RFC_4122, UUID

import pytest

from local import sample_data
from local.sample_data import LOGIN_ABC, LOGIN_XYZ, sample_items
from session_store.storage import schema
from session_store.storage.items import read_record
from session_store.storage.records import ChildRecord, SessionRecord

NOW = 1_800_000_000
ABC = (sample_data.SESSION_ABC, sample_data.SESSION_ABC_CLOSING, sample_data.CHILD_ABC, sample_data.CHILD_ABC_CLOSING)
XYZ = (sample_data.SESSION_XYZ, sample_data.CHILD_XYZ)
IDS = dict.fromkeys(ABC, LOGIN_ABC) | dict.fromkeys(XYZ, LOGIN_XYZ)


def _of_sessions() -> list[SessionRecord | ChildRecord]:
    rows = sample_items(NOW)
    return [read_record(row) for row in rows if row["entity_type"]["S"] != schema.EntityType.CUSTOMER]


@pytest.mark.parametrize(("text", "login"), IDS.items())
def test_each_id_is_a_uuid_of_version_7_made_from_its_login_time(text: str, login: datetime) -> None:
    value = UUID(text)

    assert (value.version, value.variant, str(value)) == (7, RFC_4122, text)
    assert datetime.fromtimestamp((value.int >> 80) / 1000, UTC) == login


def test_the_rows_are_those_ids_and_no_others() -> None:
    records = _of_sessions()
    ids = [record.child_session_id for record in records if isinstance(record, ChildRecord)]
    ids += [record.session_id for record in records if isinstance(record, SessionRecord)]

    assert Counter(ids) == Counter(IDS.keys())


def test_the_states_and_login_times_are_those_of_the_published_example() -> None:
    records = _of_sessions()
    sessions = [record for record in records if isinstance(record, SessionRecord)]
    children = [record for record in records if isinstance(record, ChildRecord)]

    assert {(each.customer_id, each.session_state, each.last_login_time) for each in sessions} == {
        ("ABC", "active", int(LOGIN_ABC.timestamp())),
        ("ABC", "closing", int(LOGIN_ABC.timestamp())),
        ("XYZ", "active", int(LOGIN_XYZ.timestamp())),
    }
    assert Counter((each.session_id, each.session_state) for each in children) == {
        (sample_data.SESSION_ABC, "active"): 1,
        (sample_data.SESSION_ABC, "closing"): 1,
        (sample_data.SESSION_XYZ, "active"): 1,
    }


def test_lifetimes_begin_now_although_the_sessions_were_created_in_2023() -> None:
    for session in _of_sessions():
        if isinstance(session, SessionRecord):
            assert session.created_at < session.last_seen_at == NOW < session.expires_at < session.ttl


def test_no_two_builds_share_a_token() -> None:
    one, other = sample_items(NOW), sample_items(NOW)

    hashes = {row["head"]["B"] for row in [*one, *other] if "head" in row}
    assert len(hashes) == 2 * len(IDS)
