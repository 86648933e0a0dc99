"""Data of a store with large data: in the row while it fits, else in an object, in every other form as well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from session_store import SessionStore
from session_store.encryption import Encryption, FernetKeyring
from session_store.large_data import LargeData
from session_store.settings import SessionSettings
from session_store.testing import create_table
from session_store.testing.memory_engine import MemoryClient
from tests.support.forms import KEY
from tests.support.moto_bucket import moto_bucket

BUCKET = "large-data-of-tests"
LARGE = {"notes": "é\u0001" * 4_000, "card": "4111", "visits": 1}
FORMS: dict[str, dict[str, Any]] = {
    "plain": {},
    "compressed": {"settings": SessionSettings(compression=True)},
    "encrypted": {"encryption": Encryption(FernetKeyring(KEY), store_id="tests")},
    "encrypted by keys": {"encryption": Encryption(FernetKeyring(KEY), store_id="tests", keys=["card"])},
}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with moto_bucket(BUCKET) as client:
        yield client


def keys(s3: Any) -> list[str]:
    return [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())]


@pytest.fixture(params=FORMS)
def store(s3: Any, request: pytest.FixtureRequest) -> SessionStore:
    client = MemoryClient()
    create_table(client, "sessions")
    threshold = 1024 if request.param == "compressed" else 4096
    large_data = LargeData(BUCKET, threshold=threshold, client=s3)
    return SessionStore("sessions", dynamodb_client=client, large_data=large_data, **FORMS[request.param])


def test_large_data_comes_back_as_it_went_in_and_each_save_has_an_object_of_its_own(
    s3: Any, store: SessionStore
) -> None:
    created = store.create_session("ana", data={**LARGE, "random": [number**9 for number in range(400)]})

    assert store.validate(created.token).data == created.session.data
    assert store.increment(created.session, "visits").data["visits"] == 2
    assert store.take(created.session.session_id, "card") == "4111"
    (listed,) = store.get_customer_sessions("ana").sessions
    assert listed.data["visits"] == 2
    assert "card" not in listed.data
    assert len(keys(s3)) == 3
    assert all(key.startswith(f"{created.session.session_id}/") for key in keys(s3))

    store.update_data(listed, dict.fromkeys(("notes", "random")))
    assert len(keys(s3)) == 3
    assert store.erase_customer("ana").count
    assert keys(s3) == []


def test_a_sign_in_that_carries_large_data_over_has_an_object_of_its_own(s3: Any, store: SessionStore) -> None:
    visitor = store.create_session(data={**LARGE, "random": [number**9 for number in range(400)]}).session

    signed_in = store.create_session("ana", replaces=visitor, carry_data=True).session

    assert signed_in.data == visitor.data
    assert {key.partition("/")[0] for key in keys(s3)} == {visitor.session_id, signed_in.session_id}
