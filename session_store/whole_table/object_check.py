"""Comparison of a table with the bucket of its large data: rows that point to nothing, objects that none points to."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from session_store.large_data.pointers import key_of
from session_store.model import SessionState
from session_store.storage import schema
from session_store.storage.items import row_key
from session_store.storage.records import ChildRecord, SessionRecord
from session_store.tokens import is_session_id
from session_store.whole_table.findings import Finding, Kind
from session_store.whole_table.row_checks import readable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from session_store.storage.attribute_values import Item
    from session_store.whole_table.row_checks import Checked
    from session_store.whole_table.table import Table

DAY: Final = 24 * 60 * 60  # seconds: a write that is under way has made its object long before


class StoredObject(NamedTuple):
    """An object.

    Attributes:
        key: of the object.
        made_at: seconds since 1970.
    """

    key: str
    made_at: float


class Bucket:
    """A bucket of large data, for an operator.

    Args:
        client: botocore's or boto3's, for S3. It does the retrying.
        name: of the bucket.
        owner: the account that it has to belong to, None for any.
    """

    def __init__(self, client: Any, name: str, owner: str | None = None) -> None:  # noqa: ANN401 - made at run time
        self._client = client
        self._named = {"Bucket": name, **({"ExpectedBucketOwner": owner} if owner else {})}

    def objects(self, prefix: str = "") -> Iterator[StoredObject]:
        """Those below a session's id, in the order of their keys."""
        more: dict[str, str] = {}
        while True:
            page = self._client.list_objects_v2(**self._named, Prefix=prefix, **more)
            for each in page.get("Contents", ()):
                if is_session_id(each["Key"].partition("/")[0]):
                    yield StoredObject(each["Key"], each["LastModified"].timestamp())
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def has(self, key: str) -> bool:
        """Whether there is an object with this key."""
        return any(each.key == key for each in self.objects(key))

    def delete(self, key: str) -> None:
        """Delete an object."""
        self._client.delete_object(**self._named, Key=key)


class ObjectCheck:
    """Keeps eight bytes of each object's name while the table is read.

    Args:
        table: the table.
        bucket: its bucket.
        partition: reads all rows of a session, strongly.
        fix: whether to delete objects that no row points to.
    """

    def __init__(
        self, table: Table, bucket: Bucket, partition: Callable[[str], list[Item]], *, fix: bool = False
    ) -> None:
        self._table = table
        self._bucket = bucket
        self._partition = partition
        self._fix = fix
        self._left: set[bytes] = {_fingerprint(each.key) for each in bucket.objects()}

    def missing(self, rows: Iterable[Checked], now: int) -> Iterator[Finding]:
        """Rows of sessions that are alive and point to nothing. All rows of the table have to be looked at once."""
        suspects = []
        for row, record, _ in rows:
            key = key_of(row)
            if key is None:
                continue
            fingerprint = _fingerprint(key)
            if fingerprint not in self._left and _is_alive(record, now):
                suspects.append(row_key(row))
            self._left.discard(fingerprint)
        for row in self._table.read(suspects):
            key = key_of(row)
            if key is not None and _is_alive(readable(row), now) and not self._bucket.has(key):
                yield Finding(Kind.NO_OBJECT, *row_key(row))

    def unused(self) -> Iterator[Finding]:
        """Objects that are older than a day, and that no row points to."""
        before = self._table.clock.now() - DAY
        for key, made_at in self._bucket.objects():
            if made_at < before and _fingerprint(key) in self._left and not self._is_pointed_to(key):
                if self._fix:
                    self._bucket.delete(key)
                yield Finding(Kind.UNUSED_OBJECT, key, fixed=True if self._fix else None)

    def _is_pointed_to(self, key: str) -> bool:
        rows = self._partition(schema.session_partition_key(key.partition("/")[0]))
        return any(key_of(row) == key for row in rows)


def _is_alive(record: object, now: int) -> bool:
    if isinstance(record, SessionRecord):
        return record.is_shown(now)
    if isinstance(record, ChildRecord):
        return record.session_state is not SessionState.ENDED and now < record.absolute_expires_at
    return False


def _fingerprint(key: str) -> bytes:
    return blake2b(key.encode(), digest_size=8).digest()
