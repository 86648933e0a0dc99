"""The storage port on DynamoDB: one table with one index."""

from __future__ import annotations

import secrets
from contextlib import nullcontext
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

from session_store import checks
from session_store.errors import StoreConfigurationError, StoreUnavailableError
from session_store.incidents import Incident, IncidentName, log_incident
from session_store.meter import METER
from session_store.storage import items, schema
from session_store.storage.changes import Change, ConditionFailedError
from session_store.storage.clients import new_client
from session_store.storage.document import NO_CODECS, Document
from session_store.storage.items import UNREADABLE
from session_store.storage.records import (
    ChildKey,
    ChildPage,
    ChildRecord,
    CustomerKey,
    Page,
    RowKey,
    SessionKey,
    SessionRecord,
)
from session_store.storage.requests import METHODS, RefusedError, Requests
from session_store.storage.sdk_client import prepare
from session_store.tokens import is_session_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from session_store.catalog.metrics import Metric
    from session_store.clock import Clock
    from session_store.data.types import JSONObject
    from session_store.meter import Meter
    from session_store.storage.attribute_values import Item
    from session_store.storage.beside import Meanwhile
    from session_store.storage.document import Codecs
    from session_store.storage.records import CustomerRecord, Hit, Key, NotedRecord, Record
    from session_store.storage.requests import DynamoDBClient

_R = TypeVar("_R", bound="SessionRecord | ChildRecord")

_BATCH_WRITE_ITEMS: Final = 25
_SESSION_BY_ID: Final[dict[str, Any]] = {
    "KeyConditionExpression": "#pk = :pk AND #sk < :sk",
    "ExpressionAttributeNames": {"#pk": schema.PARTITION_KEY, "#sk": schema.SORT_KEY},
    "ConsistentRead": True,
}
# A tombstone has no family any more.
_OF_A_FAMILY: Final = "(attribute_not_exists(#family) OR #family = :family_hash)"
_NOTHING_BESIDE: Final = nullcontext()
_NOTED: Final = (schema.EntityType.PROVIDER_SESSION, schema.EntityType.PROVIDER_LOGOUT)
# A customer's rows in the index besides those of sessions.
_BESIDE_SESSIONS: Final = (schema.EntityType.IDEMPOTENCY_KEY, schema.EntityType.PROVIDER_SESSION)
_WITHOUT_DATA: Final = [name for name in items.SESSION_ATTRIBUTES if name not in {"data", "data_codec"}]


class DynamoDBStorage:
    """The session table.

    Args:
        table_name: name or ARN.
        client: sends one request and does not retry.
        clock: tells the time.
        codecs: the forms of the sessions' data.
        on_incident: called with each incident.
        observed: whether the store has an observer. The meter of another store, in a method of which this one is
            called, is not for its requests.

    Attributes:
        table_name: as given.
        make_rows: makes the requests of a method, with the arguments of `DynamoDBRows`.
    """

    def __init__(
        self,
        table_name: str,
        client: DynamoDBClient,
        clock: Clock,
        *,
        codecs: Codecs = NO_CODECS,
        on_incident: Callable[[Incident], None] = log_incident,
        observed: bool = False,
    ) -> None:
        self.table_name = table_name
        self.max_data_bytes = codecs.max_data_bytes
        self._client = client
        self._clock = clock
        self._codecs = codecs
        self._on_incident = on_incident
        self._observed = observed
        self.make_rows: Callable[..., DynamoDBRows] = DynamoDBRows

    @classmethod
    def connect(
        cls,
        table_name: str,
        *,
        region_name: str | None,
        endpoint_url: str | None,
        transport: str | None,
        client: DynamoDBClient | None,
        clock: Clock,
        codecs: Codecs,
        on_incident: Callable[[Incident], None],
        observed: bool,
    ) -> DynamoDBStorage:
        """The table with the given client, or with one of its own.

        Raises:
            InvalidInputError: the given client lacks a method, or there is no such transport.
            StoreConfigurationError: a client cannot be made. The message says why.
        """
        if client is None:
            client = new_client(table_name, region_name=region_name, endpoint_url=endpoint_url, transport=transport)
        else:
            checks.check_methods("dynamodb_client", client, *METHODS.values())
            prepare(client)
        return cls(table_name, client, clock, codecs=codecs, on_incident=on_incident, observed=observed)

    def rows(self) -> DynamoDBRows:
        """Begin a public method: a deadline for all its reads and writes."""
        meter = METER.get() if self._observed else None  # here: the method's threads have no context of their own
        return self.make_rows(self.table_name, self._client, self._clock, self._codecs, self._on_incident, meter=meter)

    def room(self, record: SessionRecord) -> int:
        """Bytes that a record's content may still grow by."""
        return items.room(record)


class DynamoDBRows:
    """The requests of one public method. Each is one round trip, unless its rows fill more than a page of 1 MB."""

    def __init__(
        self,
        table_name: str,
        client: DynamoDBClient,
        clock: Clock,
        codecs: Codecs,
        on_incident: Callable[[Incident], None],
        *,
        meter: Meter | None,
    ) -> None:
        self._table_name = table_name
        self._on_incident = on_incident
        self._requests = Requests(table_name, client, clock, meter)
        self._codecs = codecs.bound(self._requests) if codecs.binds else codecs
        self.deadline = self._requests.deadline

    # For observers

    def count(self, *names: Metric) -> None:
        """Count what has happened, where an observer wants to know."""
        if self._requests.meter is not None:
            self._requests.meter.count(*names)

    def report(self, incident: Incident) -> None:
        """Report an incident, to an observer as well."""
        if self._requests.meter is not None:
            self._requests.meter.report(incident)
        self._on_incident(incident)

    # Reading

    def session(self, key: SessionKey) -> SessionRecord | None:
        """GetItem."""
        item = self._get(key)
        return items.session_of(item, self._codecs, self._report) if item else None

    def session_by_id(
        self, session_id: str, family_hash: bytes | None = None, *, with_data: bool = True
    ) -> SessionRecord | None:
        """Query of the partition for the session's own row. Its sort key is not known.

        Rows and attributes that are filtered out are paid for and never sent. The SDK needs a second of CPU time to
        read 400 KB.
        """
        values: Item = {
            ":pk": {"S": schema.session_partition_key(session_id)},
            ":sk": {"S": schema.CHILDREN_SORT_KEYS},
        }
        parameters = {"TableName": self._table_name, "ExpressionAttributeValues": values, **_SESSION_BY_ID}
        codecs = self._codecs
        if family_hash is not None:
            values[":family_hash"] = {"B": family_hash}
            names = _SESSION_BY_ID["ExpressionAttributeNames"] | {"#family": "family_hash"}
            parameters |= {"FilterExpression": _OF_A_FAMILY, "ExpressionAttributeNames": names}
        elif not with_data:
            names = _SESSION_BY_ID["ExpressionAttributeNames"] | {f"#{name}": name for name in _WITHOUT_DATA}
            projection = ", ".join(f"#{name}" for name in _WITHOUT_DATA)
            parameters |= {"ProjectionExpression": projection, "ExpressionAttributeNames": names}
            codecs = NO_CODECS  # they would miss the data
        found = self._requests.send("Query", parameters)["Items"]
        if len(found) > 1:  # a row of another kind beside it
            found = sorted(found, key=_is_no_session)
        return items.session_of(found[0], codecs, self._report) if found else None

    def with_data(self, record: _R) -> _R | None:
        """With large data, GetObject. If there is none, GetItem, and GetObject by what that says."""
        return self._codecs.with_data(record, self._again) if self._codecs.large else record

    def child(self, key: ChildKey, begun: Callable[[], dict[str, Any]] | None = None) -> ChildRecord | None:
        """GetItem. It may have begun."""
        item = self._get(key, begun)
        return items.child_of(item, self._codecs, self._report) if item else None

    def child_beside(self, key: ChildKey) -> Meanwhile[ChildRecord | None]:
        """GetItem, sent before the requests of the block. By the SDK in a thread."""
        from session_store.storage.beside import Ahead, Beside  # noqa: PLC0415 - for children alone

        begun = self._requests.ahead("GetItem", self._get_parameters(key))
        return Beside(self.child, key) if begun is None else Ahead(begun.drop, self.child, key, begun.read)

    def customer(self, customer_id: str) -> CustomerRecord | None:
        """GetItem."""
        item = self._get(CustomerKey(customer_id))
        return self._customer(item) if item else None

    def children(self, session_id: str, *, limit: int, after: str | None = None) -> ChildPage:
        """Query of the partition, in which the session's own row comes first. For a later page it is read beside.

        One query more for each row in whose place no page can begin.
        """
        root = None if after is None else self.session_by_id(session_id, with_data=False)
        start = None if after is None else items.key_item(ChildKey(session_id, after))
        left = limit + (after is None)
        found: list[Item] = []
        while True:
            reply = self._query_partition(
                schema.session_partition_key(session_id), Limit=left, **({"ExclusiveStartKey": start} if start else {})
            )
            found += reply["Items"]
            start = reply.get("LastEvaluatedKey")
            cursor = _child_id_of(start) if start else None
            if cursor or not start:
                break
            left = 1
        records = list(self._readable(found))
        root = next((record for record in records if isinstance(record, SessionRecord)), root)
        return ChildPage(root, tuple(record for record in records if isinstance(record, ChildRecord)), cursor)

    def children_keys(self, session_id: str) -> Iterator[RowKey]:
        """Query of the partition, page after page. Only the keys of its rows are read. A broken row goes, too."""
        keys = map(items.row_key, self._partition(schema.session_partition_key(session_id)))
        return (key for key in keys if key.sort_key >= schema.CHILDREN_SORT_KEYS)

    def read_all(self, keys: Sequence[Key]) -> list[SessionRecord | ChildRecord]:
        """BatchGetItem."""
        found: list[Item] = []
        request = {"Keys": [items.key_item(key) for key in keys], "ConsistentRead": True}
        pending: dict[str, Any] = {self._table_name: request} if keys else {}
        attempt = 0
        while pending:
            reply = self._requests.send("BatchGetItem", {"RequestItems": pending})
            found += reply["Responses"].get(self._table_name, [])
            pending = reply["UnprocessedKeys"]
            attempt = self._requests.wait_for_rest("BatchGetItem", pending, attempt)
        return list(self._readable(found))

    def sessions_of(self, customer_id: str, *, limit: int, after: str | None = None) -> Page:
        """Query of the index, newest first. One more for each row in whose place no page can begin.

        Behind the oldest session come the rows of idempotency keys and of providers' sessions, all of them at once.
        """
        start = None if after is None else items.key_item(SessionKey(after, customer_id))
        hits: list[Hit] = []
        foreign: list[RowKey] = []
        while True:
            reply = self._query_index(schema.customer_sort_key(customer_id), limit, start)
            for item in reply["Items"]:
                hit = self._hit(item)
                if hit is None:
                    foreign.append(items.row_key(item))
                else:
                    # The partition is the customer's: with a key that lacks an attribute no session would be found.
                    hits.append(hit._replace(customer_id=customer_id))
            start = reply.get("LastEvaluatedKey")
            cursor = _session_id_of(start) if start else None
            if cursor or not start:
                return Page(tuple(hits), cursor, tuple(foreign))
            limit = 1 if start[schema.PARTITION_KEY]["S"] > schema.SESSIONS_PARTITION_KEYS else checks.MAX_ENDED

    def owner_of(self, child_session_id: str) -> Hit | None:
        """Query of the index."""
        found = self._query_index(schema.child_sort_key(child_session_id), 1)["Items"]
        return self._hit(found[0]) if found else None

    def noted(self, partition_key: str) -> list[NotedRecord]:
        """Query of the partition."""
        return list(map(self._noted, self._partition(partition_key)))

    # Writing

    def document(self, data: JSONObject, record: SessionRecord | ChildRecord) -> Document:
        """Data as it is going to be stored."""
        return self._codecs.document(data, record.data, lambda new: items.new_item(record._replace(data=new)))

    def put(self, record: SessionRecord) -> None:
        """PutItem on condition of no such key."""
        with self._storing(record):
            self._write("PutItem", self._put(record))

    def change(self, change: Change) -> None:
        """UpdateItem."""
        self._changed(change)

    def change_and_read(self, change: Change, attempts: int | None = None) -> SessionRecord | ChildRecord:
        """UpdateItem that answers with the row."""
        reply = self._changed(change, attempts, ReturnValues="ALL_NEW")
        try:
            return items.read_record(reply["Attributes"], self._codecs)
        except UNREADABLE:
            raise StoreUnavailableError("UpdateItem", "incomplete reply") from None

    def change_once(self, change: Change) -> SessionRecord | ChildRecord:
        """The same in one attempt."""
        return self.change_and_read(change, 1)

    def transact(self, *parts: SessionRecord | ChildRecord | Change) -> None:
        """TransactWriteItems. Its request token, good for 10 minutes, makes a repeated attempt harmless."""
        written = [
            {"Update" if part.values else "ConditionCheck": self._update(part)}
            if isinstance(part, Change)
            else {"Put": self._put(part)}
            for part in parts
        ]
        with self._storing(*parts):
            self._write("TransactWriteItems", {"TransactItems": written, "ClientRequestToken": secrets.token_hex(16)})

    def delete(self, keys: Iterable[Key]) -> int:
        """BatchWriteItem of deletes, 25 at a time."""
        rest, deleted = iter(keys), 0
        for first in rest:
            requests = [
                {"DeleteRequest": {"Key": items.key_item(key)}}
                for key in chain([first], islice(rest, _BATCH_WRITE_ITEMS - 1))
            ]
            deleted += len(requests)
            pending: dict[str, Any] = {self._table_name: requests}
            attempt = 0
            while pending:
                reply = self._requests.send("BatchWriteItem", {"RequestItems": pending})
                pending = reply["UnprocessedItems"]
                attempt = self._requests.wait_for_rest("BatchWriteItem", pending, attempt)
        return deleted

    def delete_objects(self, session_id: str) -> None:
        """With large data, delete what S3 has of a session and its child sessions."""
        if self._codecs.large:
            self._codecs.erase(session_id)

    # Requests

    def _changed(self, change: Change, attempts: int | None = None, **asked: str) -> dict[str, Any]:
        again = change.repeated and change._replace(condition=change.condition & change.repeated)
        parameters = self._update(change) | asked
        with self._storing(change):
            return self._write("UpdateItem", parameters, attempts, again and (lambda: self._update(again) | asked))

    def _storing(self, *parts: SessionRecord | ChildRecord | Change) -> AbstractContextManager[None]:
        """With large data, a block that writes these parts, once their objects are in S3."""
        if not self._codecs.large:
            return _NOTHING_BESIDE
        documents = [part.values.get("data") if isinstance(part, Change) else part.data for part in parts]
        return self._codecs.storing([each for each in enumerate(documents) if isinstance(each[1], Document)])

    def _get(self, key: Key, begun: Callable[[], dict[str, Any]] | None = None) -> Item | None:
        return self._requests.send("GetItem", self._get_parameters(key), begun=begun).get("Item")

    def _get_parameters(self, key: Key) -> dict[str, Any]:
        return {"TableName": self._table_name, "Key": items.key_item(key), "ConsistentRead": True}

    def _again(self, key: Key) -> Record | None:
        item = self._get(key)
        return self._record(item) if item else None

    def _partition(self, partition_key: str) -> Iterator[Item]:
        more: dict[str, Any] = {}
        while True:
            reply = self._query_partition(partition_key, **more)
            yield from reply["Items"]
            if not reply.get("LastEvaluatedKey"):
                return
            more = {"ExclusiveStartKey": reply["LastEvaluatedKey"]}

    def _query_partition(self, partition_key: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - parameters of Query
        parameters = {
            "TableName": self._table_name,
            "KeyConditionExpression": "#pk = :pk",
            "ExpressionAttributeNames": {"#pk": schema.PARTITION_KEY},
            "ExpressionAttributeValues": {":pk": {"S": partition_key}},
            "ConsistentRead": True,
            **more,
        }
        return self._requests.send("Query", parameters)

    def _query_index(self, partition: str, limit: int, start: Item | None = None) -> dict[str, Any]:
        parameters: dict[str, Any] = {
            "TableName": self._table_name,
            "IndexName": schema.INDEX_NAME,
            "KeyConditionExpression": "#pk = :pk",
            "ExpressionAttributeNames": {"#pk": schema.INDEX_PARTITION_KEY},
            "ExpressionAttributeValues": {":pk": {"S": partition}},
            "ScanIndexForward": False,
            "Limit": limit,
        }
        return self._requests.send("Query", parameters | ({"ExclusiveStartKey": start} if start else {}))

    def _put(self, record: SessionRecord | ChildRecord) -> dict[str, Any]:
        item = items.new_item(record)
        return {
            "TableName": self._table_name,
            "Item": self._codecs.sealed(item) if self._codecs.encrypts else item,
            "ConditionExpression": "attribute_not_exists(#pk)",
            "ExpressionAttributeNames": {"#pk": schema.PARTITION_KEY},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    def _update(self, change: Change) -> dict[str, Any]:
        from session_store.storage.expressions import update_parameters  # noqa: PLC0415 - a read does without

        return {"TableName": self._table_name, **update_parameters(change)}

    def _write(
        self,
        operation: str,
        parameters: dict[str, Any],
        attempts: int | None = None,
        again: Callable[[], dict[str, Any]] | None = None,
    ) -> dict[str, Any]:
        try:
            return self._requests.send(operation, parameters, attempts, again)
        except RefusedError as refusal:
            records = [None if item is None else self._record(item) for item in refusal.items]
            raise ConditionFailedError(records, uncertain=refusal.uncertain) from None

    # Rows as records

    def _customer(self, item: Item) -> CustomerRecord:
        """A customer's row decides who gets in. One that cannot be read lets no session be, and ends none."""
        try:
            return items.read_customer(item)
        except UNREADABLE:
            raise StoreConfigurationError(
                "a customer's own row is not one that this version can read: erase_customer deletes it"
            ) from None

    def _noted(self, item: Item) -> NotedRecord:
        """A row about a provider's session decides which sessions end. None of them may be missed."""
        try:
            return items.read_noted(item)
        except UNREADABLE:
            raise StoreConfigurationError(
                "a row about a provider's session is not one that this version can read"
            ) from None

    def _record(self, item: Item) -> Record:
        """The record of a row that refused a write."""
        kind = item.get("entity_type", {}).get("S")
        if kind == schema.EntityType.CUSTOMER:
            return self._customer(item)
        if kind == schema.EntityType.IDEMPOTENCY_KEY:
            return items.read_idempotency(item)
        if kind in _NOTED:
            return self._noted(item)
        read = items.child_of if kind == schema.EntityType.CHILD_SESSION else items.session_of
        return read(item, self._codecs, self._report)

    def _readable(self, found: Iterable[Item]) -> Iterator[SessionRecord | ChildRecord]:
        """Of several rows those that can be read. One that cannot does not hide the others."""
        for item in found:
            try:
                yield items.read_record(item, self._codecs)
            except UNREADABLE as error:
                self._report(item, error)

    def _hit(self, item: Item) -> Hit | None:
        """An entry of the index, None for one whose key is not a session's."""
        session_id = _session_id_of(item)
        if session_id is None:
            if item.get("entity_type", {}).get("S") not in _BESIDE_SESSIONS:
                self._report(item, ValueError())
            return None
        try:
            return items.read_hit(item)
        except UNREADABLE:  # its row is reported when it is read
            return items.unreadable_hit(item)

    def _report(self, item: Item, error: Exception) -> None:
        self.report(Incident(IncidentName.UNREADABLE_ROW, _session_id_of(item) or "", type(error).__name__))


def _session_id_of(item: Item) -> str | None:
    """The session that a row belongs to, None when its key is in another form."""
    try:
        session_id = schema.session_id_of(item[schema.PARTITION_KEY]["S"])
    except ValueError:
        return None
    return session_id if is_session_id(session_id) else None


def _child_id_of(key: Item) -> str | None:
    """The child session whose row has this key, None when it is another's."""
    try:
        child_session_id = schema.child_session_id_of(key[schema.SORT_KEY]["S"])
    except ValueError:
        return None
    return child_session_id if is_session_id(child_session_id) else None


def _is_no_session(item: Item) -> bool:
    return bool(item.get("entity_type", {}).get("S") != schema.EntityType.SESSION)
