"""Requests of commands that go through a whole table: more patient than the store's, and each says what it consumed."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from botocore.exceptions import ClientError

from session_store.clock import SystemClock
from session_store.errors import StoreConfigurationError, StoreUnavailableError
from session_store.meter import tables_of
from session_store.operations.context import Context
from session_store.storage import schema
from session_store.storage.attribute_values import item_bytes
from session_store.storage.deadline import Deadline
from session_store.storage.dynamodb import DynamoDBStorage
from session_store.storage.expressions import update_parameters
from session_store.storage.faults import judge
from session_store.storage.items import key_item, row_key
from session_store.storage.requests import RefusedError, Requests
from session_store.storage.sdk_client import OURS, prepare
from session_store.transport.faults import NoReplyError
from session_store.whole_table.progress import Progress
from session_store.whole_table.rate import Rate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from session_store.clock import Clock
    from session_store.settings import SessionSettings
    from session_store.storage.attribute_values import Item
    from session_store.storage.changes import Change
    from session_store.storage.records import Key

DEFAULT_RATE: Final = 500.0  # request units a second: far below the 12,000 and 4,000 that a new table on demand takes
_METHODS: Final = {
    "BatchGetItem": "batch_get_item",
    "DeleteItem": "delete_item",
    "DescribeTable": "describe_table",
    "PutItem": "put_item",
    "Query": "query",
    "Scan": "scan",
    "UpdateItem": "update_item",
}
_READS: Final = frozenset({"BatchGetItem", "Query", "Scan"})
# What a whole reply has. Without it a lost part would pass for "no rows".
_ALWAYS_THERE: Final = {
    "BatchGetItem": "Responses",
    "DescribeTable": "Table",
    "Query": "Items",
    "Scan": "Items",
}
_BATCH: Final = 100  # keys of a BatchGetItem
_UNIT_BYTES: Final = 1024  # of a write
_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 5.0
_PATIENCE: Final = 60.0  # seconds for which a request is sent again
_ONE_ATTEMPT: Final = 13.0  # with the timeouts of operators' clients
_RANDOM: Final = random.SystemRandom()  # threads that were throttled together do not come back together


class StoppedError(Exception):
    """The work was stopped while a request waited for its turn."""


class UnfitRowError(Exception):
    """DynamoDB refuses a row, for instance because it is too large."""


class Description(NamedTuple):
    """A table as AWS describes it.

    Attributes:
        identity: of this one table. Another one of the same name has another.
        rows: roughly, as of some hours ago.
        projection: attributes in the index besides the keys, None where the table has no such index.
    """

    identity: str
    rows: int
    projection: frozenset[str] | None


class Table:
    """A session table.

    Args:
        name: name or ARN.
        client: botocore's or boto3's, for DynamoDB.
        clock: tells the time and waits.
        max_rcu: request units that reads may consume in a second.
        max_wcu: request units that writes may consume in a second.

    Attributes:
        reads: the rate of reads.
        writes: the rate of writes.
    """

    def __init__(
        self,
        name: str,
        client: Any,  # noqa: ANN401 - made at run time
        clock: Clock | None = None,
        *,
        max_rcu: float = DEFAULT_RATE,
        max_wcu: float = DEFAULT_RATE,
    ) -> None:
        self.name = name
        self.clock: Clock = clock or SystemClock()
        self.reads = Rate(max_rcu, self.clock, "max_rcu")
        self.writes = Rate(max_wcu, self.clock, "max_wcu")
        self._client = client
        prepare(client)

    def progress(self, done: int, total: int) -> Progress:
        """So many rows, and the units that they took."""
        return Progress(done, total, self.reads.units, self.writes.units)

    def context(self, settings: SessionSettings) -> Context:
        """The store's own rules for this table."""
        storage = DynamoDBStorage(self.name, self._client, self.clock)
        return Context(storage=storage, clock=self.clock, settings=settings)

    def requests(self) -> Requests:
        """Requests of a few rows, as the store makes them, with as much patience as `send`. They do not count."""
        requests = Requests(self.name, self._client, self.clock)
        requests.deadline = Deadline(self.clock, _ONE_ATTEMPT, _PATIENCE)  # an operator's line may be slow
        return requests

    def describe(self) -> Description:
        """The table as AWS describes it. Free of charge.

        Raises:
            StoreConfigurationError: there is no such table, or it is no session table.
        """
        described = self.send("DescribeTable", {})["Table"]
        keys = [key["AttributeName"] for key in described.get("KeySchema", ())]
        if keys != [schema.PARTITION_KEY, schema.SORT_KEY]:
            raise StoreConfigurationError(f"{self.name} is no session table: its keys are {', '.join(keys)}")
        identity = described.get("TableId") or described.get("TableArn") or self.name
        return Description(identity, described.get("ItemCount", 0), _projection(described))

    def send(
        self, operation: str, parameters: dict[str, Any], stopped: Callable[[], bool] = lambda: False
    ) -> dict[str, Any]:
        """Send a request when the rate allows it, again for a minute after faults that may pass.

        Args:
            operation: the API operation.
            parameters: of the client's method, but for the table's name.
            stopped: whether to give up waiting.

        Raises:
            RefusedError: a condition did not hold.
            UnfitRowError: DynamoDB does not take this row.
            StoppedError: the work was stopped.
            StoreUnavailableError: a fault lasted.
            StoreConfigurationError: table, permission, credentials or region are not right.
        """
        rate = None if operation == "DescribeTable" else self.reads if operation in _READS else self.writes
        uncertain, attempt, give_up = False, 0, 0.0
        if operation != "BatchGetItem":
            parameters = {"TableName": self.name, **parameters}
        while True:
            if rate:
                rate.wait(stopped)
            if stopped():
                raise StoppedError
            try:
                return self._attempt(operation, parameters, rate)
            except Exception as error:  # noqa: BLE001 - a bug is raised by `judge`
                unfit = operation == "PutItem" and _code(error) == "ValidationException"
                outcome = judge(operation, parameters, error, self.name)
            # Raised out here, so that no error carries along, as its context, one that quotes the request.
            if unfit:
                raise UnfitRowError
            if outcome.condition_failed:
                self.writes.take(_units_of_refusal(parameters))
                raise RefusedError(outcome.items, uncertain=uncertain)
            uncertain = uncertain or outcome.uncertain
            give_up = give_up or self.clock.monotonic() + _PATIENCE
            pause = _RANDOM.uniform(0.5, 1) * min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt)
            attempt += 1
            if not outcome.retry or self.clock.monotonic() + pause > give_up:
                raise outcome.error from outcome.cause
            self.clock.sleep(pause)

    def change(self, change: Change, stopped: Callable[[], bool] = lambda: False) -> None:
        """UpdateItem on a condition.

        Raises:
            RefusedError: it did not hold.
        """
        self.send("UpdateItem", update_parameters(change), stopped)

    def read(
        self,
        keys: Iterable[Key],
        names: Sequence[str] = (),
        stopped: Callable[[], bool] = lambda: False,
        *,
        consistent: bool = True,
    ) -> list[Item]:
        """Rows by their keys, in no particular order. Missing ones are left out.

        Args:
            keys: of the rows, any number.
            names: the attributes to read besides the keys, all by default.
            stopped: whether to give up waiting.
            consistent: whether to see all that was written before. It costs twice as much.
        """
        pending = list({row_key(item): item for item in map(key_item, keys)}.values())
        further = projection(names) if names else {}
        found: list[Item] = []
        unprocessed = 0
        while pending:
            batch, pending = pending[:_BATCH], pending[_BATCH:]
            request = {"Keys": batch, "ConsistentRead": consistent, **further}
            reply = self.send("BatchGetItem", {"RequestItems": {self.name: request}}, stopped)
            found += next(iter(reply["Responses"].values()), [])
            rest = [key for left in reply.get("UnprocessedKeys", {}).values() for key in left["Keys"]]
            unprocessed = unprocessed + 1 if rest else 0
            if unprocessed > _PATIENCE:
                raise StoreUnavailableError("BatchGetItem", "the table is throttled")
            if rest:
                self.clock.sleep(min(1.0, _FIRST_PAUSE * 2**unprocessed))
            pending = rest + pending
        return found

    def _attempt(self, operation: str, parameters: dict[str, Any], rate: Rate | None) -> dict[str, Any]:
        asked = {"ReturnConsumedCapacity": "TOTAL"} if rate else {}
        ours = OURS.set(True)
        try:
            reply: dict[str, Any] = getattr(self._client, _METHODS[operation])(**parameters, **asked)
        finally:
            OURS.reset(ours)
        if _ALWAYS_THERE.get(operation, "ConsumedCapacity") not in reply:
            raise NoReplyError("not a whole reply")
        if rate:
            rate.take(_units(reply))
        return reply


def projection(names: Sequence[str]) -> dict[str, Any]:
    """The parameters of a read that asks for some attributes besides the keys."""
    wanted = dict.fromkeys((schema.PARTITION_KEY, schema.SORT_KEY, *names))
    return {
        "ProjectionExpression": ", ".join(f"#{name}" for name in wanted),
        "ExpressionAttributeNames": {f"#{name}": name for name in wanted},
    }


def _units(reply: dict[str, Any]) -> float:
    return sum(float(table.get("CapacityUnits", 0)) for table in tables_of(reply))


def _units_of_refusal(parameters: dict[str, Any]) -> int:
    """The units of a write whose condition did not hold. DynamoDB charges them and does not report them."""
    return -(-item_bytes(parameters["Item"]) // _UNIT_BYTES) if "Item" in parameters else 1


def _code(error: Exception) -> str:
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""


def _projection(described: dict[str, Any]) -> frozenset[str] | None:
    for index in described.get("GlobalSecondaryIndexes", ()):
        if index["IndexName"] == schema.INDEX_NAME:
            return frozenset(index.get("Projection", {}).get("NonKeyAttributes", ()))
    return None
