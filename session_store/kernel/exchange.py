"""One request and its response, as far as the session has a part in them.

An adapter turns what its kind of application gets into a `Request`, lets the application make the response, and puts
the headers on it that the exchange asks for:

    with Exchange(rules, request) as exchange:
        try:
            exchange.admit()
            status, fields, body = call_the_application()  # there, current_session() is exchange.handle
            if headers := exchange.finish(status):
                fields = headers.added_to(fields)
        except SessionStoreError as error:
            response = exchange.fail(error)
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Self

from session_store.errors import InvalidTokenError, SessionStoreError
from session_store.kernel.admission import require_customer
from session_store.kernel.credentials import Source, find_credentials
from session_store.kernel.csrf import check_same_origin
from session_store.kernel.current import CURRENT
from session_store.kernel.handle import SessionHandle
from session_store.kernel.request_token import RequestToken
from session_store.log import LOGGER

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Token

    from session_store.kernel.request import Request
    from session_store.kernel.response import Response
    from session_store.kernel.response_headers import SessionHeaders
    from session_store.kernel.rules import Rules

_SERVER_ERROR: Final = 500


class Exchange:
    """A context manager: within it `current_session()` is this request's session.

    Args:
        rules: of the application.
        request: the request.
        count_fault: takes the error of a rotation that did not come about: the response stands, the fault is counted.

    Attributes:
        request: the request.
        token: its token, and the session that it stands for.
        handle: the session as a handler works with it.
    """

    def __init__(
        self, rules: Rules, request: Request, *, count_fault: Callable[[SessionStoreError], object] | None = None
    ) -> None:
        self._rules = rules
        self._credentials = find_credentials(request)
        self._count_fault = count_fault
        self._outer: Token[SessionHandle] | None = None
        self.request = request
        self.token = RequestToken(rules, self._credentials)
        self.handle = SessionHandle(self.token, rules.max_data_bytes)

    def __enter__(self) -> Self:
        self._outer = CURRENT.set(self.handle)
        return self

    def __exit__(self, *_: object) -> None:
        if self._outer is not None:
            CURRENT.reset(self._outer)
        self.handle.close()

    def admit(self) -> None:
        """Check what has to hold before the application is called.

        Raises:
            CrossSiteRequestError: the request changes state and may come from another site.
            SessionRequiredError: no customer is signed in, where that is needed.
        """
        if self._rules.csrf:
            check_same_origin(self.request, self._credentials, self._rules.allowed_origins)
        if self._rules.required:
            require_customer(self.handle.load())

    def finish(self, status: int) -> SessionHeaders | None:
        """Save, unless the application failed, and say what the response gets. None when it is to stay as it is.

        Args:
            status: of the application's response. From 500 on it has failed, and nothing is saved.

        Raises:
            SessionRequiredError: the session ended meanwhile.
            ConflictError: others changed the same keys meanwhile.
            DataTooLargeError: the data is more than the application's rules allow, or than an item holds.
        """
        if not self.token.used:
            return None
        if status < _SERVER_ERROR:
            self.handle.save()
            self._rotate_if_due()
        return self.token.headers()

    def fail(self, error: SessionStoreError) -> Response:
        """The response to a request that failed, with its headers.

        Raises:
            SessionStoreError: the error itself, when it points to a fault in the application's code.
        """
        from session_store.kernel.failures import response_to  # noqa: PLC0415 - only a request that fails pays for it

        response = response_to(error)
        return replace(response, headers=tuple(self.token.headers().added_to(response.headers)))

    def _rotate_if_due(self) -> None:
        """Replace the secret of a cookie that has had it long enough. If that fails, the response stands."""
        token, session = self.token, self.token.session
        if token.source is not Source.COOKIE or session is None or token.cookie is not None:
            return
        try:
            if token.store.rotation_due(session):
                token.rotate()
        except InvalidTokenError:
            token.forget()  # it ended after it had been used: no fault
        except SessionStoreError as error:
            LOGGER.warning("rotation put off, session_id=%s: %s: %s", session.session_id, type(error).__name__, error)
            if self._count_fault is not None:
                self._count_fault(error)
