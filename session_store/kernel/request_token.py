"""The token of a request: the session that it stands for, and what the response does to it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from session_store.errors import InvalidTokenError, SessionRequiredError, UnreadableDataError
from session_store.kernel.cookies import clear_cookie, cookie_of
from session_store.kernel.credentials import Source, find_credentials
from session_store.kernel.response_headers import SessionHeaders

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from session_store.kernel.credentials import Credentials
    from session_store.kernel.request import Request
    from session_store.kernel.rules import Rules
    from session_store.model import Rotation, Session, WebActivity
    from session_store.store import SessionStore


class RequestToken:
    """The token of one request, from its coming to the response that carries its successor.

    Args:
        rules: of the application.
        request: the request. It is searched for the token at the first look.

    Attributes:
        session: the session as it was last read or written here. None before that, and when there is none.
        successor: a new token for the session, where the one that came is due for that.
        used: whether the response may depend on the session, including when reading it failed.
        cookie: value of the `Set-Cookie` header that the response gets, None for none.
    """

    def __init__(self, rules: Rules, request: Request) -> None:
        self._rules = rules
        self._request = request
        self._hands_out_token = False
        self.session: Session | None = None
        self.successor: str | None = None
        self.used = False
        self.cookie: str | None = None

    @property
    def store(self) -> SessionStore:
        """The store that validates the request's token."""
        return self._rules.find_store()

    @cached_property
    def credentials(self) -> Credentials | None:
        """The token as it came, None when the request carries none."""
        return find_credentials(self._request, self._rules)

    @property
    def source(self) -> Source | None:
        """How the token came, None when the request carries none."""
        return self.credentials.source if self.credentials else None

    @cached_property
    def text(self) -> str | None:
        """The token that is good for the session: the one that came, or its successor. None when there is none."""
        return self.credentials.token if self.credentials else None

    # Reading

    def validate(
        self, *, strict: bool = False, max_auth_age: timedelta | None = None, activity: WebActivity | None = None
    ) -> Session:
        """The live session that the request's token stands for.

        Args:
            strict: see `SessionStore.validate`. So does the application's rule.
            max_auth_age: likewise, in place of the application's rule.
            activity: see `SessionStore.validate_and_rotate`, in place of the application's rule.

        Raises:
            SessionRequiredError: the request carries no token.
            InvalidTokenError: its token is not good.
            ReauthenticationRequiredError: the sign-in is too old, or too weak.
        """
        self.used = True
        if self.text is None:
            raise SessionRequiredError("the request carries no session")
        validated = self.store.validate_and_rotate(
            self.text,
            strict=strict or self._rules.strict,
            max_auth_age=self._rules.max_auth_age if max_auth_age is None else max_auth_age,
            required_acr=self._rules.required_acr,
            activity=activity or self._rules.activity,
            with_data=self._rules.with_data,
        )
        self.session, self.successor = validated.session, validated.token
        return self.session

    def read(self) -> Session | None:
        """The live session, for an application that serves visitors as well: None for a visitor without one.

        Raises:
            InvalidTokenError: a Bearer token that is not good. A cookie that is not good counts as none.
            ReauthenticationRequiredError: the sign-in is too old, or too weak.
        """
        self.used = True
        if self.text is None:
            return None
        try:
            return self.validate()
        except InvalidTokenError:
            if self.source is Source.BEARER:
                raise
            self.forget()
            return None

    # Changing

    def end(self, read: Callable[[], Session | None]) -> Session | None:
        """End the session that is found. One with a good token whose data cannot be read ends, too.

        Args:
            read: finds it by this object's token.

        Returns:
            The session, None if there is none, or one that cannot be read.
        """
        try:
            session = read()
        except UnreadableDataError as error:
            self.store.end_session(error.session_id)
            return None
        if session is not None:
            self.store.end_session(session)
        return session

    def hand_out(self, token: str, session: Session) -> None:
        """Let the response carry a new token: in the cookie, unless the client has sent a Bearer token.

        Args:
            token: the token.
            session: whose.
        """
        self.text, self.session = token, session
        self.used = self._hands_out_token = True
        if self.source is not Source.BEARER:
            self.cookie = cookie_of(self._rules.cookie_name, token, session, self.store.clock)

    def take_back(self) -> None:
        """Let the response clear the cookie."""
        if self.source is not Source.BEARER:
            self.used = self._hands_out_token = True
            self.cookie = clear_cookie(self._rules.cookie_name)

    def forget(self) -> None:
        """Go on without a session. The cookie stays. A parallel sign-in may have replaced it already.

        A late response that cleared it would end the session that has just begun.
        """
        self.text = self.session = self.successor = None

    def rotate(self) -> Rotation:
        """Replace the secret of the session's token.

        Raises:
            SessionRequiredError: there is no session.
            InvalidTokenError: it has ended meanwhile.
        """
        if self.session is None or self.text is None:
            raise SessionRequiredError("there is no stored session to rotate")
        rotation = self.store.rotate(self.text)
        if rotation.token is not None:
            self.hand_out(rotation.token, self.session)
        return rotation

    def headers(self) -> SessionHeaders:
        """The headers that a response gets which the session had a part in."""
        return SessionHeaders(self._hands_out_token, () if self.cookie is None else (self.cookie,))
