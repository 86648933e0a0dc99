"""One call of a decorated handler: admission before it, saving and the answer's headers after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from session_store.adapters.aws_lambda.failures import failure_result
from session_store.adapters.aws_lambda.reply import Reply, has_succeeded
from session_store.kernel.credentials import find_credentials
from session_store.kernel.csrf import check_same_origin
from session_store.kernel.current import CURRENT
from session_store.kernel.handle import SessionHandle
from session_store.kernel.request import Request
from session_store.kernel.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Token
    from datetime import timedelta

    from session_store.errors import SessionStoreError
    from session_store.store import SessionStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What `@session` was told; see there."""

    find_store: Callable[[], SessionStore]
    required: bool
    strict: bool
    max_auth_age: timedelta | None
    csrf: bool
    allowed_origins: frozenset[str]


class Serving:
    """A context manager: within it `current_session()` is this call's session, after it nobody's."""

    def __init__(self, rules: Rules, event: object) -> None:
        self._rules = rules
        self._request = Request.from_event(event)
        self._credentials = find_credentials(self._request)
        self._work = UnitOfWork(
            rules.find_store, self._credentials, strict=rules.strict, max_auth_age=rules.max_auth_age
        )
        self._outer: Token[SessionHandle] | None = None

    def __enter__(self) -> Self:
        self._outer = CURRENT.set(SessionHandle(self._work))
        return self

    def __exit__(self, *_: object) -> None:
        if self._outer is not None:
            CURRENT.reset(self._outer)
        self._work.close()

    def admit(self) -> None:
        """What has to hold before the handler is called.

        Raises:
            CrossSiteRequestError: the request changes state and may come from another site.
            SessionRequiredError: nobody is signed in, where that is needed.
        """
        if self._rules.csrf:
            check_same_origin(self._request, self._credentials, self._rules.allowed_origins)
        if self._rules.required:
            self._work.require_customer()

    def finish(self, result: Any) -> Any:  # noqa: ANN401 - whatever handlers return
        """Save, unless the handler failed, and add what the answer needs. An untouched session adds nothing."""
        if not self._work.used:
            return result
        reply = Reply(result, multi_value=self._request.multi_value)
        if has_succeeded(result):
            self._work.save()
            self._work.rotate_if_due()
        return self._add_headers(reply)

    def answer(self, error: SessionStoreError) -> dict[str, Any]:
        """The answer to a call that failed.

        Raises:
            SessionStoreError: the error itself, when it is not for the visitor.
        """
        result = failure_result(error)
        if result is None:
            raise error
        return self._add_headers(Reply(result, multi_value=self._request.multi_value))

    def _add_headers(self, reply: Reply) -> dict[str, Any]:
        cookie = self._work.cookie
        reply.keep_private(hands_out_token=self._work.hands_out_token or cookie is not None)
        if cookie is not None:
            reply.add_cookie(cookie)
        return reply.render()
