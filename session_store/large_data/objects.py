"""Objects in a bucket, as parts of a public method of the store: under its deadline, with typed errors."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from session_store.aws.connection import connect
from session_store.catalog.object_metrics import ObjectMetric
from session_store.errors import StoreConfigurationError, StoreUnavailableError
from session_store.storage.aws_calls import call_within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from session_store.storage.deadline import Deadline
    from session_store.storage.requests import Requests

_CALLED: Final = "the bucket, its account and region"
_CHUNK: Final = 256 * 1024
_NOT_THERE: Final = "NoSuchKey"
# S3's word for a missing object, where the reader may not list the bucket.
_MAYBE_NOT_THERE: Final = "AccessDenied"

# Deleting is free.
_COUNTED_AS: Final = {
    "GetObject": ObjectMetric.OBJECTS_READ,
    "PutObject": ObjectMetric.OBJECTS_WRITTEN,
    "ListObjectsV2": ObjectMetric.OBJECTS_WRITTEN,
}


class NoObjectError(Exception):
    """There is no such object, or it cannot be read.

    Attributes:
        fault: why it cannot be read, None where it is known that there is none.
    """

    def __init__(self, fault: StoreConfigurationError | None) -> None:
        super().__init__("no object")
        self.fault = fault


class Objects:
    """The objects of one bucket. Safe to share between threads.

    Args:
        bucket: its name.
        owner: the account that it has to belong to, None for any.
        client: of S3, None to make one.
    """

    def __init__(self, bucket: str, owner: str | None, client: Any) -> None:  # noqa: ANN401 - botocore's have no type
        self._named = {"Bucket": bucket, **({"ExpectedBucketOwner": owner} if owner else {})}
        # Here, not in the first request: a small function takes a second for it.
        self._client: Any = client or connect("s3")

    def put(self, key: str, body: bytes, digest: bytes, requests: Requests) -> None:
        """PutObject, on condition that there is none under this key. The content is given up where no time is left.

        Args:
            key: of the new object.
            body: its content.
            digest: SHA-256 of the content, which S3 checks.
            requests: of the public method.

        Raises:
            StoreUnavailableError: a fault outlasted the deadline.
            StoreConfigurationError: bucket, account, permission or credentials are not right.
        """
        sent = False

        def put(**parameters: object) -> dict[str, Any]:
            nonlocal sent
            again, sent = sent, True
            try:
                reply: dict[str, Any] = self._client.put_object(Body=_Body(body, requests.deadline), **parameters)
            except TimeoutError:
                raise StoreUnavailableError("PutObject", "no time was left for all of it") from None
            except Exception as error:
                if _code(error) != "PreconditionFailed":
                    raise
            else:
                return reply
            if not again:
                raise StoreUnavailableError("PutObject", "the new object's key was taken")
            return {}  # by an attempt before, whose reply was lost

        checksum = base64.b64encode(digest).decode()
        self._call(requests, "PutObject", put, Key=key, IfNoneMatch="*", ChecksumSHA256=checksum)

    def get(self, key: str, length: int, requests: Requests) -> bytes:
        """GetObject. The content of an object, of which no more is read than one byte beyond a length.

        Raises:
            NoObjectError: there is none, or it cannot be read.
            StoreUnavailableError: a fault outlasted the deadline.
            StoreConfigurationError: bucket, account, or credentials are not right.
        """

        def get(**parameters: object) -> dict[str, Any]:
            fault: StoreConfigurationError | None = None
            try:
                return {"content": _read(self._client.get_object(**parameters)["Body"], length, requests.deadline)}
            except Exception as error:
                code = _code(error)
                if code not in {_NOT_THERE, _MAYBE_NOT_THERE}:
                    raise
            if code == _MAYBE_NOT_THERE:
                problem = f"GetObject: {code}: the object is not there, or s3:GetObject is not allowed: check {_CALLED}"
                fault = StoreConfigurationError(problem)
            raise NoObjectError(fault)

        content: bytes = self._call(requests, "GetObject", get, Key=key)["content"]
        return content

    def delete(self, key: str, requests: Requests) -> None:
        """DeleteObject. Deleting a missing one is no error.

        Raises:
            StoreUnavailableError: a fault outlasted the deadline.
            StoreConfigurationError: bucket, account, permission or credentials are not right.
        """
        self._call(requests, "DeleteObject", self._client.delete_object, Key=key)

    def delete_all(self, prefix: str, requests: Requests) -> None:
        """ListObjectsV2, page after page, and DeleteObjects for each page that has some.

        Raises:
            StoreUnavailableError: a fault outlasted the deadline, or an object stayed.
            StoreConfigurationError: bucket, account, permission or credentials are not right.
        """
        for keys in self._pages(prefix, requests):
            objects = {"Objects": [{"Key": key} for key in keys], "Quiet": True}
            reply = self._call(requests, "DeleteObjects", self._client.delete_objects, Delete=objects)
            codes = {str(each.get("Code")) for each in reply.get("Errors", ())}
            if "AccessDenied" in codes:
                raise StoreConfigurationError(f"DeleteObjects: s3:DeleteObject is not allowed: check {_CALLED}")
            if codes:
                raise StoreUnavailableError("DeleteObjects", "objects stayed")

    def _pages(self, prefix: str, requests: Requests) -> Iterator[list[str]]:
        more: dict[str, object] = {}
        while True:
            reply = self._call(requests, "ListObjectsV2", self._client.list_objects_v2, Prefix=prefix, **more)
            if keys := [each["Key"] for each in reply.get("Contents", ())]:
                yield keys
            if not reply.get("IsTruncated"):
                return
            more = {"ContinuationToken": reply["NextContinuationToken"]}

    def _call(
        self, requests: Requests, operation: str, method: Callable[..., dict[str, Any]], **parameters: object
    ) -> dict[str, Any]:
        requests.check_time(operation)
        metric, meter = _COUNTED_AS.get(operation), requests.meter

        def counted(**given: object) -> dict[str, Any]:
            if metric is not None and meter is not None:
                meter.count(metric)
            return method(**given)

        return call_within(requests.deadline, operation, counted, called=_CALLED, **self._named, **parameters)


class _Body(BytesIO):
    """The content of a request, which ends it where the store's next request would have no time."""

    def __init__(self, content: bytes, deadline: Deadline) -> None:
        super().__init__(content)
        self._deadline = deadline

    def read(self, size: int | None = -1, /) -> bytes:
        if self._deadline.passed:
            raise TimeoutError
        return super().read(size)


def _read(body: Any, length: int, deadline: Deadline) -> bytes:  # noqa: ANN401 - botocore's have no type
    content = bytearray()
    while len(content) <= length and (chunk := body.read(min(_CHUNK, length + 1 - len(content)))):
        content += chunk
        if deadline.over:
            body.close()
            raise StoreUnavailableError("GetObject", "no time was left for all of it")
    body.close()
    return bytes(content)


def _code(error: Exception) -> str:
    response = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))
