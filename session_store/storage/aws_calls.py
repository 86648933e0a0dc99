"""Calls to KMS, S3 and Secrets Manager, again after faults that may pass, until the deadline, with typed errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from session_store.errors import SessionStoreError, StoreConfigurationError, StoreUnavailableError, ThrottledError
from session_store.storage.deadline import Deadline
from session_store.storage.requests import ONE_ATTEMPT

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.clock import Clock

_SERVER_ERROR: Final = 500
_TRANSIENT: Final = frozenset(
    {
        *("ConditionalRequestConflict", "RequestTimeout"),
        *("DependencyTimeoutException", "KeyUnavailableException", "KMSInternalException"),
    }
)


def call(operation: str, method: Callable[..., dict[str, Any]], clock: Clock, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - of the method
    """Make one call under a deadline of 4 seconds, less where the Lambda call has less time left.

    Args:
        operation: its name, for messages.
        method: of a client that makes one attempt.
        clock: tells the time.
        parameters: of the method.

    Raises:
        StoreUnavailableError: a fault outlasted the deadline. Throttling is a ThrottledError.
        StoreConfigurationError: the key or the secret, a permission or the credentials are not right.
    """
    deadline = Deadline(clock, ONE_ATTEMPT)
    if deadline.too_short:
        raise StoreUnavailableError(operation, "the Lambda call has too little time left")
    return call_within(deadline, operation, method, **parameters)


def call_within(
    deadline: Deadline,
    operation: str,
    method: Callable[..., dict[str, Any]],
    *,
    called: str = "the key or the secret",
    **parameters: Any,  # noqa: ANN401 - of the method
) -> dict[str, Any]:
    """The same as a part of a method that has a deadline. Messages name the resource that is `called`."""
    attempt = 0
    while True:
        try:
            return method(**parameters)
        except (ClientError, BotoCoreError) as error:
            fault = _judge(operation, error, called)
        attempt += 1
        # Raised out here: as its context the error would carry one that quotes the request or the reply.
        if not isinstance(fault, StoreUnavailableError) or not deadline.pause(attempt):
            raise fault


def _judge(operation: str, error: ClientError | BotoCoreError, called: str) -> SessionStoreError:
    from session_store.storage.aws_errors import CREDENTIAL_ERRORS  # noqa: PLC0415 - for faults alone
    from session_store.storage.outcomes import THROTTLING  # noqa: PLC0415 - likewise

    if isinstance(error, CREDENTIAL_ERRORS):
        return StoreConfigurationError(f"{operation}: no usable AWS credentials ({type(error).__name__})")
    if not isinstance(error, ClientError):
        return StoreUnavailableError(operation, f"there was no answer ({type(error).__name__})")
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in THROTTLING:
        return ThrottledError(operation, "it is throttled")
    if code in _TRANSIENT or status >= _SERVER_ERROR:
        return StoreUnavailableError(operation, f"it failed ({code})")
    return StoreConfigurationError(f"{operation}: {code}: check {called}, and the caller's policy")
