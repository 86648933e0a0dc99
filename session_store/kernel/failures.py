"""Which errors are answered for an application, as problem details, and which are the application's own to see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from session_store.errors import (
    AnotherSessionError,
    ConflictError,
    CrossSiteRequestError,
    DataTooLargeError,
    InvalidTokenError,
    PreconditionFailedError,
    ReauthenticationRequiredError,
    SessionRequiredError,
    StoreConfigurationError,
    StoreUnavailableError,
)
from session_store.kernel.problems import problem_answer
from session_store.log import logger

if TYPE_CHECKING:
    from session_store.errors import SessionStoreError
    from session_store.kernel.response import Response

_OPERATORS: Final = (StoreUnavailableError, StoreConfigurationError)
_VISITORS: Final = (
    InvalidTokenError,
    ReauthenticationRequiredError,
    SessionRequiredError,
    CrossSiteRequestError,
    AnotherSessionError,
    ConflictError,
    DataTooLargeError,
)


def response_to(error: SessionStoreError) -> Response:
    """The response to a request that failed.

    Raises:
        SessionStoreError: the error itself, when it points to a fault in the application's code.
    """
    if not isinstance(error, _OPERATORS + _VISITORS) or isinstance(error, PreconditionFailedError):
        raise error
    if isinstance(error, _OPERATORS):
        logger().error("%s: %s", type(error).__name__, error)
    return problem_answer(error, with_keys=False).response()  # the application's keys are not the visitor's to know
