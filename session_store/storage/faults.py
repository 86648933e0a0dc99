"""The meaning of a failed attempt, by the transport's errors and by the SDK's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from session_store.errors import StoreConfigurationError
from session_store.storage.outcomes import Outcome, judge_reply, no_reply, not_reached
from session_store.transport.faults import NoReplyError, NotSentError, ReplyError, UntrustedError

if TYPE_CHECKING:
    from collections.abc import Mapping


def judge(operation: str, parameters: Mapping[str, Any], error: Exception, table_name: str) -> Outcome:
    """Judge one failed attempt. Messages of the service are not passed on. They can quote values of the request.

    Args:
        operation: the API operation.
        parameters: of the request.
        error: the transport's, or what an SDK's client raised.
        table_name: for messages.

    Raises:
        Exception: the error itself, a bug, when it does not come of reading the reply.
    """
    if isinstance(error, ReplyError):
        return judge_reply(operation, parameters, error.code, error.status, error.body, table_name)
    if isinstance(error, NotSentError):
        return not_reached(operation, f" at {error.host}", error.__cause__)
    if isinstance(error, UntrustedError):
        return Outcome(StoreConfigurationError(f"{operation}: {error}"), cause=error.__cause__)
    if isinstance(error, NoReplyError):
        return no_reply(operation, error.__cause__)
    from session_store.storage.aws_errors import judge_sdk_error  # noqa: PLC0415 - loads the SDK

    return judge_sdk_error(operation, parameters, error, table_name)
