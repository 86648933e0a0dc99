"""One call's session: read at the first touch, worked on, saved at the end; and the cookie that follows from it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, Never

from session_store import checks
from session_store.data.difference import same
from session_store.data.json_pointer import pointer_to
from session_store.errors import (
    ConflictError,
    InvalidTokenError,
    NoCurrentSessionError,
    SessionNotFoundError,
    SessionRequiredError,
    StoreUnavailableError,
)
from session_store.kernel import changes
from session_store.kernel.cookies import clear_cookie, cookie_of
from session_store.kernel.credentials import Source
from session_store.log import LOGGER
from session_store.model import copy_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta

    from session_store.data.types import JSONObject
    from session_store.kernel.credentials import Credentials
    from session_store.model import CreatedSession, Rotation, Session
    from session_store.store import SessionStore

_ABSENT: Final = object()


class UnitOfWork:
    """What `SessionHandle` shows to a handler and `@session` carries out around it.

    Args:
        find_store: makes or finds the store.
        credentials: what the request presented.
        strict: see `SessionStore.validate`.
        max_auth_age: likewise.

    Attributes:
        cookie: value of the Set-Cookie header that the answer needs, None for none.
        hands_out_token: whether the answer carries a new token, in the cookie or where a Bearer client finds it.
    """

    def __init__(
        self,
        find_store: Callable[[], SessionStore],
        credentials: Credentials | None,
        *,
        strict: bool,
        max_auth_age: timedelta | None,
    ) -> None:
        self._find_store = find_store
        self._token = credentials.token if credentials else None
        self._source = credentials.source if credentials else None
        self._strict = strict
        self._max_auth_age = max_auth_age
        self._lock = threading.RLock()
        self._asked_for = False
        self._read = False
        self._closed = False
        self._session: Session | None = None
        self._stored: JSONObject = {}  # what the table holds, as far as this call knows
        self._data: JSONObject = {}  # what the handler works on
        self.cookie: str | None = None
        self.hands_out_token = False

    # Reading

    @property
    def store(self) -> SessionStore:
        """The store."""
        return self._find_store()

    @property
    def session(self) -> Session | None:
        """The stored session, None when there is none. The first touch reads it."""
        self._touch()
        return self._session

    @property
    def data(self) -> JSONObject:
        """The data as the handler has made it. The first touch reads it."""
        self._touch()
        return self._data

    @property
    def used(self) -> bool:
        """Whether the answer may depend on the session, were it on one that could not be read."""
        return self._asked_for or self.hands_out_token

    def require_customer(self) -> tuple[Session, str]:
        """The session of a customer, and whose it is.

        Raises:
            SessionRequiredError: nobody is signed in.
        """
        session = self.session
        if session is None or session.customer_id is None:
            raise SessionRequiredError("nobody is signed in")
        return session, session.customer_id

    def close(self) -> None:
        """The call is over: nothing that was kept of the session can be used any more."""
        self._closed = True

    # Acting at once

    def increment(self, key: str, by: float) -> int | float:
        """Add to a number: in the table, when the key is as it was read there."""
        with self._lock:
            before = self.data.get(checks.check_data_key(key), _ABSENT)
            if self._session is None or not same(before, self._stored.get(key, _ABSENT)):
                return self._add(key, by)
            try:
                updated = self.store.increment(self._session, key, by)
            except SessionNotFoundError:
                self._lose()
            # What others have saved since our read stays unseen, so that overwriting it is found out at the save.
            if updated.version == self._session.version + 1:
                self._session = updated
            total: int | float = updated.data[key]
            self._stored[key] = self._data[key] = total
            return total

    def sign_in(
        self, customer_id: str, *, data: Mapping[str, object] | None, carry_data: bool, client: str | None
    ) -> CreatedSession:
        """A new session in place of this one."""
        with self._lock:
            self._require_open()
            checks.check_id(
                "customer_id", customer_id
            )  # None, a claim that is missing, would be a visitor to the store
            first = checks.check_data({} if data is None else data)
            carries = checks.check_flag("carry_data", carry_data) and self._read
            unstored = self._before_carrying() if carries else {}
            created = self.store.create_session(
                customer_id,
                data=unstored | first,
                client=client,
                replaces=self._token,
                carry_data=carry_data,
            )
            self._take(created)
            return created

    def sign_out(self) -> bool:
        """End the session, if there is one, and forget its token. True when this call ended it."""
        with self._lock:
            session = self.session
            ended = session is not None and self.store.end_session(session)
            self._forget()
            if self._source is not Source.BEARER:
                self.cookie = clear_cookie()
            return ended

    def sign_out_everywhere(self, *, except_here: bool) -> int:
        """End the customer's sessions, page by page."""
        with self._lock:
            session, customer_id = self.require_customer()
            expired = self._expire_sessions(customer_id, except_session_id=session.session_id if except_here else None)
            # The index may not show this session yet.
            return expired if except_here else expired + self.sign_out()

    def rotate(self) -> Rotation:
        """Replace the secret."""
        with self._lock:
            session = self.session
            if session is None or self._token is None:
                raise SessionRequiredError("there is no stored session to rotate")
            try:
                rotation = self.store.rotate(self._token)
            except InvalidTokenError:
                self._lose()
            if rotation.token is not None:
                self._hand_out(rotation.token, session)
            return rotation

    # At the end of the call

    def save(self) -> None:
        """Store what changed. A visitor without a session gets one if there is something to keep.

        Raises:
            SessionRequiredError: the session ended meanwhile.
            ConflictError: somebody else changed the same keys meanwhile.
        """
        with self._lock:
            if self._session is None:
                if self._data:
                    self._take(self.store.create_session(data=self._data))
                return
            try:
                self._adopt(changes.save(self.store, self._session, self._stored, self._data))
            except SessionNotFoundError:
                self._lose()

    def rotate_if_due(self) -> None:
        """Replace the secret of a cookie that has had it long enough. A fault here leaves it for the next call."""
        if self._source is not Source.COOKIE or self._session is None or self.cookie is not None:
            return
        if not self.store.rotation_due(self._session):
            return
        try:
            self.rotate()
        except SessionRequiredError:
            return  # it ended after the handler had used it
        except (ConflictError, StoreUnavailableError) as error:
            LOGGER.warning("rotation put off, session_id=%s: %s", self._session.session_id, error)

    # Parts

    def _touch(self) -> None:
        self._require_open()
        if self._read:
            return
        with self._lock:
            if not self._read:
                self._asked_for = True
                self._adopt(self._validate())
                self._read = True

    def _require_open(self) -> None:
        if self._closed:
            raise NoCurrentSessionError("the call that this session belonged to is over")

    def _validate(self) -> Session | None:
        if self._token is None:
            return None
        try:
            return self.store.validate(self._token, strict=self._strict, max_auth_age=self._max_auth_age)
        except InvalidTokenError:
            if self._source is Source.BEARER:
                raise
            self._forget()
            return None

    def _adopt(self, session: Session | None) -> None:
        self._session = session
        self._stored = copy_json(session.data) if session else {}
        self._data = copy_json(self._stored)

    def _before_carrying(self) -> JSONObject:
        """Store what changed in the session that is to be carried over; what never was in one is handed back."""
        if self._session is None:
            return self._data
        self.save()
        return {}

    def _expire_sessions(self, customer_id: str, *, except_session_id: str | None) -> int:
        expired, cursor = 0, None
        while True:
            try:
                page = self.store.end_customer_sessions(
                    customer_id, except_session_id=except_session_id, limit=checks.MAX_LIMIT, cursor=cursor
                )
            except SessionNotFoundError:
                self._lose()
            expired, cursor = expired + page.count, page.cursor
            if cursor is None:
                return expired

    def _take(self, created: CreatedSession) -> None:
        self._adopt(created.session)
        self._read = True
        self._hand_out(created.token, created.session)

    def _hand_out(self, token: str, session: Session) -> None:
        self._token = token
        self.hands_out_token = True
        if self._source is not Source.BEARER:
            self.cookie = cookie_of(token, session, self.store.clock)

    def _forget(self) -> None:
        """Nobody's session from here on. The cookie stays: a parallel sign-in may have replaced it already.

        A late answer that cleared it would sign out whoever has just signed in.
        """
        self._adopt(None)
        self._token = None

    def _lose(self) -> Never:
        """The session that the handler worked with has ended: there is nothing to save to, and nobody is signed in."""
        self._forget()
        raise SessionRequiredError("the session ended while the request was served") from None

    def _add(self, key: str, by: float) -> int | float:
        before = self._data.get(key, 0)
        if isinstance(before, bool) or not isinstance(before, int | float):
            raise ConflictError("what the key holds is not a number", keys=(pointer_to((key,)),))
        self._data[key] = total = before + checks.check_number("by", by)
        return total
