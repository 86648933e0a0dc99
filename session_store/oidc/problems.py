"""Failed sign-ins, and logouts, as problem details. The visitor learns no more than what to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from session_store.errors import InvalidInputError, ProviderSessionEndedError
from session_store.jwt.errors import KeysUnavailableError
from session_store.kernel.failures import response_to
from session_store.kernel.problems import PROBLEM_JSON, TYPE_PREFIX, MethodNotAllowedError, Problem, problem_answer
from session_store.kernel.response import Answer, Response
from session_store.log import logger
from session_store.oidc import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.errors import SessionStoreError

_UNAVAILABLE: Final = Problem(
    503, "identity-provider-unavailable", "Temporarily unavailable", "The identity provider does not answer; try again."
)
# The nearest base class counts.
PROBLEMS: Final[Mapping[type[BaseException], Problem]] = {
    errors.SignInNotBegunError: Problem(
        400, "sign-in-not-begun", "Sign in again", "This sign-in was begun too long ago, or elsewhere, or is over."
    ),
    errors.ProviderRefusedError: Problem(
        403, "sign-in-refused", "Not signed in", "The identity provider did not sign you in."
    ),
    errors.SignInRefusedError: Problem(403, "sign-in-refused", "Not signed in", "This account is not let in."),
    ProviderSessionEndedError: Problem(
        403, "sign-in-refused", "Not signed in", "The identity provider has signed you out meanwhile; sign in again."
    ),
    errors.StepUpNotMetError: Problem(
        403, "step-up-not-met", "Not signed in", "A stronger or more recent sign-in is needed."
    ),
    errors.ProviderAnswerError: Problem(
        502, "sign-in-failed", "Not signed in", "The identity provider's answer is not acceptable; sign in again."
    ),
    errors.LogoutTokenError: Problem(
        400, "logout-token-refused", "Not logged out", "The logout token is not acceptable."
    ),
    errors.ProviderUnavailableError: _UNAVAILABLE,
    KeysUnavailableError: _UNAVAILABLE,
}
_OF_THE_REQUEST: Final = frozenset({"parameters", "return_to", "step_up"})
_RETRY_AFTER: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure(Response):
    """The response to a sign-in, or a logout, that failed.

    Attributes:
        error: why, for the line of the request.
    """

    error: SessionStoreError = field(repr=False)


def failed(error: SessionStoreError) -> Response:
    """The response to a sign-in, or a logout, that failed. The log gets the reason.

    Raises:
        SessionStoreError: the error itself, when it points to a fault in the application's code.
    """
    problem = next((PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS), None)
    if problem is None:
        is_callers = isinstance(error, InvalidInputError) and error.field in _OF_THE_REQUEST
        response = problem_answer(error).response() if is_callers else response_to(error)
        return _failure(response, error)
    logger().warning("%s: %s", type(error).__name__, error)
    body = {
        "type": TYPE_PREFIX + problem.slug,
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
    }
    headers = {"Retry-After": str(_RETRY_AFTER)} if problem is _UNAVAILABLE else {}
    return _failure(Answer(problem.status, body, PROBLEM_JSON, headers).response(), error)


def not_allowed(*allowed: str) -> Response:
    """The response to a method that the path does not have."""
    return problem_answer(MethodNotAllowedError(allowed)).response()


def _failure(response: Response, error: SessionStoreError) -> Failure:
    return Failure(status=response.status, headers=response.headers, body=response.body, error=error)
