"""A bucket of S3 in memory, for searches that run a scenario thousands of times.

It knows the requests that the library makes. `tests/unit/large_data/test_memory_bucket.py` holds it to moto's.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from typing import Any, Final

from botocore.exceptions import ClientError

from session_store.large_data.pointers import key_of
from session_store.testing.memory_engine import Rows

_PAGE: Final = 1000
METHODS: Final = ("put_object", "get_object", "delete_object", "list_objects_v2", "delete_objects")
Answer = Callable[..., dict[str, Any]]


class MemoryBucket:
    """The methods of an S3 client that the library needs, on one bucket.

    Attributes:
        objects: key -> content. Never changed in place, so that a reference is a copy.
        now: tells the time that an object is made at.
        calls: names and keys of the requests that were made, in order.
        around: called in place of each request with its method's name, its answer and its parameters.
    """

    def __init__(self) -> None:
        self.objects: Mapping[str, bytes] = {}
        self.calls: list[tuple[str, str]] = []
        self.now: Callable[[], float] = time.time
        self._made: dict[str, float] = {}
        self.around: Callable[[str, Answer, dict[str, Any]], dict[str, Any]] = _just_answer

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        if method not in METHODS:
            raise AttributeError(method)
        return partial(self._call, method)

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self.calls.append((method, parameters.get("Key") or parameters.get("Prefix") or ""))
        return self.around(method, getattr(self, f"_{method}"), parameters)

    def _put_object(self, *, Key: str, Body: Any, IfNoneMatch: str, ChecksumSHA256: str, **_: Any) -> dict[str, Any]:  # noqa: N803 - S3's names
        content = Body.read()
        assert IfNoneMatch == "*"
        if Key in self.objects:
            raise refusal("PreconditionFailed", 412)
        if base64.b64encode(hashlib.sha256(content).digest()).decode() != ChecksumSHA256:
            raise refusal("BadDigest", 400)
        self.objects = {**self.objects, Key: content}
        self._made[Key] = self.now()
        return {}

    def _get_object(self, *, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        if Key not in self.objects:
            raise refusal("NoSuchKey", 404)
        return {"Body": BytesIO(self.objects[Key])}

    def _delete_object(self, *, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        self.objects = {key: content for key, content in self.objects.items() if key != Key}
        return {}

    def _list_objects_v2(self, *, Prefix: str, ContinuationToken: str = "", **_: Any) -> dict[str, Any]:  # noqa: N803
        keys = sorted(key for key in self.objects if key.startswith(Prefix) and key > ContinuationToken)
        page, more = keys[:_PAGE], len(keys) > _PAGE
        made = {key: datetime.fromtimestamp(self._made.get(key, 0), UTC) for key in page}
        return {"Contents": [{"Key": key, "LastModified": made[key]} for key in page], "IsTruncated": more} | (
            {"NextContinuationToken": page[-1]} if more else {}
        )

    def _delete_objects(self, *, Delete: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: N803
        for each in Delete["Objects"]:
            self._delete_object(Key=each["Key"])
        return {}


def pointed_to(rows: Rows) -> set[str]:
    """The keys of the objects that rows point to."""
    return {key for row in rows.values() if (key := key_of(row)) is not None}


def refusal(code: str, status: int) -> ClientError:
    """An error of S3's."""
    response: Any = {"Error": {"Code": code, "Message": "injected"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "any")


def _just_answer(_: str, answer: Answer, parameters: dict[str, Any]) -> dict[str, Any]:
    return answer(**parameters)


BUCKET: Final = MemoryBucket()
"""That of all stores of a test whose data is in S3."""
