"""The meaning of the SDK's exceptions: retry or not, took effect or not, and the typed error that callers get."""

from __future__ import annotations

from traceback import walk_tb
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    TokenRetrievalError,
)
from botocore.exceptions import (
    ConnectionError as BotoConnectionError,
)
from botocore.parsers import ResponseParserError

from session_store.errors import (
    InvalidInputError,
    SessionStoreError,
    StoreConfigurationError,
    StoreUnavailableError,
    ThrottledError,
)
from session_store.storage.items import row_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.storage.attribute_values import Item

THROTTLING: Final = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottledException",
        "ThrottlingException",
        "ThrottlingError",
        "TooManyRequestsException",
        "ProvisionedThroughputExceeded",
    }
)
_TRANSIENT: Final = frozenset(
    {
        "InternalServerError",
        "ReplicatedWriteConflictException",
        "ServiceUnavailable",
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
_CREDENTIALS: Final = frozenset(
    {
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "NotAuthorized",
        "UnrecognizedClientException",
    }
)
CREDENTIAL_ERRORS: Final = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    TokenRetrievalError,
    NoRegionError,
)
_SERVER_ERROR: Final = 500
_READING: Final = ("botocore.parsers", "botocore.endpoint")


class Outcome(NamedTuple):
    """The meaning of a failed attempt.

    Attributes:
        error: the typed error, if this was the last attempt.
        retry: whether trying again can help.
        uncertain: whether the attempt may have taken effect.
        condition_failed: a condition did not hold. Not an error of DynamoDB's at all.
        items: with it, the current item of each part.
    """

    error: SessionStoreError
    retry: bool = False
    uncertain: bool = False
    condition_failed: bool = False
    items: tuple[Item | None, ...] = ()


def judge(operation: str, parameters: Mapping[str, Any], error: Exception, table_name: str) -> Outcome:
    """Judge one failed attempt. Messages of the service are not passed on. They can quote values of the request.

    Args:
        operation: the API operation.
        parameters: of the request.
        error: the SDK's, or what its parser raised.
        table_name: for messages.

    Raises:
        Exception: the error itself, a bug, when it does not come of reading the reply.
    """
    if isinstance(error, ClientError):
        return _judge_reply(operation, parameters, error, table_name)
    if isinstance(error, CREDENTIAL_ERRORS):
        return Outcome(StoreConfigurationError(f"{operation}: no usable AWS credentials ({type(error).__name__})"))
    if isinstance(error, ParamValidationError):
        return Outcome(InvalidInputError("request", "was refused by the SDK before it was sent", confidential=True))
    if isinstance(error, EndpointConnectionError | ConnectTimeoutError):
        return Outcome(_unavailable(operation, f"DynamoDB could not be reached{_at(error)}"), retry=True)
    if isinstance(error, HTTPClientError | BotoConnectionError | ResponseParserError):
        return _no_reply(operation)
    if not isinstance(error, BotoCoreError):
        if not _comes_of_the_reply(error):
            raise error
        return _no_reply(operation)
    return Outcome(_unavailable(operation, type(error).__name__), uncertain=True)


def _comes_of_the_reply(error: Exception) -> bool:
    """Whether an error was raised where the SDK reads a reply."""
    modules = {frame.f_globals.get("__name__") for frame, _ in walk_tb(error.__traceback__)}
    return not modules.isdisjoint(_READING)


def _at(error: EndpointConnectionError | ConnectTimeoutError) -> str:
    """The host that was tried, and nothing else of the URL. There may be credentials in it."""
    parts = urlsplit(str(error.kwargs.get("endpoint_url", "")))
    return f" at {parts.netloc.rpartition('@')[2]}" if parts.hostname else ""


def _judge_reply(operation: str, parameters: Mapping[str, Any], error: ClientError, table_name: str) -> Outcome:
    reply: dict[str, Any] = dict(error.response)
    code = reply.get("Error", {}).get("Code", "")
    if code == "ConditionalCheckFailedException":
        return _condition_failed(operation, parameters, (_item_of(reply),))
    if code == "TransactionCanceledException":
        return _judge_cancellation(operation, parameters, reply, table_name)
    status = reply.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return _judge_code(operation, code, status, table_name)


def _judge_code(operation: str, code: str, status: int, table_name: str) -> Outcome:
    if code in THROTTLING:
        return Outcome(ThrottledError(operation, "the table is throttled"), retry=True)
    if code in _TRANSIENT or status >= _SERVER_ERROR:
        return Outcome(_unavailable(operation, f"DynamoDB answered {code or status}"), retry=True, uncertain=True)
    if code in {"", str(status)}:  # so the SDK says that the body has none: it does not come from DynamoDB
        return _no_reply(operation)
    if code == "ResourceNotFoundException":
        return Outcome(
            StoreConfigurationError(f"{operation}: there is no table {table_name} (with its index) in this region")
        )
    if code in {"AccessDeniedException", "AccessDenied"}:
        return Outcome(
            StoreConfigurationError(
                f"dynamodb:{operation} on table {table_name} is not allowed: grant it to the caller"
            )
        )
    if code == "ValidationException":  # among them: no such index
        return Outcome(
            StoreConfigurationError(
                f"{operation}: DynamoDB refuses it: is {table_name} a session table, with its index?"
            )
        )
    if code in _CREDENTIALS:
        return Outcome(StoreConfigurationError(f"{operation}: AWS does not accept the credentials ({code})"))
    return Outcome(StoreConfigurationError(f"{operation}: the endpoint refuses it ({code}): is it DynamoDB's?"))


def _judge_cancellation(
    operation: str, parameters: Mapping[str, Any], reply: dict[str, Any], table_name: str
) -> Outcome:
    """A transaction's reasons, one per part. Conflict and throttling come before conditions. Then those are unknown."""
    reasons: list[dict[str, Any]] = reply.get("CancellationReasons", [])
    for reason in reasons:
        code = reason.get("Code", "None")
        if code not in {"None", "ConditionalCheckFailed"}:
            return _judge_code(operation, code, 0, table_name)
    if not reasons:
        return Outcome(_unavailable(operation, "DynamoDB cancelled the transaction"), retry=True)
    return _condition_failed(operation, parameters, tuple(map(_item_of, reasons)))


def _condition_failed(operation: str, parameters: Mapping[str, Any], items: tuple[Item | None, ...]) -> Outcome:
    keys = _written_keys(parameters)
    both = zip(items, keys, strict=False)
    if len(items) != len(keys) or any(item and row_key(item) != row_key(key) for item, key in both):
        return _no_reply(operation)  # it is another request's
    return Outcome(_unavailable(operation, "condition failed"), condition_failed=True, items=items)


def _written_keys(parameters: Mapping[str, Any]) -> list[Item]:
    """The keys of a write's parts, among other attributes of a put, none of a read."""
    if "ConditionExpression" in parameters:
        return [parameters["Item"] if "Item" in parameters else parameters["Key"]]
    parts = [part for entry in parameters.get("TransactItems", ()) for part in entry.values()]
    return [key for part in parts for key in _written_keys(part)]


def _no_reply(operation: str) -> Outcome:
    return Outcome(_unavailable(operation, "no usable reply from DynamoDB"), retry=True, uncertain=True)


def _item_of(reply: dict[str, Any]) -> Item | None:
    return reply.get("Item") or None


def _unavailable(operation: str, cause: str) -> StoreUnavailableError:
    return StoreUnavailableError(operation, cause)
