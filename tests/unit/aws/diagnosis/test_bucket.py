"""Findings about a bucket of large data: there, of this account, private, and patient."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from session_store.aws import AwsSessions
from session_store.aws.diagnosis import Finding, Severity, bucket
from session_store.aws.diagnosis.subject import Subject
from session_store.catalog.object_deletion import OBJECT_DAYS
from session_store.testing import MovableClock
from tests.support.answering import Answer, Asked, answering
from tests.support.moto_bucket import moto_bucket

NAME: Final = "large-data-of-tests"
ACCOUNT: Final = "123456789012"
BLOCKS: Final = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
PRIVATE: Final = dict.fromkeys(BLOCKS, True)


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    with moto_bucket(NAME) as client:
        yield client


@pytest.fixture
def as_deployed(s3: Any) -> Any:
    s3.put_public_access_block(Bucket=NAME, PublicAccessBlockConfiguration=PRIVATE)
    expire(s3, {"Days": OBJECT_DAYS})
    return s3


def expire(s3: Any, *expirations: dict[str, Any], status: str = "Enabled") -> None:
    rules = [{"Status": status, "Filter": {"Prefix": ""}, "Expiration": each} for each in expirations]
    s3.put_bucket_lifecycle_configuration(Bucket=NAME, LifecycleConfiguration={"Rules": rules})


def findings(name: str = NAME) -> list[Finding]:
    return list(bucket.check(Subject(AwsSessions(region="us-east-1"), {}, MovableClock()), ACCOUNT, name))


def severities() -> list[Severity]:
    return [each.severity for each in findings()]


@pytest.mark.usefixtures("as_deployed")
def test_one_as_the_construct_makes_it_is_as_it_should_be() -> None:
    assert severities() == [Severity.OK] * 3


@pytest.mark.usefixtures("s3")
def test_one_that_is_not_there_is_an_error() -> None:
    (found,) = findings("no-such-bucket-of-tests")
    assert (found.severity, found.what) == (Severity.ERROR, "There is no bucket no-such-bucket-of-tests")


@pytest.mark.usefixtures("s3")
def test_one_of_another_account_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """S3 compares the accounts, and moto does not."""

    def answer(asked: Asked) -> Answer:
        return Answer(403 if asked.headers.get("x-amz-expected-bucket-owner") == ACCOUNT else 200)

    with answering(answer) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        (found,) = findings()
    assert found.severity is Severity.ERROR
    assert "another account" in found.why


def test_one_that_can_be_opened_is_an_error(as_deployed: Any) -> None:
    open_to_policies = PRIVATE | {"RestrictPublicBuckets": False}
    as_deployed.put_public_access_block(Bucket=NAME, PublicAccessBlockConfiguration=open_to_policies)
    _, privacy, _ = findings()
    assert (privacy.severity, privacy.why) == (Severity.ERROR, "Off: RestrictPublicBuckets")

    as_deployed.delete_public_access_block(Bucket=NAME)
    assert findings()[1].why == "Off: All four blocks"


@pytest.mark.parametrize("expiration", [{"Days": 400}, {"Date": "2030-01-01T00:00:00Z"}])
def test_one_that_deletes_objects_of_live_sessions_is_an_error(as_deployed: Any, expiration: dict[str, Any]) -> None:
    expire(as_deployed, {"Days": OBJECT_DAYS}, expiration)
    *_, lifetime = findings()
    assert (lifetime.severity, lifetime.what) == (Severity.ERROR, "The bucket deletes objects of live sessions")


def test_one_that_never_deletes_is_a_warning(as_deployed: Any) -> None:
    expire(as_deployed, {"Days": 1}, status="Disabled")
    assert severities()[2] is Severity.WARNING

    as_deployed.delete_bucket_lifecycle(Bucket=NAME)
    assert severities()[2] is Severity.WARNING
