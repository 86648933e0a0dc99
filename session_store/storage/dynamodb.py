"""The storage port on DynamoDB: one table with one index."""

from __future__ import annotations

import secrets
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final, cast

from session_store import checks
from session_store.aws.connection import connect
from session_store.errors import StoreUnavailableError
from session_store.storage import items, schema
from session_store.storage.changes import Change, ConditionFailedError
from session_store.storage.document import NO_CODECS
from session_store.storage.records import ChildKey, CustomerKey, Page, SessionKey
from session_store.storage.requests import METHODS, RefusedError, Requests, check_checksums

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from session_store.clock import Clock
    from session_store.data.types import JSONObject
    from session_store.storage.attribute_values import Item
    from session_store.storage.document import Codecs, Document
    from session_store.storage.records import ChildRecord, CustomerRecord, Hit, Key, SessionRecord
    from session_store.storage.requests import DynamoDBClient

_BATCH_WRITE_ITEMS: Final = 25
_SESSION_BY_ID: Final = {
    "KeyConditionExpression": "#pk = :pk AND begins_with(#sk, :sk)",
    "ExpressionAttributeNames": {"#pk": schema.PARTITION_KEY, "#sk": schema.SORT_KEY},
    "ConsistentRead": True,
}


class DynamoDBStorage:
    """The session table.

    Args:
        table_name: name or ARN.
        client: sends one request and does not retry.
        clock: tells the time.
        codecs: of the sessions' data; none by default.
    """

    def __init__(self, table_name: str, client: DynamoDBClient, clock: Clock, codecs: Codecs = NO_CODECS) -> None:
        self.table_name = table_name
        self._client = client
        self._clock = clock
        self._codecs = codecs

    @classmethod
    def connect(
        cls,
        table_name: str,
        *,
        region_name: str | None,
        endpoint_url: str | None,
        client: DynamoDBClient | None,
        clock: Clock,
    ) -> DynamoDBStorage:
        """The table with the given client, or with one of its own.

        Raises:
            InvalidInputError: the given client lacks a method.
            StoreConfigurationError: a client cannot be made; the message says why.
        """
        if client is None:
            client = cast("DynamoDBClient", connect("dynamodb", region_name=region_name, endpoint_url=endpoint_url))
        else:
            checks.check_methods("dynamodb_client", client, *METHODS.values())
        check_checksums(client)
        return cls(table_name, client, clock)

    def rows(self) -> DynamoDBRows:
        """Begin a public method: a deadline for all its reads and writes."""
        return DynamoDBRows(self.table_name, self._client, self._clock, self._codecs)

    def document(self, data: JSONObject, *, replacing: Document | None = None) -> Document:
        """Data as it is going to be stored, in place of other data."""
        return self._codecs.document(data, replacing=replacing)

    def check_size(self, record: SessionRecord) -> None:
        """Refuse a record that is over 400 KB."""
        items.check_record(record)


class DynamoDBRows:
    """The requests of one public method. Each is one round trip, unless its rows fill more than a page of 1 MB."""

    def __init__(self, table_name: str, client: DynamoDBClient, clock: Clock, codecs: Codecs) -> None:
        self._table_name = table_name
        self._codecs = codecs
        self._requests = Requests(table_name, client, clock)
        self.deadline = self._requests.deadline

    # Reading

    def session(self, key: SessionKey) -> SessionRecord | None:
        """GetItem."""
        item = self._get(key)
        return items.read_session(item, self._codecs) if item else None

    def session_by_id(self, session_id: str) -> SessionRecord | None:
        """Query of the partition for the session's own row: its sort key is not known."""
        values = {":pk": {"S": schema.session_partition_key(session_id)}, ":sk": {"S": schema.SESSION_SORT_KEY_PREFIX}}
        parameters = {"TableName": self._table_name, "ExpressionAttributeValues": values, **_SESSION_BY_ID}
        found = self._requests.send("Query", parameters)["Items"]
        return items.read_session(found[0], self._codecs) if found else None

    def child(self, key: ChildKey) -> ChildRecord | None:
        """GetItem."""
        item = self._get(key)
        return items.read_child(item, self._codecs) if item else None

    def customer(self, customer_id: str) -> CustomerRecord | None:
        """GetItem."""
        item = self._get(CustomerKey(customer_id))
        return items.read_customer(item) if item else None

    def collection(self, session_id: str) -> Iterator[SessionRecord | ChildRecord]:
        """Query of the partition, page after page."""
        return (cast("SessionRecord | ChildRecord", self._record(item)) for item in self._partition(session_id))

    def children_keys(self, session_id: str) -> Iterator[ChildKey]:
        """Query of the partition, page after page. Only the keys of its rows are read: a broken row goes, too."""
        sort_keys = (item[schema.SORT_KEY]["S"] for item in self._partition(session_id))
        children = (each for each in sort_keys if not each.startswith(schema.SESSION_SORT_KEY_PREFIX))
        return (ChildKey(session_id, schema.child_session_id_of(each)) for each in children)

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
        return [cast("SessionRecord | ChildRecord", self._record(item)) for item in found]

    def sessions_of(self, customer_id: str, *, limit: int, after: str | None = None) -> Page:
        """Query of the index, newest first."""
        start = None if after is None else items.key_item(SessionKey(after, customer_id))
        reply = self._query_index(schema.customer_sort_key(customer_id), limit, start)
        last = reply.get("LastEvaluatedKey")
        cursor = schema.session_id_of(last[schema.PARTITION_KEY]["S"]) if last else None
        # The partition is the customer's: with a key for which an attribute is missing no session would be found.
        hits = tuple(items.read_hit(item)._replace(customer_id=customer_id) for item in reply["Items"])
        return Page(hits, cursor)

    def owner_of(self, child_session_id: str) -> Hit | None:
        """Query of the index."""
        found = self._query_index(schema.child_sort_key(child_session_id), 1)["Items"]
        return items.read_hit(found[0]) if found else None

    # Writing

    def put(self, record: SessionRecord) -> None:
        """PutItem on condition of no such key."""
        self._write("PutItem", self._put(record))

    def change(self, change: Change) -> None:
        """UpdateItem."""
        self._write("UpdateItem", self._update(change))

    def change_once(self, change: Change) -> SessionRecord | ChildRecord:
        """UpdateItem in one attempt."""
        reply = self._write("UpdateItem", self._update(change) | {"ReturnValues": "ALL_NEW"}, 1)
        if "Attributes" not in reply:
            raise StoreUnavailableError("UpdateItem", "incomplete reply")
        return cast("SessionRecord | ChildRecord", self._record(reply["Attributes"]))

    def transact(self, *parts: SessionRecord | ChildRecord | Change) -> None:
        """TransactWriteItems; its request token, good for 10 minutes, makes a repeated attempt harmless."""
        written = [
            {"Update": self._update(part)} if isinstance(part, Change) else {"Put": self._put(part)} for part in parts
        ]
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

    # Requests

    def _get(self, key: Key) -> Item | None:
        parameters = {"TableName": self._table_name, "Key": items.key_item(key), "ConsistentRead": True}
        return self._requests.send("GetItem", parameters).get("Item")

    def _partition(self, session_id: str) -> Iterator[Item]:
        parameters: dict[str, Any] = {
            "TableName": self._table_name,
            "KeyConditionExpression": "#pk = :pk",
            "ExpressionAttributeNames": {"#pk": schema.PARTITION_KEY},
            "ExpressionAttributeValues": {":pk": {"S": schema.session_partition_key(session_id)}},
            "ConsistentRead": True,
        }
        while True:
            reply = self._requests.send("Query", parameters)
            yield from reply["Items"]
            if not reply.get("LastEvaluatedKey"):
                return
            parameters["ExclusiveStartKey"] = reply["LastEvaluatedKey"]

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
        return {
            "TableName": self._table_name,
            "Item": items.new_item(record),
            "ConditionExpression": "attribute_not_exists(#pk)",
            "ExpressionAttributeNames": {"#pk": schema.PARTITION_KEY},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    def _update(self, change: Change) -> dict[str, Any]:
        from session_store.storage.expressions import update_parameters  # noqa: PLC0415 - a read does without

        return {"TableName": self._table_name, **update_parameters(change)}

    def _write(self, operation: str, parameters: dict[str, Any], attempts: int | None = None) -> dict[str, Any]:
        try:
            return self._requests.send(operation, parameters, attempts)
        except RefusedError as refusal:
            records = [None if item is None else self._record(item) for item in refusal.items]
            raise ConditionFailedError(records, uncertain=refusal.uncertain) from None

    def _record(self, item: Item) -> Any:  # noqa: ANN401 - callers know which rows they asked for
        return items.read_record(item, self._codecs)
