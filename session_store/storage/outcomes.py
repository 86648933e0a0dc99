"""The outcomes of failed attempts: retry or not, took effect or not, and the typed error that callers get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from session_store.errors import SessionStoreError, StoreConfigurationError, StoreUnavailableError, ThrottledError
from session_store.storage.items import row_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.storage.attribute_values import Item

THROTTLING: Final = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
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
_SERVER_ERROR: Final = 500


class Outcome(NamedTuple):
    """The meaning of a failed attempt.

    Attributes:
        error: the typed error, if this was the last attempt.
        retry: whether trying again can help.
        uncertain: whether the attempt may have taken effect.
        condition_failed: a condition did not hold. Not an error of DynamoDB's at all.
        items: with it, the current item of each part.
        cause: an error to show in tracebacks behind the typed one, None where it may quote the request or the reply.
    """

    error: SessionStoreError
    retry: bool = False
    uncertain: bool = False
    condition_failed: bool = False
    items: tuple[Item | None, ...] = ()
    cause: BaseException | None = None


def judge_reply(  # noqa: PLR0917 - the parts of a reply
    operation: str, parameters: Mapping[str, Any], code: str, status: int, reply: Mapping[str, Any], table_name: str
) -> Outcome:
    """Judge an error reply.

    Args:
        operation: the API operation.
        parameters: of the request.
        code: the kind of error.
        status: of HTTP.
        reply: all of it.
        table_name: for messages.
    """
    try:
        if code == "ConditionalCheckFailedException":
            return _condition_failed(operation, parameters, (_item_of(reply),))
        if code == "TransactionCanceledException":
            return _judge_cancellation(operation, parameters, reply, table_name)
    except (AttributeError, TypeError):  # a part of it is of another kind than DynamoDB's
        return no_reply(operation)
    return _judge_code(operation, code, status, table_name)


def not_reached(operation: str, where: str, cause: BaseException | None) -> Outcome:
    """The outcome of an attempt without a connection."""
    return Outcome(_unavailable(operation, f"DynamoDB could not be reached{where}"), retry=True, cause=cause)


def no_reply(operation: str, cause: BaseException | None = None) -> Outcome:
    """The outcome of a request that was sent, and got no reply that can be used."""
    error = _unavailable(operation, "no usable reply from DynamoDB")
    return Outcome(error, retry=True, uncertain=True, cause=cause)


def _judge_code(operation: str, code: str, status: int, table_name: str) -> Outcome:
    if code in THROTTLING:
        return Outcome(ThrottledError(operation, "the table is throttled"), retry=True)
    if code in _TRANSIENT or status >= _SERVER_ERROR:
        return Outcome(_unavailable(operation, f"DynamoDB answered {code or status}"), retry=True, uncertain=True)
    if code in {"", str(status)}:  # so the SDK says that the body has none: it does not come from DynamoDB
        return no_reply(operation)
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
    operation: str, parameters: Mapping[str, Any], reply: Mapping[str, Any], table_name: str
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
        return no_reply(operation)  # it is another request's
    return Outcome(_unavailable(operation, "condition failed"), condition_failed=True, items=items)


def _written_keys(parameters: Mapping[str, Any]) -> list[Item]:
    """The keys of a write's parts, among other attributes of a put, none of a read."""
    if "ConditionExpression" in parameters:
        return [parameters["Item"] if "Item" in parameters else parameters["Key"]]
    parts = [part for entry in parameters.get("TransactItems", ()) for part in entry.values()]
    return [key for part in parts for key in _written_keys(part)]


def _item_of(reply: Mapping[str, Any]) -> Item | None:
    return reply.get("Item") or None


def _unavailable(operation: str, cause: str) -> StoreUnavailableError:
    return StoreUnavailableError(operation, cause)
