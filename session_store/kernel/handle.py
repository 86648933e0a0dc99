"""`SessionHandle`: the session as a handler works with it. Read at the first touch, saved by the exchange at the end.

The data is neither copied nor compared as a whole. A list or an object is copied when it is handed out, and at the end
only those keys are compared that were handed out, set or deleted.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, MutableMapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Never

from session_store import checks
from session_store.data.difference import difference, private_copy, same
from session_store.data.weights import text_bytes
from session_store.errors import (
    DataTooLargeError,
    InvalidTokenError,
    NoCurrentSessionError,
    SessionNotFoundError,
    SessionRequiredError,
)
from session_store.kernel.admission import binding_of, check_binding, require_customer
from session_store.kernel.web_settings import max_session_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from session_store.data.types import JSONObject
    from session_store.kernel.request_token import RequestToken
    from session_store.model import CreatedSession, Rotation, Session, Timeouts
    from session_store.operations.provider_sessions import ProviderSession
    from session_store.store import SessionStore

_ABSENT: Final = object()
_CONTAINERS: Final = frozenset({dict, list})


class SessionHandle(MutableMapping[str, Any]):
    """The visitor's session: a mapping of its data, with methods that sign in and out.

    Set, change and delete keys as in a dict, also deep inside (`handle["cart"].append("tea")`). The changes are saved
    when the handler has succeeded. The methods act at once, even if the handler fails afterwards.

    Every access can raise `StoreUnavailableError` or `StoreConfigurationError` (answered 503 unless caught) and
    `InvalidTokenError` (a bad Bearer token, answered 401 unless caught). After its call has ended, every access raises
    `NoCurrentSessionError`. An assignment raises `DataTooLargeError` (413) if its value alone is more than the session
    may hold, otherwise the save does. A value that cannot be stored (a Decimal, a datetime, a set, bytes) is an
    `InvalidInputError` that names the key, unless the key looks like data. The assignment raises it, or the save if the
    value was put into another one later. Tuples come back as lists, whole floats as integers (10.0 as 10).

    `$authentication`, how a provider's user signed in, is the library's. It is not among the keys, `clear` leaves it,
    and assigning it is an `InvalidInputError`.
    """

    def __init__(self, token: RequestToken, max_data_bytes: int | None) -> None:
        self._token = token
        self._max_data_bytes = max_data_bytes
        self._lock = threading.RLock()
        self._is_open = False  # read, and not closed
        self._is_closed = False
        self._stored: JSONObject = {}  # what the table holds, as far as this call knows; is never changed
        self._data: JSONObject = {}  # what the handler works on; shares with `_stored` what was not touched
        self._touched: dict[str, None] = {}  # keys that were handed out as copies, set or deleted, in that order
        self._is_private = True  # whether no `Session` that was handed out shares its data with these

    # The mapping

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - any JSON value; callers know which
        if not self._is_open:
            self.load()
        if key not in self._touched and type(self._data[key]) in _CONTAINERS:
            with self._lock:  # two threads that look for the first time must get the same copy
                if key not in self._touched:
                    self._data[key] = private_copy(self._data[key])
                    self._touched[key] = None
        return self._data[key]

    def __setitem__(self, key: str, value: Any) -> None:  # noqa: ANN401
        if not self._is_open:
            self.load()
        self._check_size(value)
        from session_store.kernel.naming import naming_keys  # noqa: PLC0415 - reading does without

        with naming_keys():
            checks.check_data({key: value}, limit=self.store.max_data_bytes)
        checks.check_no_reserved_key("key", (key,))
        with self._lock:  # a first look by another thread would put its copy in place of this
            self.load()  # which has just saved, perhaps
            self._data[key] = value
            self._touched[key] = None

    def __delitem__(self, key: str) -> None:
        with self._lock:
            self.load()
            del self._data[key]
            self._touched[key] = None

    def __contains__(self, key: object) -> bool:
        if not self._is_open:
            self.load()
        return key in self._data

    def __iter__(self) -> Iterator[str]:
        if not self._is_open:
            self.load()
        return iter(self._data)

    def __len__(self) -> int:
        if not self._is_open:
            self.load()
        return len(self._data)

    # The customer, and the session's times

    @property
    def store(self) -> SessionStore:
        """The store behind it, for instance to list a customer's sessions."""
        return self._token.store

    @property
    def session(self) -> Session | None:
        """The session as it is stored, None while it is new. Changing its data saves nothing. Change the handle's."""
        with self._lock:
            session = self.load()
            if session is not None:
                self._keep_own_copy()
            return session

    @property
    def is_new(self) -> bool:
        """Whether nothing is stored for this visitor yet."""
        return self.load() is None

    @property
    def is_signed_in(self) -> bool:
        """Whether it is a customer's live session."""
        return self.customer_id is not None

    @property
    def session_id(self) -> str | None:
        """Its id, None while it is new."""
        session = self.load()
        return session.session_id if session else None

    @property
    def customer_id(self) -> str | None:
        """The customer who is signed in, None for an anonymous visitor."""
        session = self.load()
        return session.customer_id if session else None

    @property
    def last_login_time(self) -> datetime | None:
        """When the customer signed in, None for an anonymous visitor."""
        session = self.load()
        return session.last_login_time if session else None

    @property
    def expires_at(self) -> datetime | None:
        """When it ends without further activity, None while it is new."""
        session = self.load()
        return session.expires_at if session else None

    @property
    def absolute_expires_at(self) -> datetime | None:
        """When it ends in any case, None while it is new."""
        session = self.load()
        return session.absolute_expires_at if session else None

    @property
    def binding(self) -> str:
        """The value for a form's hidden field, by which `check_binding` recognizes its session. Not a secret."""
        return binding_of(self.load())

    def check_binding(self, given: str | None) -> None:
        """Refuse a form that was made in another session than this request's. Another tab has signed in or out since.

        Call it before anything is done. It reads and writes nothing besides the session, and does not replace the check
        of the request's origin. Other sites may know the value.

        Args:
            given: the `binding` that the form brings back, None when it brings none, which is refused.

        Raises:
            AnotherSessionError: it was (answered 409).
        """
        check_binding(given, self.load())

    # Methods that act at once

    def increment(self, key: str, by: float = 1) -> int | float:
        """Add to a number, atomically, and return the sum. A missing key starts at 0.

        One write. Of parallel increments none is lost, and each returns another sum. While the session is new, or when
        the key was assigned in this call, it is a plain addition that is saved with the rest.

        Raises:
            ConflictError: the key does not hold a number.
            SessionRequiredError: the session ended meanwhile.
            DataTooLargeError: the key is new, and there is no more room.
        """
        from session_store.operations import single_values  # noqa: PLC0415 - few requests need it

        with self._lock:
            session = self.load()
            before = self._data.get(checks.check_data_key(key), _ABSENT)
            checks.check_no_reserved_key("key", (key,))
            if session is None or (key in self._touched and not same(before, self._stored.get(key, _ABSENT))):
                return self._add(key, by)
            if before is _ABSENT:
                self._check_size(self._stored | {key: by}, self._stored)
            try:
                updated = self.store.increment(session, key, by)
            except SessionNotFoundError:
                self._lose()
            # Changes that others saved since our read stay unseen, so that the save notices when it would overwrite
            # them.
            alone = updated.version == session.version + 1
            self._token.session = updated if alone else single_values.seen(session, key, updated)
            total: int | float = updated.data[key]
            self._stored = self._stored | {key: total}
            self._data[key] = total
            return total

    def take(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - any JSON value
        """Remove a value and return it. Of parallel requests one gets it. For what may be used once, as a nonce.

        One write at once, even if the handler fails afterwards. `default` comes back where the key is not there, where
        another request has taken or changed it since this one read, and where it cannot be told who has. While the
        session is new, or when the key was assigned in this call, it is `pop`, and saved with the rest.

        Raises:
            SessionRequiredError: the session ended meanwhile.
        """
        from session_store.operations import single_values  # noqa: PLC0415 - few requests need it

        with self._lock:
            session = self.load()
            before = self._data.get(checks.check_data_key(key), _ABSENT)
            if session is None or (key in self._touched and not same(before, self._stored.get(key, _ABSENT))):
                return self.pop(key, default)
            if before is _ABSENT:
                return default
            try:
                value = self.store.take(session, key, default=_ABSENT)
            except SessionNotFoundError:
                self._lose()
            if value is _ABSENT:
                return default
            self._token.session = single_values.seen(session, key)
            self._stored = {name: each for name, each in self._stored.items() if name != key}
            del self._data[key]
            return value

    def sign_in(
        self,
        customer_id: str,
        *,
        data: Mapping[str, object] | None = None,
        carry_data: bool = False,
        client: str | None = None,
        timeouts: Timeouts | None = None,
        ends_with_browser: bool = False,
        provider_session: ProviderSession | None = None,
    ) -> CreatedSession:
        """Start a session of the customer, always with a new id. The one before ends in the same transaction.

        The cookie is set, unless the request came with a Bearer token. Then hand the token in the answer to the client.
        For "remember me": longer `timeouts` for those who tick the box, `ends_with_browser` for those who do not.

        Args:
            customer_id: who has proved to be who they are, to your own code or your identity provider. None is refused:
                a claim that is missing from a provider's answer starts no session.
            data: first content.
            carry_data: keep what is in this session (unsaved changes included), `data` merged over it. Only from an
                anonymous session or the same customer's.
            client: description of the device or browser, at most 512 characters, for "where you are signed in".
            timeouts: this session's own, in place of the store's.
            ends_with_browser: whether browsers forget the cookie when they are closed. Rotations keep that.
            provider_session: see `SessionStore.create_session`.

        Raises:
            InvalidInputError: an argument is not acceptable.
            ProviderSessionEndedError: the identity provider has signed the customer out meanwhile.
            DataTooLargeError: the new session's data is more than it may hold.
            ConflictError: the session before kept changing.
        """
        with self._lock:
            self._require_open()
            # None, a claim that is missing, would be a visitor to the store.
            checks.check_customer_id(customer_id)
            first = checks.check_data({} if data is None else data, limit=self.store.max_data_bytes)
            checks.check_no_reserved_key("data", first)
            if timeouts is not None:
                checks.check_timeouts(timeouts)
            checks.check_flag("ends_with_browser", ends_with_browser)
            checks.check_provider_session(provider_session, customer_id)
            carries = checks.check_flag("carry_data", carry_data) and self._is_open
            carried = self._data if carries else {}
            self._check_size(carried | first, carried)
            unstored = self._before_carrying() if carries else {}
            created = self.store.create_session(
                customer_id,
                data=unstored | first,
                client=client,
                timeouts=timeouts,
                ends_with_browser=ends_with_browser,
                replaces=self._token.session or self._token.text,  # the session saves a read
                carry_data=carry_data,
                provider_session=provider_session,
            )
            self._take(created)
            self._keep_own_copy()
            return created

    def sign_out(self) -> None:
        """End the session and clear the cookie. Without a session only the cookie is cleared."""
        with self._lock:
            self._token.end(self.load)
            self._forget()
            self._token.take_back()

    def sign_out_everywhere(self, *, except_here: bool = False) -> int:
        """End all sessions of the customer, on every device. Returns how many this call ended.

        This one first, then as many as there are within 4 seconds: with 512 MB of memory about 200, with a whole core
        about 1,000. A session that was not reached, or was created less than about a second ago, is not counted. It is
        refused within 5 minutes of use, and at once under `strict=True`.

        Args:
            except_here: keep this one. Its child sessions end.

        Raises:
            SessionRequiredError: no customer is signed in.
        """
        with self._lock:
            session, customer_id = require_customer(self.load())
            here = session.session_id
            try:
                ended = self.store.end_customer_sessions(
                    customer_id,
                    except_session_id=here if except_here else None,
                    first_session_id=None if except_here else here,
                )
            except SessionNotFoundError:
                self._lose()
            if not except_here:
                self._forget()
                self._token.take_back()
            return ended.count

    def rotate(self) -> Rotation:
        """Replace the token's secret, for instance after a change of rights. The cookie is set.

        The old secret stays good for the store's grace period after the first use of the new one. A token that was
        rotated a moment ago, by a request running in parallel, stays as it is.

        Returns:
            The new token for a client that came with a Bearer token.

        Raises:
            SessionRequiredError: there is no stored session.
        """
        with self._lock:
            self.load()
            try:
                return self._token.rotate()
            except InvalidTokenError:
                self._lose()

    # For the exchange

    def load(self) -> Session | None:
        """Read the session, unless that was done. For the library itself, like `save` and `close`."""
        if not self._is_open:
            with self._lock:
                self._require_open()
                if not self._is_open:
                    self._adopt(self._token.read() if self._token.session is None else self._read_again())
        return self._token.session

    def save(self, *, goes_on: bool = False) -> None:
        """Store what changed, and nothing when nothing did. A visitor's first data starts a session.

        Args:
            goes_on: whether the session is worked with after it. Otherwise the table is not asked how the session is
                now, which saves CPU time, and a later touch reads the session again.

        Raises:
            SessionRequiredError: the session ended meanwhile.
            ConflictError: others changed the same keys meanwhile.
            DataTooLargeError: it is more than the session may hold.
        """
        if not self._touched:
            return
        from session_store.kernel.naming import naming_keys  # noqa: PLC0415 - reading does without

        with self._lock, naming_keys():
            session = self._token.session
            if session is not None:
                self._save(session, goes_on=goes_on)
            elif self._data:
                self._check_size(self._data)
                self._take(self.store.create_session(data=self._data))

    def close(self) -> None:
        """The call is over. Nothing that was kept of the session can be used any more."""
        self._is_closed = True
        self._is_open = False

    # Parts

    def _read_again(self) -> Session | None:
        """The session after a save, None if it has ended. This is no use of its token.

        The client may have yet to get it. One that never gets it goes on with the one before, and would be taken for a
        thief.
        """
        try:
            return self.store.validate(self._token.text or "", activity="read_only")
        except InvalidTokenError:
            self._token.forget()
            return None

    def _save(self, session: Session, *, goes_on: bool) -> None:
        """Store the difference of the keys that were touched."""
        before, after = self._part_of(self._stored), private_copy(self._part_of(self._data))
        patch = difference(before, after)
        if not patch:
            return
        self._check_size(self._data | after, self._stored)
        try:
            if goes_on:
                self._adopt(self.store.update_data(session, patch))
            else:
                self.store.save_changes(session, patch)
                self._touched, self._is_open = {}, False
        except SessionNotFoundError:
            self._lose()

    def _check_size(self, data: object, before: JSONObject | None = None) -> None:
        """Refuse data that is more than a session may hold, unless it was as much before."""
        size, limit = _text_bytes(data), self._max_data_bytes or max_session_bytes(self.store.max_data_bytes)
        if size > limit and size > _text_bytes(before):
            raise DataTooLargeError(size, limit, of="JSON text")

    def _part_of(self, data: JSONObject) -> JSONObject:
        """The keys that were touched."""
        return {key: data[key] for key in self._touched if key in data}

    def _require_open(self) -> None:
        if self._is_closed:
            raise NoCurrentSessionError("the call that this session belonged to is over")

    def _adopt(self, session: Session | None) -> None:
        self._token.session = session
        self._stored = session.data if session else {}
        self._data = self._stored.copy()
        self._data.pop(checks.AUTHENTICATION_KEY, None)  # not the application's to change, so not even its `clear` does
        self._touched = {}
        self._is_private = session is None
        self._is_open = not self._is_closed  # a thread that outlived its call may be reading still

    def _take(self, created: CreatedSession) -> None:
        self._adopt(created.session)
        self._token.hand_out(created.token, created.session)

    def _keep_own_copy(self) -> None:
        """The session is handed out. From here on its data is the caller's to change."""
        if not self._is_private:
            self._stored = private_copy(self._stored)
            self._data |= {key: self._stored[key] for key in self._data if key not in self._touched}
            self._is_private = True

    def _before_carrying(self) -> JSONObject:
        """Store the changes of the session that is to be carried over. Data that was never in one is handed back."""
        if self._token.session is None:
            return self._data
        self.save(goes_on=True)
        return {}

    def _forget(self) -> None:
        self._adopt(None)
        self._token.forget()

    def _lose(self) -> Never:
        """The session that the handler worked with has ended. There is nothing to save to any more."""
        self._forget()
        raise SessionRequiredError("the session ended while the request was served") from None

    def _add(self, key: str, by: float) -> int | float:
        from session_store.data.addition import add  # noqa: PLC0415 - few requests need it

        self[key] = total = add(self._data, key, checks.check_number("by", by))
        return total


def _text_bytes(data: object) -> int:
    """Size of data as compact JSON text in UTF-8. 0 for what is no JSON, which the store refuses."""
    with suppress(TypeError, ValueError, RecursionError):
        return text_bytes(data)
    return 0
