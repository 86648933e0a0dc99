"""One request to DynamoDB after another under a deadline: one attempt, one retry loop, typed outcomes.

No reply is taken for one that is not whole, not intact or not ours. The SDK reads a body that is not JSON as an empty
reply, and does not look at the checksum that DynamoDB sends along. A missing part would pass for "not there".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from session_store.errors import StoreUnavailableError, ThrottledError
from session_store.storage.deadline import Deadline
from session_store.storage.items import row_key
from session_store.storage.sdk_client import OURS
from session_store.transport import CONNECT_TIMEOUT, READ_TIMEOUT
from session_store.transport.faults import NoReplyError, UnreadFormError

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.clock import Clock
    from session_store.meter import Meter
    from session_store.storage.attribute_values import Item
    from session_store.transport.connections import Begun

METHODS: Final = {
    "GetItem": "get_item",
    "Query": "query",
    "BatchGetItem": "batch_get_item",
    "PutItem": "put_item",
    "UpdateItem": "update_item",
    "TransactWriteItems": "transact_write_items",
    "BatchWriteItem": "batch_write_item",
}
ONE_ATTEMPT: Final = CONNECT_TIMEOUT + READ_TIMEOUT
"""Seconds that it takes at most."""
# Fields that every whole reply has. Of the other operations it may be empty: they are always asked to say what they
# consumed, which costs nothing. These are asked where an observer wants to know.
_ALWAYS_THERE: Final = {
    "Query": ("Items",),
    "BatchGetItem": ("Responses", "UnprocessedKeys"),
    "BatchWriteItem": ("UnprocessedItems",),
}
_WHEN_ASKED: Final = ("ConsumedCapacity",)
_ASKED: Final = {"ReturnConsumedCapacity": "TOTAL"}
_NOTHING_ASKED: Final[dict[str, str]] = {}


class DynamoDBClient(Protocol):
    """The methods that the library needs of a botocore or boto3 client. Fits a client typed by boto3-stubs, too."""

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


class RefusedError(Exception):
    """A write's condition did not hold.

    Attributes:
        items: the current items, one per part of the write, None where there is none or the part was not refused.
        uncertain: an attempt before this one may have taken effect without a reply.
    """

    def __init__(self, items: tuple[Item | None, ...], *, uncertain: bool) -> None:
        super().__init__("condition failed")
        self.items = items
        self.uncertain = uncertain


class Requests:
    """Sends the requests of one public method.

    Args:
        table_name: for messages.
        client: sends one request and does not retry.
        clock: tells the time.
        meter: what an observer gets to know of them, None without one.

    Attributes:
        table_name: the same.
        deadline: of all of them together.
        meter: the same.
    """

    def __init__(self, table_name: str, client: DynamoDBClient, clock: Clock, meter: Meter | None = None) -> None:
        self.table_name = table_name
        self._client = client
        self.deadline = Deadline(clock, ONE_ATTEMPT)
        self.meter = meter
        self._sent = False

    def send(
        self,
        operation: str,
        parameters: dict[str, Any],
        attempts: int | None = None,
        again: Callable[[], dict[str, Any]] | None = None,
        begun: Callable[[], dict[str, Any]] | None = None,
    ) -> dict[str, Any]:
        """Send a request, again after faults that may pass, until the deadline.

        Args:
            operation: the API operation.
            parameters: of the client's method.
            attempts: how many at most, None for as many as there is time for.
            again: makes the parameters once an attempt may have taken effect, None for the same.
            begun: reads the reply if the request was sent by `ahead`.

        Raises:
            RefusedError: a condition did not hold.
            StoreUnavailableError: a fault outlasted the deadline.
            StoreConfigurationError: table, permission, credentials or region are not right.
        """
        if not begun:
            self.check_time(operation)
        uncertain = False
        attempt = 0
        while True:
            ours = OURS.set(True)
            try:
                if begun and not attempt:
                    reply = begun()
                else:
                    reply = getattr(self._client, METHODS[operation])(**parameters, **self._asked(operation))
                _check_reply(operation, parameters, reply)
                if self.meter is not None:
                    self.meter.consume(operation, reply)
                return reply
            except Exception as error:  # noqa: BLE001 - a bug is raised by `judge`
                from session_store.storage.faults import judge  # noqa: PLC0415 - no cold start has to compile it

                outcome = judge(operation, parameters, error, self.table_name)
                if isinstance(error, UnreadFormError):
                    self._note_left(error)
            finally:
                OURS.reset(ours)
            # Raised out here, so that no error carries along, as its context, one that quotes the request.
            if outcome.condition_failed:
                raise RefusedError(outcome.items, uncertain=uncertain)
            if outcome.uncertain and not uncertain:
                uncertain, parameters = True, again() if again else parameters
            attempt += 1
            if not outcome.retry or attempt == attempts or not self.deadline.pause(attempt):
                raise outcome.error from outcome.cause
            self._note_retry()

    def ahead(self, operation: str, parameters: dict[str, Any]) -> Begun | None:
        """Send a request whose reply `send` is to read later. None where the client cannot do that.

        Raises:
            StoreUnavailableError: there is no time for it.
        """
        self.check_time(operation)
        begin = getattr(type(self._client), "begin", None)
        return begin and begin(self._client, operation, **parameters, **self._asked(operation))

    def _asked(self, operation: str) -> dict[str, str]:
        return _NOTHING_ASKED if self.meter is None and operation in _ALWAYS_THERE else _ASKED

    def check_time(self, operation: str) -> None:
        """Refuse a further call, to this or another service, for which there is no time.

        Raises:
            StoreUnavailableError: there is none.
        """
        if self.deadline.too_short:
            raise StoreUnavailableError(operation, "the Lambda call has too little time left for it")
        if self._sent and self.deadline.passed:
            raise StoreUnavailableError(operation, "no time was left for it")
        self._sent = True

    def wait_for_rest(self, operation: str, pending: object, attempt: int) -> int:
        """Wait before the rest of a batch is sent. Unprocessed keys are throttling by another name.

        Returns:
            The number of the next attempt.

        Raises:
            ThrottledError: there is no time left.
        """
        if pending and not self.deadline.pause(attempt):
            raise ThrottledError(operation, "the table is throttled")
        if pending:
            self._note_retry()
        return attempt + 1

    def _note_left(self, error: UnreadFormError) -> None:
        from session_store.catalog.metrics import Metric  # noqa: PLC0415 - for this rare case alone
        from session_store.log import logger  # noqa: PLC0415 - likewise

        logger().warning("%s, form=%s: botocore goes on", Metric.TRANSPORT_LEFT, error.form)
        if self.meter is not None:
            self.meter.count(Metric.TRANSPORT_LEFT)

    def _note_retry(self) -> None:
        if self.meter is not None:
            self.meter.retry()


def _check_reply(operation: str, parameters: dict[str, Any], reply: dict[str, Any]) -> None:
    """Refuse a reply that is not whole, or to another request, as far as that can be told. Writes have little to say.

    Raises:
        NoReplyError: it is.
    """
    try:
        for field in _ALWAYS_THERE.get(operation, _WHEN_ASKED):
            reply[field]
        if operation == "Query":
            _check_page(parameters, reply)
        elif operation == "BatchGetItem":
            _check_batch(parameters["RequestItems"], reply)
        elif operation == "BatchWriteItem":
            _check_rest(parameters["RequestItems"], reply["UnprocessedItems"])
        elif (item := reply["Attributes"] if "ReturnValues" in parameters else reply.get("Item")) is not None:
            _check(row_key(item) == row_key(parameters["Key"]))
    except (AttributeError, LookupError, TypeError):
        raise NoReplyError("not a whole reply") from None


def _check(holds: bool) -> None:  # noqa: FBT001 - it is what is checked
    if not holds:
        raise NoReplyError("a reply to another request")


def _check_page(parameters: dict[str, Any], reply: dict[str, Any]) -> None:
    """Of each query the partition is called so."""
    name, partition = parameters["ExpressionAttributeNames"]["#pk"], parameters["ExpressionAttributeValues"][":pk"]
    last = reply.get("LastEvaluatedKey")
    for item in reply["Items"] if last is None else [*reply["Items"], last]:
        if item[name] != partition:
            raise NoReplyError("a reply to another query")


def _check_batch(requested: dict[str, Any], reply: dict[str, Any]) -> None:
    found, rest = reply["Responses"], reply["UnprocessedKeys"]
    for table, request in requested.items():
        keys = set(map(row_key, request["Keys"]))
        _check(table in found or table in rest)
        _check(keys.issuperset(map(row_key, found.get(table, ()))))
    all_keys, keys_left = ({name: part["Keys"] for name, part in side.items()} for side in (requested, rest))
    _check_rest(all_keys, keys_left)


def _check_rest(requested: dict[str, list[Any]], rest: dict[str, list[Any]]) -> None:
    """Check that the rest that a batch left undone is a part of that batch."""
    for table, entries in rest.items():
        _check(all(entry in requested[table] for entry in entries))
