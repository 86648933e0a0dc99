"""Which errors `@session` answers itself, as problem details, and which are the application's to see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from session_store.errors import (
    ConflictError,
    CrossSiteRequestError,
    InvalidTokenError,
    PreconditionFailedError,
    ReauthenticationRequiredError,
    SessionRequiredError,
    StoreConfigurationError,
    StoreUnavailableError,
)
from session_store.log import LOGGER

if TYPE_CHECKING:
    from session_store.errors import SessionStoreError

_OPERATORS: Final = (StoreUnavailableError, StoreConfigurationError)
_VISITORS: Final = (
    InvalidTokenError,
    ReauthenticationRequiredError,
    SessionRequiredError,
    CrossSiteRequestError,
    ConflictError,
)


def failure_result(error: SessionStoreError) -> dict[str, Any] | None:
    """The result that answers an error; None for one that points to a fault in the application's code."""
    if not isinstance(error, _OPERATORS + _VISITORS) or isinstance(error, PreconditionFailedError):
        return None
    if isinstance(error, _OPERATORS):
        LOGGER.error("%s: %s", type(error).__name__, error)
    from session_store.kernel.problems import problem_answer  # noqa: PLC0415 - only a request that fails pays for it

    return problem_answer(error, with_keys=False).render()  # the application's keys are not the visitor's to know
