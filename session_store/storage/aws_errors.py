"""The meaning of the SDK's exceptions. Only a store on a client of the SDK loads this module."""

from __future__ import annotations

from traceback import walk_tb
from typing import TYPE_CHECKING, Any, Final
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

from session_store.aws.connection import harmless_cause
from session_store.errors import InvalidInputError, StoreConfigurationError, StoreUnavailableError
from session_store.storage.outcomes import Outcome, judge_reply, no_reply, not_reached

if TYPE_CHECKING:
    from collections.abc import Mapping

CREDENTIAL_ERRORS: Final = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    TokenRetrievalError,
    NoRegionError,
)
_READING: Final = ("botocore.parsers", "botocore.endpoint")


def judge_sdk_error(operation: str, parameters: Mapping[str, Any], error: Exception, table_name: str) -> Outcome:
    """Judge an attempt of an SDK's client.

    Args:
        operation: the API operation.
        parameters: of the request.
        error: the SDK's, or what its parser raised.
        table_name: for messages.

    Raises:
        Exception: the error itself, a bug, when it does not come of reading the reply.
    """
    if isinstance(error, ClientError):
        reply: Mapping[str, Any] = error.response
        code = reply.get("Error", {}).get("Code", "")
        status = reply.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return judge_reply(operation, parameters, code, status, reply, table_name)
    if isinstance(error, BotoCoreError):
        return _judge_failure(operation, error)._replace(cause=harmless_cause(error))
    if not isinstance(error, ResponseParserError) and not _comes_of_the_reply(error):
        raise error
    return no_reply(operation)


def _judge_failure(operation: str, error: BotoCoreError) -> Outcome:
    if isinstance(error, CREDENTIAL_ERRORS):
        return Outcome(StoreConfigurationError(f"{operation}: no usable AWS credentials ({type(error).__name__})"))
    if isinstance(error, ParamValidationError):
        return Outcome(InvalidInputError("request", "was refused by the SDK before it was sent", confidential=True))
    if isinstance(error, EndpointConnectionError | ConnectTimeoutError):
        return not_reached(operation, _at(error), None)
    if isinstance(error, HTTPClientError | BotoConnectionError):
        return no_reply(operation)
    return Outcome(StoreUnavailableError(operation, type(error).__name__), uncertain=True)


def _comes_of_the_reply(error: Exception) -> bool:
    """Whether an error was raised where the SDK reads a reply."""
    modules = {frame.f_globals.get("__name__") for frame, _ in walk_tb(error.__traceback__)}
    return not modules.isdisjoint(_READING)


def _at(error: EndpointConnectionError | ConnectTimeoutError) -> str:
    """The host that was tried, and nothing else of the URL. There may be credentials in it."""
    parts = urlsplit(str(error.kwargs.get("endpoint_url", "")))
    return f" at {parts.netloc.rpartition('@')[2]}" if parts.hostname else ""
