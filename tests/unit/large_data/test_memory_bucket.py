"""The bucket in memory answers as moto's does, for what the library asks."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.bucket import MemoryBucket
from tests.support.moto_bucket import moto_bucket

BUCKET = "one-bucket"


@pytest.fixture(params=["memory", "moto"])
def bucket(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    if request.param == "memory":
        yield MemoryBucket()
        return
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with moto_bucket(BUCKET) as client:
        yield client


def put(bucket: Any, key: str, content: bytes = b"content") -> None:
    checksum = base64.b64encode(hashlib.sha256(content).digest()).decode()
    bucket.put_object(Bucket=BUCKET, Key=key, Body=BytesIO(content), IfNoneMatch="*", ChecksumSHA256=checksum)


def code_of(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def test_an_object_is_put_once_read_and_deleted(bucket: Any) -> None:
    put(bucket, "a/1")
    with pytest.raises(ClientError) as taken:
        put(bucket, "a/1")
    content = bucket.get_object(Bucket=BUCKET, Key="a/1")["Body"].read()
    bucket.delete_object(Bucket=BUCKET, Key="a/1")
    bucket.delete_object(Bucket=BUCKET, Key="a/1")
    with pytest.raises(ClientError) as gone:
        bucket.get_object(Bucket=BUCKET, Key="a/1")

    assert (code_of(taken.value), content, code_of(gone.value)) == ("PreconditionFailed", b"content", "NoSuchKey")


def test_objects_are_listed_by_their_prefix_and_deleted_together(bucket: Any) -> None:
    for key in ("a/1", "a/b/2", "ab/3"):
        put(bucket, key)

    listed = bucket.list_objects_v2(Bucket=BUCKET, Prefix="a/")
    objects = [{"Key": each["Key"]} for each in listed["Contents"]]
    reply = bucket.delete_objects(Bucket=BUCKET, Delete={"Objects": objects, "Quiet": True})

    assert ([each["Key"] for each in objects], listed["IsTruncated"]) == (["a/1", "a/b/2"], False)
    assert "Errors" not in reply
    assert not bucket.list_objects_v2(Bucket=BUCKET, Prefix="a/").get("Contents")
    assert bucket.get_object(Bucket=BUCKET, Key="ab/3")["Body"].read() == b"content"
