"""One request on a user route: its caller, and the data that the caller may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from session_store import checks
from session_store.api.user_exchange import bound
from session_store.data.weights import text_bytes
from session_store.errors import (
    DataTooLargeError,
    InvalidInputError,
    ReauthenticationRequiredError,
    SessionRequiredError,
)
from session_store.kernel.admission import require_customer
from session_store.kernel.credentials import Source
from session_store.kernel.problems import AnonymousSessionError
from session_store.kernel.response import Answer, session_json
from session_store.storage import attribute_values

if TYPE_CHECKING:
    from session_store.api.call import Call
    from session_store.data.types import JSONObject
    from session_store.kernel.plain_exchange import PlainExchange
    from session_store.kernel.web_settings import UserRouteSettings
    from session_store.model import Session, WebActivity
    from session_store.store import SessionStore

_OK: Final = 200


class Visit:
    """One request.

    Args:
        exchange: the request and its response, as far as the session has a part in them.
        settings: the rules of the user routes.
        call: the request's parameters and fields.

    Attributes:
        exchange: the same.
        call: the same.
    """

    def __init__(self, exchange: PlainExchange, settings: UserRouteSettings, call: Call) -> None:
        self.exchange = exchange
        self.call = call
        self._settings = settings

    @property
    def store(self) -> SessionStore:
        """The store that the request's token is validated in."""
        return self.exchange.token.store

    @property
    def by_cookie(self) -> bool:
        """Whether the token came in the cookie, and so a new one goes back in it."""
        return self.exchange.token.source is Source.COOKIE

    def session(self, activity: WebActivity | None = None) -> Session:
        """The caller's live session. Counts as activity, unless told otherwise.

        Raises:
            SessionRequiredError: the request carries no token.
            InvalidTokenError: its token is not good.
            AnotherSessionError: the page that sends the request was made in another session.
        """
        return bound(self.exchange, self.exchange.token.validate(activity=activity))

    def customer(self) -> tuple[Session, str]:
        """The caller's live session, and whose it is.

        Raises:
            AnonymousSessionError: a visitor's, else like `session`.
        """
        return _of_customer(self.session())

    def recent_customer(self) -> tuple[Session, str]:
        """Like `customer`, for ending other sessions: only a while after signing in.

        Strict, so that a session that has just ended everywhere cannot do the same to the others.

        Raises:
            ReauthenticationRequiredError: the sign-in is too old, else like `customer`.
        """
        try:
            session = self.exchange.token.validate(strict=True, max_auth_age=self._settings.max_auth_age)
        except ReauthenticationRequiredError:
            self.customer()  # a visitor's session has no sign-in at all, and signing in again is not what it lacks
            raise
        return _of_customer(bound(self.exchange, session))

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

    def check_size(self, data: JSONObject) -> int:
        """Refuse a session's data if the user's part of it exceeds the limit, and is larger than it was.

        The size is the stored one, in which a float like `1e37` is a whole number of 38 digits. Data may have been too
        large before, if the application keeps some under the user's keys or the limit is new.

        Returns:
            The number of bytes left below the limit.

        Raises:
            DataTooLargeError: the user's part is too large, and larger than before.
        """
        size, limit, before = self._size(data), self._settings.max_data_bytes, self.exchange.token.session
        if size > limit and (before is None or size > self._size(before.data)):
            raise DataTooLargeError(size, limit, of="JSON text")
        return max(0, limit - size)

    def _size(self, data: JSONObject) -> int:
        stored = attribute_values.read_map(attribute_values.write_map(self._users_part(data)))
        return text_bytes(stored)

    def kept_data(self, session: Session) -> JSONObject:
        """The part of a session's data that the user may not see, and so does not replace."""
        return {key: value for key, value in session.data.items() if not self._is_users(key)}

    def leave(self) -> None:
        """Take the cookie away from a caller whose session is over."""
        if self.by_cookie:
            self.exchange.token.take_back()

    def _is_users(self, key: str) -> bool:
        return key in self._settings.data_keys

    def _users_part(self, data: JSONObject) -> JSONObject:
        return {key: value for key, value in data.items() if self._is_users(key)}


def _of_customer(session: Session) -> tuple[Session, str]:
    try:
        return require_customer(session)
    except SessionRequiredError:
        raise AnonymousSessionError from None
