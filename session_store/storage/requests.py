"""One request to DynamoDB after another under a deadline: one attempt, one retry loop, typed outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from session_store.aws.connection import CONNECT_TIMEOUT, READ_TIMEOUT, harmless_cause
from session_store.errors import StoreUnavailableError, ThrottledError
from session_store.storage.deadline import Deadline
from session_store.storage.sdk_log import UNLOGGED

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.clock import Clock
    from session_store.storage.attribute_values import Item

METHODS: Final = {
    "GetItem": "get_item",
    "Query": "query",
    "BatchGetItem": "batch_get_item",
    "PutItem": "put_item",
    "UpdateItem": "update_item",
    "TransactWriteItems": "transact_write_items",
    "BatchWriteItem": "batch_write_item",
}
_ONE_ATTEMPT: Final = CONNECT_TIMEOUT + READ_TIMEOUT
# A reply without them is no reply: nothing read from it may pass for "not there".
_ALWAYS_THERE: Final = {"Query": "Items", "BatchGetItem": "Responses"}


class DynamoDBClient(Protocol):
    """The methods that the library needs of a botocore or boto3 client; fits a client typed by boto3-stubs, too."""

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
        items: the current items, one per part of the write; None where there is none or the part was not refused.
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

    Attributes:
        deadline: of all of them together.
    """

    def __init__(self, table_name: str, client: DynamoDBClient, clock: Clock) -> None:
        self._table_name = table_name
        self._client = client
        self.deadline = Deadline(clock, _ONE_ATTEMPT)
        self._sent = False

    def send(self, operation: str, parameters: dict[str, Any], attempts: int | None = None) -> dict[str, Any]:
        """Send a request, again after faults that may pass, until the deadline.

        Args:
            operation: the API operation.
            parameters: of the client's method.
            attempts: how many at most; None for as many as there is time for.

        Raises:
            RefusedError: a condition did not hold.
            StoreUnavailableError: a fault outlasted the deadline.
            StoreConfigurationError: table, permission, credentials or region are not right.
        """
        if self._sent and self.deadline.passed:
            raise StoreUnavailableError(operation, "no time was left for it")
        self._sent = True
        uncertain = False
        attempt = 0
        while True:
            logged = UNLOGGED.set(True)
            try:
                reply: dict[str, Any] = getattr(self._client, METHODS[operation])(**parameters)
                if operation in _ALWAYS_THERE and _ALWAYS_THERE[operation] not in reply:
                    raise ResponseParserError(f"{operation}: incomplete reply")  # noqa: TRY301 - judged like the SDK's own
                return reply
            except (ClientError, BotoCoreError, ResponseParserError) as error:
                from session_store.storage.aws_errors import judge  # noqa: PLC0415 - no cold start has to compile it

                outcome, cause = judge(operation, error, self._table_name), harmless_cause(error)
            finally:
                UNLOGGED.reset(logged)
            # Raised out here, so that no error carries along, as its context, one that quotes the request.
            if outcome.condition_failed:
                raise RefusedError(outcome.items, uncertain=uncertain)
            uncertain = uncertain or outcome.uncertain
            attempt += 1
            if not outcome.retry or attempt == attempts or not self.deadline.pause(attempt):
                raise outcome.error from cause

    def wait_for_rest(self, operation: str, pending: object, attempt: int) -> int:
        """Wait before the rest of a batch is sent: unprocessed keys are throttling by another name.

        Returns:
            The number of the next attempt.

        Raises:
            ThrottledError: there is no time left.
        """
        if pending and not self.deadline.pause(attempt):
            raise ThrottledError(operation, "the table is throttled")
        return attempt + 1
