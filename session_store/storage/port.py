"""The storage port: the reads and writes that the operations ask of a storage, in records, keys and named conditions.

`session_store.storage.dynamodb` is the one implementation. Only type checkers load this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from session_store.catalog.metrics import Metric
    from session_store.data.types import JSONObject
    from session_store.incidents import Incident
    from session_store.storage.beside import Meanwhile
    from session_store.storage.changes import Change
    from session_store.storage.deadline import Deadline
    from session_store.storage.document import Document
    from session_store.storage.records import (
        ChildKey,
        ChildPage,
        ChildRecord,
        CustomerRecord,
        Hit,
        Key,
        NotedRecord,
        Page,
        RowKey,
        SessionKey,
        SessionRecord,
    )

    _R = TypeVar("_R", bound=SessionRecord | ChildRecord)


class Rows(Protocol):
    """The reads and writes of one public method, under one deadline. Reads are strongly consistent but for the index.

    A session or child session whose row is in another form than this code's counts as ended: `session`, `child` and
    refused writes give a record that says so, the others leave it out. It is reported as an incident each time.

    Every method raises:
        StoreUnavailableError: a fault outlasted the deadline, as `ThrottledError` when the table is throttled.
        StoreConfigurationError: table, permission, credentials or region are not right, or a customer's own record
            cannot be read.
    """

    deadline: Deadline

    def count(self, *names: Metric) -> None:
        """Count what has happened, where an observer wants to know."""

    def report(self, incident: Incident) -> None:
        """Report an incident. Nothing comes of its sink's errors."""

    def session(self, key: SessionKey) -> SessionRecord | None:
        """A session whose customer is known."""

    def session_by_id(
        self, session_id: str, family_hash: bytes | None = None, *, with_data: bool = True
    ) -> SessionRecord | None:
        """A session whose customer is not known.

        Args:
            session_id: which.
            family_hash: None is found of another family, but for a session that has ended. It spares the reading.
            with_data: False leaves its data out, without a family.
        """

    def with_data(self, record: _R) -> _R | None:
        """A record whose data is at hand, so that reading it is no request. The same one where it is already.

        A record whose data had to be read from S3 may be newer than the given one, and has to be judged again.

        Returns:
            None where the record is gone.

        Raises:
            UnreadableDataError: it cannot be read.
        """

    def child(self, key: ChildKey) -> ChildRecord | None:
        """A child session."""

    def child_beside(self, key: ChildKey) -> Meanwhile[ChildRecord | None]:
        """A child session, read beside what a block reads."""

    def customer(self, customer_id: str) -> CustomerRecord | None:
        """A customer's own record."""

    def children(self, session_id: str, *, limit: int, after: str | None = None) -> ChildPage:
        """One page of a session's children. `after` is the cursor of the page before."""

    def children_keys(self, session_id: str) -> Iterator[RowKey]:
        """The keys of a session's children, in any state and form."""

    def read_all(self, keys: Sequence[Key]) -> list[SessionRecord | ChildRecord]:
        """At most 100 sessions and child sessions, in no particular order, missing ones are left out."""

    def sessions_of(self, customer_id: str, *, limit: int, after: str | None = None) -> Page:
        """One page of a customer's sessions in the index. `after` is the cursor of the page before."""

    def owner_of(self, child_session_id: str) -> Hit | None:
        """The index's entry of a child session, which names its root."""

    def document(self, data: JSONObject, record: SessionRecord | ChildRecord) -> Document:
        """Data as it is going to be stored.

        Args:
            data: checked JSON, in dicts and lists.
            record: the one that it goes into, with its data until now.

        Raises:
            DataTooLargeError: the row would pass 399 KB, if that matters for the form, or the data 16 MB.
        """

    def noted(self, partition_key: str) -> list[NotedRecord]:
        """All rows about one session of an identity provider, or the row about a logout.

        Raises:
            StoreConfigurationError: besides, one cannot be read.
        """

    def put(self, record: SessionRecord) -> None:
        """Store a new record.

        Raises:
            ConditionFailedError: there is one under its key.
            DataTooLargeError: it would pass 399 KB.
        """

    def change(self, change: Change) -> None:
        """Change a record.

        Raises:
            ConditionFailedError: the condition did not hold.
        """

    def change_and_read(self, change: Change) -> SessionRecord | ChildRecord:
        """Change a record. Returns it as it is after. Reading the reply costs CPU time.

        Raises:
            ConditionFailedError: the condition did not hold.
        """

    def change_once(self, change: Change) -> SessionRecord | ChildRecord:
        """The same in one attempt.

        Raises:
            ConditionFailedError: the condition did not hold.
        """

    def transact(self, *parts: SessionRecord | ChildRecord | Change) -> None:
        """Store new records and change others, all of it or nothing. A repeated attempt does no harm.

        Raises:
            ConditionFailedError: with a record for each part whose condition did not hold.
            DataTooLargeError: a record would pass 399 KB.
        """

    def delete_objects(self, session_id: str) -> None:
        """Delete what S3 has of a session that has ended, and of its child sessions."""

    def delete(self, keys: Iterable[Key]) -> int:
        """Delete rows as their keys come in. Returns how many. Deleting a missing row is no error."""


class Storage(Protocol):
    """A place where sessions are kept. Safe to share between threads.

    Attributes:
        max_data_bytes: of a session's data.
    """

    table_name: str
    max_data_bytes: int

    def rows(self) -> Rows:
        """Begin a public method: a deadline for all its reads and writes."""

    def room(self, record: SessionRecord) -> int:
        """Bytes that a record may still grow by.

        Raises:
            DataTooLargeError: it is too large as it is: over 399 KB.
        """
