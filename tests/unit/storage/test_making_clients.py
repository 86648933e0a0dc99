"""Clients of KMS and S3 are made with the store. In a small function, making one takes longer than a request may."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.session import Session
from moto import mock_aws

from session_store import SessionStore
from session_store.encryption import Encryption, KmsKeyring
from session_store.large_data import LargeData
from session_store.testing import MovableClock, create_table
from session_store.testing.memory_engine import MemoryClient
from tests.support.moto_bucket import moto_bucket

BUCKET = "large-data-of-tests"
DATA = {"notes": "tea" * 1000}


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def making_takes_long(monkeypatch: pytest.MonkeyPatch, clock: MovableClock) -> None:
    make = Session.create_client

    def slowly(*given: Any, **named: Any) -> Any:
        clock.advance(60)
        return make(*given, **named)

    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr(Session, "create_client", slowly)


def signs_in(clock: MovableClock, **parts: Any) -> None:
    client = MemoryClient()
    create_table(client, "sessions")
    store = SessionStore("sessions", dynamodb_client=client, clock=clock, **parts)
    created = store.create_session("ana", data=DATA)
    assert store.validate(created.token).data == DATA


@pytest.mark.usefixtures("making_takes_long")
def test_the_first_request_has_its_whole_time_for_kms(clock: MovableClock) -> None:
    with mock_aws():
        kms: Any = Session().create_client("kms", region_name="us-east-1")
        key = kms.create_key()["KeyMetadata"]["Arn"]
        signs_in(clock, encryption=Encryption(KmsKeyring(key), store_id="shop"))


@pytest.mark.usefixtures("making_takes_long")
def test_the_first_request_has_its_whole_time_for_s3(clock: MovableClock) -> None:
    with moto_bucket(BUCKET):
        signs_in(clock, large_data=LargeData(BUCKET, threshold=1024))
