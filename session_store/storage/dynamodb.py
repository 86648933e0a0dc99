"""The only module that calls AWS: client settings, deadline, retries, and what came back as typed outcomes."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeAlias

import botocore
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from session_store import checks
from session_store.errors import StoreConfigurationError, StoreUnavailableError, ThrottledError
from session_store.storage import schema
from session_store.storage.aws_errors import harmless_cause, judge, why_no_client
from session_store.storage.deadline import Deadline
from session_store.storage.sdk_log import call_unlogged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from session_store.clock import Clock
    from session_store.storage.attribute_values import AttributeValue, Item

CONNECT_TIMEOUT: Final = 0.5
READ_TIMEOUT: Final = 1.0
# One attempt by the SDK: its retries know no deadline across attempts and leave transaction conflicts alone.
CLIENT_CONFIG: Final = Config(
    connect_timeout=CONNECT_TIMEOUT,
    read_timeout=READ_TIMEOUT,
    retries={"total_max_attempts": 1, "mode": "standard"},
    tcp_keepalive=True,
    # Said by us, botocore need not compose it anew for every request: a tenth of a call's CPU time.
    user_agent=f"session-store Botocore/{botocore.__version__}",
)
_BATCH_WRITE_ITEMS: Final = 25


class DynamoDBClient(Protocol):
    """What the library needs of a botocore or boto3 DynamoDB client; fits a client typed by boto3-stubs, too."""

    @property
    def get_item(self) -> Callable[..., Any]: ...  # noqa: D102 - the API operation of that name
    @property
    def query(self) -> Callable[..., Any]: ...  # noqa: D102 - the API operation of that name
    @property
    def batch_get_item(self) -> Callable[..., Any]: ...  # noqa: D102 - the API operation of that name
    @property
    def put_item(self) -> Callable[..., Any]: ...  # noqa: D102 - the API operation of that name
    @property
    def update_item(self) -> Callable[..., Any]: ...  # noqa: D102 - the API operation of that name
    @property
    def transact_write_items(self) -> Callable[..., Any]: ...  # noqa: D102 - the API operation of that name
    @property
    def batch_write_item(self) -> Callable[..., Any]: ...  # noqa: D102 - the API operation of that name


class ConditionFailedError(Exception):
    """A write's condition did not hold.

    Attributes:
        items: the current items, one per part of the write; None where there is none or the part was not refused.
        uncertain: an attempt before this one may have taken effect without a reply.
    """

    def __init__(self, items: Sequence[Item | None], *, uncertain: bool) -> None:
        super().__init__("condition failed")
        self.items = tuple(items)
        self.uncertain = uncertain

    @property
    def item(self) -> Item | None:
        """The current item of a write with one part."""
        return self.items[0]


class Page(NamedTuple):
    """One page of a query."""

    items: tuple[Item, ...]
    last_key: Item | None


class IfNotExists(NamedTuple):
    """What an attribute is set to: the value of another attribute, or where there is none, this one."""

    attribute: str
    value: AttributeValue


Assignments: TypeAlias = "Mapping[str, AttributeValue | IfNotExists | str | None]"


class Update(NamedTuple):
    """One conditional update, by itself or as part of a transaction.

    Attributes:
        assignments: attribute -> new value; None removes the attribute; a string names the attribute whose value
            from before the update it gets, `IfNotExists` one to look at first.
        condition: condition expression; attribute names as `#name`, values as `:name`.
        values: values of the condition, by name without the colon.
    """

    key: Item
    assignments: Assignments
    condition: str | None = None
    values: Mapping[str, AttributeValue] | None = None


class Table:
    """The session table, as the operations see it."""

    def __init__(self, name: str, client: DynamoDBClient, clock: Clock) -> None:
        self.name = name
        self._client = client
        self._clock = clock

    @classmethod
    def connect(
        cls,
        name: str,
        *,
        region_name: str | None,
        endpoint_url: str | None,
        client: DynamoDBClient | None,
        clock: Clock,
    ) -> Table:
        """A table with the given client, or with one of its own.

        Raises:
            InvalidInputError: what was given as the client is none.
            StoreConfigurationError: a client cannot be made; the message says why.
        """
        if client is None:
            return cls(name, _new_client(region_name, endpoint_url), clock)
        return cls(name, checks.check_methods("dynamodb_client", client, *_METHODS.values()), clock)

    def call(self) -> Call:
        """Begin a public method: a deadline for all that it does."""
        return Call(self.name, self._client, Deadline(self._clock, CONNECT_TIMEOUT + READ_TIMEOUT))


class Call:
    """The operations of one public method under its deadline. Every read is strongly consistent but index reads."""

    def __init__(self, table_name: str, client: DynamoDBClient, deadline: Deadline) -> None:
        self._table_name = table_name
        self._client = client
        self.deadline = deadline

    def get(self, key: Item) -> Item | None:
        """GetItem."""
        return self._send("GetItem", TableName=self._table_name, Key=key, ConsistentRead=True).get("Item")

    def query(self, partition_key: str, *, sort_key_prefix: str | None = None) -> Iterator[Item]:
        """Query of a partition, page after page when it is longer than 1 MB."""
        names = {"#pk": schema.PARTITION_KEY}
        values = {":pk": {"S": partition_key}}
        condition = "#pk = :pk"
        if sort_key_prefix is not None:
            names["#sk"] = schema.SORT_KEY
            values[":sk"] = {"S": sort_key_prefix}
            condition += " AND begins_with(#sk, :sk)"
        parameters: dict[str, Any] = {
            "TableName": self._table_name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
            "ConsistentRead": True,
        }
        while True:
            reply = self._send("Query", **parameters)
            yield from reply["Items"]
            if not reply.get("LastEvaluatedKey"):
                return
            parameters["ExclusiveStartKey"] = reply["LastEvaluatedKey"]

    def get_session(self, session_id: str) -> Item | None:
        """Query for a session's own row when the customer, and so the sort key, is not known."""
        partition_key = schema.session_partition_key(session_id)
        return next(self.query(partition_key, sort_key_prefix=schema.SESSION_SORT_KEY_PREFIX), None)

    def query_index(self, partition: str, *, limit: int, start_key: Item | None = None) -> Page:
        """Query of the index, newest first: eventually consistent, a hint and no more."""
        parameters: dict[str, Any] = {"ExclusiveStartKey": start_key} if start_key else {}
        reply = self._send(
            "Query",
            TableName=self._table_name,
            IndexName=schema.INDEX_NAME,
            KeyConditionExpression="#pk = :pk",
            ExpressionAttributeNames={"#pk": schema.INDEX_PARTITION_KEY},
            ExpressionAttributeValues={":pk": {"S": partition}},
            ScanIndexForward=False,
            Limit=limit,
            **parameters,
        )
        return Page(tuple(reply["Items"]), reply.get("LastEvaluatedKey") or None)

    def batch_get(self, keys: Sequence[Item]) -> list[Item]:
        """BatchGetItem of at most 100 keys, in no particular order; what is not there is left out."""
        items: list[Item] = []
        pending: dict[str, Any] = {self._table_name: {"Keys": list(keys), "ConsistentRead": True}} if keys else {}
        attempt = 0
        while pending:
            reply = self._send("BatchGetItem", RequestItems=pending)
            items += reply.get("Responses", {}).get(self._table_name, [])
            pending = reply.get("UnprocessedKeys") or {}
            attempt = self._wait_for_rest("BatchGetItem", pending, attempt)
        return items

    def batch_delete(self, keys: Iterable[Item]) -> int:
        """BatchWriteItem of deletes, 25 at a time as the keys come in; returns how many.

        Deleting what is not there is no error, so it can be repeated.
        """
        rest, deleted = iter(keys), 0
        while requests := [{"DeleteRequest": {"Key": key}} for key in islice(rest, _BATCH_WRITE_ITEMS)]:
            deleted += len(requests)
            pending: dict[str, Any] = {self._table_name: requests}
            attempt = 0
            while pending:
                reply = self._send("BatchWriteItem", RequestItems=pending)
                pending = reply.get("UnprocessedItems") or {}
                attempt = self._wait_for_rest("BatchWriteItem", pending, attempt)
        return deleted

    def put_new(self, item: Item) -> None:
        """PutItem on condition of no such key.

        Raises:
            ConditionFailedError: there is one.
        """
        self._send("PutItem", **self._put(item))

    def update(self, update: Update) -> None:
        """UpdateItem.

        Raises:
            ConditionFailedError: the condition did not hold.
        """
        self._send("UpdateItem", **self._update(update))

    def try_update(self, update: Update) -> Item:
        """UpdateItem in one attempt; returns the item as it is after. Reading the reply costs CPU time: if needed only.

        Raises:
            ConditionFailedError: the condition did not hold.
        """
        reply = self._send("UpdateItem", 1, ReturnValues="ALL_NEW", **self._update(update))
        if "Attributes" not in reply:
            raise StoreUnavailableError("UpdateItem", "incomplete reply")
        return reply["Attributes"]  # type: ignore[no-any-return]

    def transact(self, parts: Sequence[dict[str, Any]], request_token: str) -> None:
        """TransactWriteItems of parts made by `put_part` and `update_part`.

        Args:
            parts: the parts.
            request_token: makes a repeated attempt harmless (ClientRequestToken, good for 10 minutes).

        Raises:
            ConditionFailedError: with an item for each part whose condition did not hold.
        """
        self._send("TransactWriteItems", TransactItems=list(parts), ClientRequestToken=request_token)

    def put_part(self, item: Item) -> dict[str, Any]:
        """A put on condition of no such key, as part of a transaction."""
        return {"Put": self._put(item)}

    def update_part(self, update: Update) -> dict[str, Any]:
        """An update, as part of a transaction."""
        return {"Update": self._update(update)}

    def _put(self, item: Item) -> dict[str, Any]:
        return {
            "TableName": self._table_name,
            "Item": item,
            "ConditionExpression": "attribute_not_exists(#pk)",
            "ExpressionAttributeNames": {"#pk": schema.PARTITION_KEY},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    def _update(self, update: Update) -> dict[str, Any]:
        parameters = _expressions(update)
        parameters |= {"TableName": self._table_name, "Key": update.key}
        if update.condition:
            parameters["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        return parameters

    def _wait_for_rest(self, operation: str, pending: object, attempt: int) -> int:
        """Unprocessed keys are throttling by another name."""
        if pending and not self.deadline.pause(attempt):
            raise ThrottledError(operation, "the table is throttled")
        return attempt + 1

    def _send(self, operation: str, attempts: int | None = None, /, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
        method = getattr(self._client, _METHODS[operation])
        uncertain = False
        attempt = 0
        if self.deadline.passed:
            raise StoreUnavailableError(operation, "no time was left for it")
        while True:
            try:
                return _complete(operation, call_unlogged(method, parameters))
            except (ClientError, BotoCoreError, ResponseParserError) as error:
                outcome, cause = judge(operation, error, self._table_name), harmless_cause(error)
            # Raised out here, so that no error carries along, as its context, one that quotes the request.
            if outcome.condition_failed:
                raise ConditionFailedError(outcome.items, uncertain=uncertain)
            uncertain = uncertain or outcome.uncertain
            attempt += 1
            if not outcome.retry or attempt == attempts or not self.deadline.pause(attempt):
                raise outcome.error from cause


def _complete(operation: str, reply: dict[str, Any]) -> dict[str, Any]:
    """A reply without what it always has is no reply: nothing read from it may pass for "not there"."""
    if operation in _ALWAYS_THERE and _ALWAYS_THERE[operation] not in reply:
        raise ResponseParserError(f"{operation}: incomplete reply")
    return reply


def _expressions(update: Update) -> dict[str, Any]:
    """Update and condition expressions with just the names and values that they use."""
    values = {f":{name}": value for name, value in (update.values or {}).items()}
    sets, removes = [], []
    for name, value in update.assignments.items():
        if value is None:
            removes.append(f"#{name}")
        elif isinstance(value, str):
            sets.append(f"#{name} = #{value}")
        elif isinstance(value, IfNotExists):
            sets.append(f"#{name} = if_not_exists(#{value.attribute}, :set_{name})")
            values[f":set_{name}"] = value.value
        else:
            sets.append(f"#{name} = :set_{name}")
            values[f":set_{name}"] = value
    clauses = (["SET " + ", ".join(sets)] if sets else []) + (["REMOVE " + ", ".join(removes)] if removes else [])
    parameters: dict[str, Any] = {"UpdateExpression": " ".join(clauses)} if clauses else {}
    if update.condition:
        parameters["ConditionExpression"] = update.condition
    names = {name for expression in parameters.values() for name in _NAME.findall(expression)}
    parameters["ExpressionAttributeNames"] = {f"#{name}": name for name in names}
    if values:
        parameters["ExpressionAttributeValues"] = values
    return parameters


def _new_client(region_name: str | None, endpoint_url: str | None) -> DynamoDBClient:
    session = botocore.session.get_session()
    try:
        client: Any = session.create_client(
            "dynamodb", region_name=region_name, endpoint_url=endpoint_url, config=CLIENT_CONFIG
        )
    except (BotoCoreError, ValueError) as error:
        problem, cause = why_no_client(error), harmless_cause(error)
    else:
        return client  # type: ignore[no-any-return]  # botocore makes its clients' methods at run time
    raise StoreConfigurationError(f"cannot make a DynamoDB client: {problem}") from cause


_NAME: Final = re.compile(r"#(\w+)")
_ALWAYS_THERE: Final = {"Query": "Items", "BatchGetItem": "Responses"}
_METHODS: Final = {
    "GetItem": "get_item",
    "Query": "query",
    "BatchGetItem": "batch_get_item",
    "PutItem": "put_item",
    "UpdateItem": "update_item",
    "TransactWriteItems": "transact_write_items",
    "BatchWriteItem": "batch_write_item",
}
