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

from typing import TYPE_CHECKING, Self

from session_store.kernel.current import CURRENT
from session_store.kernel.handle import SessionHandle
from session_store.kernel.plain_exchange import SERVER_ERROR, PlainExchange

if TYPE_CHECKING:
    from contextvars import Token

    from session_store.kernel.request import Request
    from session_store.kernel.response_headers import SessionHeaders
    from session_store.kernel.rules import Rules
    from session_store.model import Session


class Exchange(PlainExchange):
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
        super().__init__(rules, request)
        self._outer: Token[SessionHandle] | None = None
        self.handle = SessionHandle(self.token, rules.max_data_bytes)

    def __enter__(self) -> Self:
        self._outer = CURRENT.set(self.handle)
        return self

    def __exit__(self, *_: object) -> None:
        if self._outer is not None:
            CURRENT.reset(self._outer)
        self.handle.close()

    def finish(self, status: int) -> SessionHeaders | None:
        """Save, unless the application failed, and say what the response gets. None when it is to stay as it is.

        Args:
            status: of the application's response. From 500 on it has failed, and nothing is saved.

        Raises:
            SessionRequiredError: the session ended meanwhile.
            ConflictError: others changed the same keys meanwhile.
            DataTooLargeError: the data is more than the application's rules allow, or than an item holds.
        """
        if status < SERVER_ERROR:
            self.handle.save()
        return super().finish(status)

    def _session(self) -> Session | None:
        return self.handle.load()
