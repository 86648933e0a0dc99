"""One request on a user route: whose it is, and what its answer has to carry."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from session_store import checks
from session_store.errors import (
    DataTooLargeError,
    InvalidInputError,
    ReauthenticationRequiredError,
    SessionRequiredError,
)
from session_store.kernel.cookies import clear_cookie, cookie_of
from session_store.kernel.credentials import Source
from session_store.kernel.problems import AnonymousSessionError
from session_store.kernel.response import Answer, session_json
from session_store.storage import attribute_values

if TYPE_CHECKING:
    from session_store.api.call import Call
    from session_store.data.types import JSONObject
    from session_store.kernel.credentials import Credentials
    from session_store.kernel.request import Request
    from session_store.kernel.web_settings import UserRouteSettings
    from session_store.model import Session
    from session_store.store import SessionStore

_OK: Final = 200


class Visit:
    """One request.

    Args:
        store: the sessions.
        settings: the rules of the user routes.
        call: the request's parameters and fields.
        request: its headers.
        credentials: its token, None when it carries none.

    Attributes:
        store: the sessions.
        call: the request's parameters and fields.
        headers: its headers, names in lower case.
        current: the caller's session, once it was validated.
    """

    def __init__(
        self,
        store: SessionStore,
        settings: UserRouteSettings,
        *,
        call: Call,
        request: Request,
        credentials: Credentials | None,
    ) -> None:
        self.store = store
        self.call = call
        self.headers = request.headers
        self.current: Session | None = None
        self._settings = settings
        self._credentials = credentials

    @property
    def token(self) -> str:
        """The presented token.

        Raises:
            SessionRequiredError: there is none.
        """
        if self._credentials is None:
            raise SessionRequiredError("the request carries no session")
        return self._credentials.token

    @property
    def by_cookie(self) -> bool:
        """Whether the token came in the cookie, and so a new one goes back in it."""
        return self._credentials is not None and self._credentials.source is Source.COOKIE

    def session(self) -> Session:
        """The caller's live session. Counts as activity.

        Raises:
            SessionRequiredError: the request carries no token.
            InvalidTokenError: its token is not good.
        """
        self.current = self.store.validate(self.token)
        return self.current

    def customer(self) -> tuple[Session, str]:
        """The caller's live session, and whose it is.

        Raises:
            AnonymousSessionError: nobody's; else like `session`.
        """
        session = self.session()
        return session, _require_customer(session)

    def recent_customer(self) -> tuple[Session, str]:
        """Like `customer`, for ending other sessions: only a while after signing in.

        Strict, so that whoever was just signed out everywhere cannot do the same to the others.

        Raises:
            ReauthenticationRequiredError: the sign-in is too old; else like `customer`.
        """
        try:
            self.current = self.store.validate(self.token, strict=True, max_auth_age=self._settings.max_auth_age)
        except ReauthenticationRequiredError:
            self.customer()  # a visitor's session has no sign-in at all, and signing in again is not what it lacks
            raise
        return self.current, _require_customer(self.current)

    def shown(self, session: Session) -> Answer:
        """The answer that shows a session, with what the user may see of its data, and its version."""
        body = session_json(session) | {"data": self._users_part(session.data)}
        return Answer(_OK, body, headers={"ETag": f'"{session.version}"'})

    def check_data(self, data: JSONObject, *, is_patch: bool = False) -> JSONObject:
        """Data from the user, or a merge patch for it.

        Raises:
            InvalidInputError: it has a key that is not the user's, or cannot be stored.
            DataTooLargeError: it is over what an item holds.
        """
        for key in data:
            if not self._is_users(key):
                raise InvalidInputError("data", "has a key that is not yours to change", confidential=True)
        return checks.check_data(data, is_patch=is_patch)

    def check_size(self, data: JSONObject) -> None:
        """Refuse a session's data when the user's part of it is more than a user may keep, and more than it was.

        What counts is what is stored: there a float like `1e37` is a whole number of 38 digits. Data may have been too
        much before, where the application keeps some under the user's keys or the limit is new.

        Raises:
            DataTooLargeError: it is.
        """
        size, limit = self._size(data), self._settings.max_data_bytes
        if size > limit and (self.current is None or size > self._size(self.current.data)):
            raise DataTooLargeError(size, limit, of="JSON text")

    def _size(self, data: JSONObject) -> int:
        stored = attribute_values.read_map(attribute_values.write_map(self._users_part(data)))
        return len(json.dumps(stored, ensure_ascii=False, separators=(",", ":")).encode())

    def kept_data(self, session: Session) -> JSONObject:
        """What the user may not see of a session's data, and so does not replace."""
        return {key: value for key, value in session.data.items() if not self._is_users(key)}

    def new_cookies(self, token: str | None) -> tuple[str, ...]:
        """The cookie with a new token, for a caller that has one, until the session's absolute end."""
        if token is None or self.current is None or not self.by_cookie:
            return ()
        return (cookie_of(token, self.current, self.store.clock),)

    def leave(self) -> tuple[str, ...]:
        """The cookie that takes the token away, for a caller whose session is over."""
        return (clear_cookie(),) if self.by_cookie else ()

    def _is_users(self, key: str) -> bool:
        return key in self._settings.data_keys

    def _users_part(self, data: JSONObject) -> JSONObject:
        return {key: value for key, value in data.items() if self._is_users(key)}


def _require_customer(session: Session) -> str:
    if session.customer_id is None:
        raise AnonymousSessionError
    return session.customer_id
