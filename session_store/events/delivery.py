"""Requests of several entries. AWS accepts or refuses each by itself. Passing faults are tried again in time."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Final, TypeAlias

from botocore.exceptions import ClientError, HTTPClientError, ParamValidationError
from botocore.exceptions import ConnectionError as BotoConnectionError
from botocore.parsers import ResponseParserError

from session_store.log import logger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from session_store.storage.deadline import Deadline

    Send: TypeAlias = Callable[[Sequence[int]], Sequence[str | None]]

_TOO_LARGE: Final = 413
_SERVER_ERROR: Final = 500
_PASSING: Final = frozenset(
    {
        "InternalError",
        "InternalException",
        "InternalFailure",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
# The entry itself is wrong. Every other code is of what all entries share: a permission, the bus, the queue.
_OF_THE_ENTRY: Final = frozenset(
    {"InvalidArgument", "MalformedDetail", "SerializationException", "ValidationException"}
)
_NO_REPLY: Final = (HTTPClientError, BotoConnectionError, ResponseParserError)


class Answer(Enum):
    """The outcome of an entry."""

    ACCEPTED = auto()
    REFUSED = auto()  # for a reason of its own: trying again does not help
    PASSING = auto()  # not accepted for now
    FAILED = auto()  # not accepted, nor would another one be


def deliver(send: Send, entries: Sequence[int], deadline: Deadline) -> dict[int, Answer]:
    """Send entries until each is accepted, or refused, or there is no time left.

    Args:
        send: sends those with these numbers in one request. Its result has for each the code of its error, or None.
        entries: their numbers, in order.
        deadline: when no further attempt may start. The first one is always made.

    Returns:
        The outcome of each. Those for which there was no time left have failed.
    """
    outcomes: dict[int, Answer] = {}
    pending, attempt = list(entries), 0
    while pending:
        outcomes |= _attempt(send, pending, deadline)
        pending = [number for number in pending if outcomes[number] is Answer.PASSING]
        if pending and not deadline.pause(attempt):
            return outcomes | dict.fromkeys(pending, Answer.FAILED)
        attempt += 1
    return outcomes


def _attempt(send: Send, pending: Sequence[int], deadline: Deadline) -> dict[int, Answer]:
    try:
        codes = send(pending)
    except Exception as error:  # noqa: BLE001 - the changes come again after any error
        answer = _judge(error)
        _log(len(pending), _name(error))
        if answer is Answer.REFUSED and len(pending) > 1:
            return _one_by_one(send, pending, deadline)
        return dict.fromkeys(pending, answer)
    if len(codes) != len(pending):
        _log(len(pending), "the reply is not whole")
        return dict.fromkeys(pending, Answer.PASSING)
    for code in sorted({code for code in codes if code}):
        _log(codes.count(code), code)
    return {number: _answer_of(code) if code else Answer.ACCEPTED for number, code in zip(pending, codes, strict=True)}


def _one_by_one(send: Send, pending: Sequence[int], deadline: Deadline) -> dict[int, Answer]:
    """Send the entries of a request that was refused for one of them."""
    outcomes: dict[int, Answer] = {}
    for number in pending:
        outcomes |= {number: Answer.PASSING} if deadline.passed else _attempt(send, [number], deadline)
    return outcomes


def _answer_of(code: str, status: int = 0) -> Answer:
    """The outcome that an error means, of an entry by itself or of the whole request with its status of HTTP."""
    if code in _PASSING or status >= _SERVER_ERROR:
        return Answer.PASSING
    return Answer.REFUSED if code in _OF_THE_ENTRY or status == _TOO_LARGE else Answer.FAILED


def _judge(error: Exception) -> Answer:
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return _answer_of(error.response.get("Error", {}).get("Code", ""), status)
    if isinstance(error, ParamValidationError):
        return Answer.REFUSED
    return Answer.PASSING if isinstance(error, _NO_REPLY) else Answer.FAILED


def _name(error: Exception) -> str:
    """The error's code, or its class. Its message may quote the request."""
    code = error.response.get("Error", {}).get("Code") if isinstance(error, ClientError) else None
    return code or type(error).__name__


def _log(number: int, problem: str) -> None:
    logger().warning("%d entries were not sent: %s", number, problem)
