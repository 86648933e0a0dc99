"""Findings about the keys that sessions' data is encrypted under."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import boto3
import pytest
from moto import mock_aws

from session_store.aws import AwsSessions
from session_store.aws.diagnosis import Finding, Severity, data_keys
from session_store.aws.diagnosis.subject import Subject
from session_store.testing import MovableClock
from tests.support.answering import Answer, answering

REGION: Final = "eu-west-1"  # of the keys, not of the session


@pytest.fixture
def kms() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("kms", region_name=REGION)


def new_key(kms: Any) -> str:
    return str(kms.create_key()["KeyMetadata"]["Arn"])


def findings(*arns: str) -> list[Finding]:
    return list(data_keys.check(Subject(AwsSessions(region="us-east-1"), {}, MovableClock()), arns))


def test_each_key_that_is_enabled_is_as_it_should_be(kms: Any) -> None:
    found = findings(new_key(kms), new_key(kms))

    assert [(each.severity, each.why) for each in found] == [
        (Severity.OK, "New data is encrypted under it"),
        (Severity.OK, "It is for older data"),
    ]


def test_a_disabled_one_and_one_that_is_to_be_deleted_are_errors_with_the_command_that_mends_them(kms: Any) -> None:
    disabled, deleted = new_key(kms), new_key(kms)
    kms.disable_key(KeyId=disabled.rpartition("/")[2])
    kms.schedule_key_deletion(KeyId=deleted.rpartition("/")[2])

    found = findings(disabled, deleted)

    assert [each.severity for each in found] == [Severity.ERROR] * 2
    assert [each.fix for each in found] == [
        f"aws kms enable-key --key-id {disabled} --region {REGION}",
        f"aws kms cancel-key-deletion --key-id {deleted} --region {REGION}",
    ]


def test_one_that_is_not_there_is_an_error(kms: Any) -> None:
    (found,) = findings(f"{new_key(kms)[:-4]}0000")

    assert found.severity is Severity.ERROR


def test_one_that_may_not_be_looked_at_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "any")
    denied = Answer(400, '{"__type": "AccessDeniedException"}', {"x-amzn-errortype": "AccessDeniedException"})
    with answering(lambda _: denied) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", url)
        (found,) = findings("arn:aws:kms:eu-west-1:111122223333:key/1")

    assert found.severity is Severity.NOTE
