"""The application's own responses to the problems that `@session` would answer by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from session_store.adapters.aws_lambda.events import payload_of
from session_store.adapters.aws_lambda.results import Result, render
from session_store.kernel.failures import response_to
from session_store.kernel.problems import problem_of
from session_store.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from session_store.errors import SessionStoreError
    from session_store.kernel.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Problem:
    """Why `@session` answers a request by itself.

    Attributes:
        error: the typed error. Its message is for the log. It may name what is not the visitor's to know.
        status: of the answer: 401, 403, 409, 413 or 503.
        name: of the problem, for instance `cross-site-request`.
        result: the answer, as a handler's result: problem details (RFC 9457). It is the hook's to change.
    """

    error: SessionStoreError
    status: int
    name: str
    result: dict[str, Any]


def answered_by(
    hook: Callable[[Problem, Any], object], exchange: Exchange, error: SessionStoreError, event: Mapping[str, Any]
) -> dict[str, Any]:
    """The result of a request that failed, as the application's hook has it.

    The session's own headers come last. The cookie is sent and caches store nothing, even if the hook's headers differ.

    Raises:
        SessionStoreError: the error itself, when it points to a fault in the application's code.
        TypeError: the hook returned something that is no result.
    """
    payload, kind = payload_of(event), problem_of(error)
    own = render(response_to(error), payload)
    returned = hook(Problem(error, kind.status, kind.slug, own), event)
    result = Result(own if returned is None else returned)
    return result.with_headers(exchange.token.headers().added_to(result.headers), payload)
