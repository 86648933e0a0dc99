"""An exchange for code that works with the request's token itself: the user routes and the authorizer.

Their functions have no handler of an application, so nothing of a handler's session goes into their zips.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from session_store.kernel.admission import require_customer
from session_store.kernel.credentials import Source
from session_store.kernel.csrf import check_same_origin
from session_store.kernel.request_token import RequestToken
from session_store.values import replace

if TYPE_CHECKING:
    from session_store.errors import SessionStoreError
    from session_store.kernel.request import Request
    from session_store.kernel.response import Response
    from session_store.kernel.response_headers import SessionHeaders
    from session_store.kernel.rules import Rules
    from session_store.model import Session

SERVER_ERROR: Final = 500


class PlainExchange:
    """One request and its response, as far as the session has a part in them.

    Args:
        rules: of the application.
        request: the request.

    Attributes:
        request: the request.
        token: its token, and the session that it stands for.
    """

    def __init__(self, rules: Rules, request: Request) -> None:
        self._rules = rules
        self.request = request
        self.token = RequestToken(rules, request)

    def admit(self) -> None:
        """Check what has to hold before the application is called.

        Raises:
            CrossSiteRequestError: the request changes state and may come from another site.
            SessionRequiredError: no customer is signed in, where that is needed.
        """
        if self._rules.csrf:
            check_same_origin(self.request, self.token, self._rules.allowed_origins)
        if self._rules.required:
            require_customer(self._session())

    def finish(self, status: int) -> SessionHeaders | None:
        """Say what the response gets. None when it is to stay as it is.

        Args:
            status: of the application's response. From 500 on it has failed, and gets no new token.
        """
        if not self.token.used:
            return None
        if status < SERVER_ERROR:
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

    def _session(self) -> Session | None:
        return self.token.read()

    def _hand_out_successor(self) -> None:
        """Put a new token into a cookie that has had its own long enough. It was made when the session was read."""
        token = self.token
        if token.source is Source.COOKIE and token.cookie is None and token.session and token.successor:
            token.hand_out(token.successor, token.session)
