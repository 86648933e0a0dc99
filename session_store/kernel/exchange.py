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

from session_store.kernel.admission import require_customer
from session_store.kernel.credentials import Source
from session_store.kernel.csrf import check_same_origin
from session_store.kernel.current import CURRENT
from session_store.kernel.handle import SessionHandle
from session_store.kernel.request_token import RequestToken

if TYPE_CHECKING:
    from contextvars import Token

    from session_store.errors import SessionStoreError
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

    Attributes:
        request: the request.
        token: its token, and the session that it stands for.
        handle: the session as a handler works with it.
    """

    def __init__(self, rules: Rules, request: Request) -> None:
        self._rules = rules
        self._outer: Token[SessionHandle] | None = None
        self.request = request
        self.token = RequestToken(rules, request)
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
            check_same_origin(self.request, self.token, self._rules.allowed_origins)
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
            self._hand_out_successor()
        return self.token.headers()

    def fail(self, error: SessionStoreError) -> Response:
        """The response to a request that failed, with its headers.

        Raises:
            SessionStoreError: the error itself, when it points to a fault in the application's code.
        """
        from session_store.kernel.failures import response_to  # noqa: PLC0415 - only a request that fails pays for it

        response = response_to(error)
        return replace(response, headers=tuple(self.token.headers().added_to(response.headers)))

    def _hand_out_successor(self) -> None:
        """Put a new token into a cookie that has had its own long enough. It was made when the session was read."""
        token = self.token
        if token.source is Source.COOKIE and token.cookie is None and token.session and token.successor:
            token.hand_out(token.successor, token.session)
