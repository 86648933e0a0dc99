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

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Self

from session_store.errors import InvalidTokenError, SessionRequiredError, SessionStoreError
from session_store.kernel.admission import require_customer
from session_store.kernel.cookies import clear_cookie, cookie_of
from session_store.kernel.credentials import Source, find_credentials
from session_store.kernel.csrf import check_same_origin
from session_store.kernel.current import CURRENT
from session_store.kernel.handle import SessionHandle
from session_store.kernel.response_headers import SessionHeaders
from session_store.log import LOGGER

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Token
    from datetime import timedelta

    from session_store.kernel.request import Request
    from session_store.kernel.response import Response
    from session_store.model import Rotation, Session
    from session_store.store import SessionStore

_SERVER_ERROR: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules for all requests of an application.

    Attributes:
        find_store: makes or finds the store. It is called when something is asked of it, not before.
        required: whether a customer has to be signed in.
        strict: see `SessionStore.validate`.
        max_auth_age: likewise.
        csrf: whether a request that changes state needs the browser's word (`check_same_origin`).
        allowed_origins: further origins whose pages may send such requests.
    """

    find_store: Callable[[], SessionStore]
    required: bool = False
    strict: bool = False
    max_auth_age: timedelta | None = None
    csrf: bool = True
    allowed_origins: frozenset[str] = frozenset()


class Exchange:
    """A context manager: within it `current_session()` is this request's session.

    Args:
        rules: of the application.
        request: the request.
        count_fault: takes the error of a rotation that did not come about: the response stands, the fault is counted.

    Attributes:
        request: the request.
        source: how the request's token came, None when it carries none.
        token: the token that is good for the session: the one that came, or its successor. None when there is none.
        session: the session as it was last read or written here. None before that, and when there is none.
        used: whether the response may depend on the session, were it on one that could not be read.
        handle: the session as a handler works with it.
    """

    def __init__(
        self, rules: Rules, request: Request, *, count_fault: Callable[[SessionStoreError], object] | None = None
    ) -> None:
        self._rules = rules
        self.request = request
        self._count_fault = count_fault
        self._credentials = credentials = find_credentials(request)
        self._cookie: str | None = None
        self._hands_out_token = False
        self._outer: Token[SessionHandle] | None = None
        self.source = credentials.source if credentials else None
        self.token = credentials.token if credentials else None
        self.session: Session | None = None
        self.used = False
        self.handle = SessionHandle(self)

    def __enter__(self) -> Self:
        self._outer = CURRENT.set(self.handle)
        return self

    def __exit__(self, *_: object) -> None:
        if self._outer is not None:
            CURRENT.reset(self._outer)
        self.handle.close()

    @property
    def store(self) -> SessionStore:
        """The store."""
        return self._rules.find_store()

    # Before the application

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

    def validate(self, *, strict: bool = False, max_auth_age: timedelta | None = None) -> Session:
        """The live session that the request's token stands for. Counts as activity.

        Args:
            strict: see `SessionStore.validate`; so does the application's rule.
            max_auth_age: likewise, in place of the application's rule.

        Raises:
            SessionRequiredError: the request carries no token.
            InvalidTokenError: its token is not good.
            ReauthenticationRequiredError: the sign-in is too old.
        """
        self.used = True
        if self.token is None:
            raise SessionRequiredError("the request carries no session")
        self.session = self.store.validate(
            self.token,
            strict=strict or self._rules.strict,
            max_auth_age=self._rules.max_auth_age if max_auth_age is None else max_auth_age,
        )
        return self.session

    def read(self) -> Session | None:
        """The live session, for an application that serves visitors as well: None for a visitor without one.

        Raises:
            InvalidTokenError: a Bearer token that is not good. A cookie that is not good counts as none.
            ReauthenticationRequiredError: the sign-in is too old.
        """
        self.used = True
        if self.token is None:
            return None
        try:
            return self.validate()
        except InvalidTokenError:
            if self.source is Source.BEARER:
                raise
            self.forget()
            return None

    # Tokens

    def hand_out(self, token: str, session: Session) -> None:
        """Let the response carry a new token: in the cookie, unless the client has sent a Bearer token.

        Args:
            token: the token.
            session: whose.
        """
        self.token, self.session = token, session
        self.used = self._hands_out_token = True
        if self.source is not Source.BEARER:
            self._cookie = cookie_of(token, session, self.store.clock)

    def take_back(self) -> None:
        """Let the response clear the cookie."""
        if self.source is not Source.BEARER:
            self.used = self._hands_out_token = True
            self._cookie = clear_cookie()

    def forget(self) -> None:
        """Go on without a session. The cookie stays: a parallel sign-in may have replaced it already.

        A late response that cleared it would end the session that has just begun.
        """
        self.token = self.session = None

    def rotate(self) -> Rotation:
        """Replace the secret of the session's token.

        Raises:
            SessionRequiredError: there is no session.
            InvalidTokenError: it has ended meanwhile.
        """
        if self.session is None or self.token is None:
            raise SessionRequiredError("there is no stored session to rotate")
        rotation = self.store.rotate(self.token)
        if rotation.token is not None:
            self.hand_out(rotation.token, self.session)
        return rotation

    # After the application

    def finish(self, status: int) -> SessionHeaders | None:
        """Save, unless the application failed, and say what the response gets. None when it is to stay as it is.

        Args:
            status: of the application's response. From 500 on it has failed, and nothing is saved.

        Raises:
            SessionRequiredError: the session ended meanwhile.
            ConflictError: others changed the same keys meanwhile.
        """
        if not self.used:
            return None
        if status < _SERVER_ERROR:
            self.handle.save()
            self._rotate_if_due()
        return self._headers()

    def fail(self, error: SessionStoreError) -> Response:
        """The response to a request that failed, with its headers.

        Raises:
            SessionStoreError: the error itself, when it points to a fault in the application's code.
        """
        from session_store.kernel.failures import response_to  # noqa: PLC0415 - only a request that fails pays for it

        response = response_to(error)
        return replace(response, headers=tuple(self._headers().added_to(response.headers)))

    def _rotate_if_due(self) -> None:
        """Replace the secret of a cookie that has had it long enough. If that fails, the response stands."""
        session = self.session
        if self.source is not Source.COOKIE or session is None or self._cookie is not None:
            return
        try:
            if self.store.rotation_due(session):
                self.rotate()
        except InvalidTokenError:
            self.forget()  # it ended after it had been used: no fault
        except SessionStoreError as error:
            LOGGER.warning("rotation put off, session_id=%s: %s: %s", session.session_id, type(error).__name__, error)
            if self._count_fault is not None:
                self._count_fault(error)

    def _headers(self) -> SessionHeaders:
        return SessionHeaders(self._hands_out_token, () if self._cookie is None else (self._cookie,))
