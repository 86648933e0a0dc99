"""Errors as problem details (RFC 9457). Which error becomes which problem is decided in one table."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from session_store import errors
from session_store.errors import ConflictError, InvalidInputError, SessionStoreError, StoreUnavailableError
from session_store.kernel.response import Answer, AnswerTooLargeError
from session_store.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

PROBLEM_JSON: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:session-store:problem:"
INTERNAL_ERROR: Final = 500


class BodyTooLargeError(SessionStoreError):
    """The body is over the limit."""


class UnsupportedMediaTypeError(SessionStoreError):
    """The body does not say that it is JSON in UTF-8."""


class RouteNotFoundError(Exception):
    """The function does not serve this path."""


class MethodNotAllowedError(Exception):
    """The path is served, but not with this method."""

    def __init__(self, allowed: tuple[str, ...]) -> None:
        self.allowed = allowed
        super().__init__(f"allowed are {', '.join(allowed)}")


class AnonymousSessionError(Exception):
    """The session is a visitor's. The route is for customers."""


class PreconditionRequiredError(Exception):
    """The request has to say in `If-Match` what it is based on."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A kind of problem.

    Attributes:
        slug: the end of its type, after `TYPE_PREFIX`.
        detail: text for the caller, None for the error's own message, which names what is wrong with the request.
    """

    status: int
    slug: str
    title: str
    detail: str | None = None


_UNAUTHORIZED: Final = 401
_SECOND: Final = timedelta(seconds=1)
_UNEXPECTED: Final = Problem(INTERNAL_ERROR, "internal", "Internal error", "The request could not be served.")
# The nearest base class counts, so that a new kind of error is answered as its parent.
PROBLEMS: Final[Mapping[type[BaseException], Problem]] = {
    errors.InvalidInputError: Problem(400, "invalid-input", "Invalid input"),
    errors.DataTooLargeError: Problem(413, "data-too-large", "Session data too large"),
    errors.IdempotencyKeyReusedError: Problem(422, "idempotency-key-reused", "Key of another request"),
    errors.InvalidTokenError: Problem(401, "invalid-token", "Invalid token", "The token is not valid."),
    errors.ReauthenticationRequiredError: Problem(
        401, "reauthentication-required", "Sign in again", "The sign-in is too long ago, or too weak."
    ),
    errors.SessionRequiredError: Problem(401, "session-required", "Not signed in", "There is no live session."),
    errors.CrossSiteRequestError: Problem(403, "cross-site-request", "Cross-site request refused"),
    errors.AnotherSessionError: Problem(409, "another-session", "Made in another session"),
    errors.SessionNotFoundError: Problem(404, "session-not-found", "No live session"),
    errors.ConflictError: Problem(409, "conflict", "Changed by another request"),
    errors.PreconditionFailedError: Problem(412, "precondition-failed", "Changed meanwhile"),
    errors.OutcomeUnknownError: Problem(409, "outcome-unknown", "Outcome unknown"),
    errors.StoreUnavailableError: Problem(
        503, "unavailable", "Temporarily unavailable", "The session store cannot be reached; try again."
    ),
    errors.ThrottledError: Problem(503, "throttled", "Too busy", "The session store is too busy; try again."),
    errors.StoreConfigurationError: Problem(
        503, "misconfigured", "Not available", "The session store is not configured; see its log."
    ),
    errors.NoCurrentSessionError: _UNEXPECTED,
    errors.UnsupportedEventError: _UNEXPECTED,
    AnonymousSessionError: Problem(403, "anonymous-session", "Not for visitors", "The session is anonymous."),
    PreconditionRequiredError: Problem(
        428, "precondition-required", "Version needed", "Say in If-Match which version is to be replaced."
    ),
    BodyTooLargeError: Problem(413, "body-too-large", "Body too large"),
    UnsupportedMediaTypeError: Problem(415, "unsupported-media-type", "Unsupported media type"),
    RouteNotFoundError: Problem(404, "no-such-route", "No such route", "There is nothing under this path."),
    MethodNotAllowedError: Problem(405, "method-not-allowed", "Method not allowed"),
    AnswerTooLargeError: Problem(
        INTERNAL_ERROR, "answer-too-large", "Answer too large", "The answer is larger than Lambda can return."
    ),
}
# Arguments of the store that go by another name in the API.
_NAMES_IN_THE_API: Final = {
    "absolute": "absolute_timeout",
    "changes": "data",
    "except_session_id": "except",
    "idempotency_key": "Idempotency-Key",
    "idle": "idle_timeout",
}


def problem_of(error: BaseException) -> Problem:
    """The kind of problem that an error is to the caller."""
    return next((PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS), _UNEXPECTED)


def problem_answer(error: BaseException, *, with_keys: bool = True) -> Answer:
    """The answer to a request that failed.

    Args:
        error: why it did.
        with_keys: say which keys of the data others changed meanwhile: only to a caller who sent changes of these keys.
    """
    problem = problem_of(error)
    body: dict[str, Any] = {
        "type": TYPE_PREFIX + problem.slug,
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail or str(error),
    }
    if isinstance(error, InvalidInputError):
        entry = _entry(error)
        body |= {"detail": _sentence(entry), "errors": [entry]}
    elif with_keys and isinstance(error, ConflictError) and error.keys:
        body["keys"] = list(error.keys)
    return Answer(problem.status, body, PROBLEM_JSON, _headers(error))


def _entry(error: InvalidInputError) -> dict[str, str]:
    """The field, its fault and the place in it. A confidential value is left out."""
    entry = {"field": _NAMES_IN_THE_API.get(error.field, error.field), "problem": error.problem}
    entry |= {"value": error.shown_value} if error.shown_value else {}
    return entry | ({"pointer": error.pointer} if error.pointer else {})


def _sentence(entry: Mapping[str, str]) -> str:
    got = f" (got {entry['value']})" if "value" in entry else ""
    return f"{entry['field']}: {entry['problem']}{got}"


def _headers(error: BaseException) -> dict[str, str]:
    if isinstance(error, StoreUnavailableError):
        return {"Retry-After": str(error.retry_after)}
    if isinstance(error, MethodNotAllowedError):
        return {"Allow": ", ".join(error.allowed)}
    if problem_of(error).status == _UNAUTHORIZED:
        return {"WWW-Authenticate": _challenge(error)}
    return {}


def _challenge(error: BaseException) -> str:
    """The challenge that names the credentials a request lacks (RFC 6750, section 3, and RFC 9470)."""
    if isinstance(error, errors.ReauthenticationRequiredError):
        acrs = f', acr_values="{" ".join(error.required_acr)}"' if error.required_acr else ""
        age = "" if error.max_auth_age is None else f', max_age="{error.max_auth_age // _SECOND}"'
        return f'Bearer error="insufficient_user_authentication"{acrs}{age}'
    return 'Bearer error="invalid_token"' if isinstance(error, errors.InvalidTokenError) else "Bearer"
