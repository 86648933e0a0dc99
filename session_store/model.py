"""The frozen dataclasses that callers get. Other stored values (hashes, generation) stay inside the library."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from session_store.errors import InvalidInputError
from session_store.values import dataclass, field

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Literal

    from session_store.data.types import JSONObject

WebActivity: TypeAlias = 'Literal["recorded", "none"]'
"""Whether a request counts as activity of its session: see `SessionStore.validate_and_rotate`."""
Activity: TypeAlias = 'Literal["recorded", "none", "read_only"]'
"""How a validation records activity, see `SessionStore.validate`."""
MAX_ABSOLUTE_TIMEOUT: Final = timedelta(days=400)  # what browsers keep a cookie for at most (RFC 6265bis)


class SessionState(StrEnum):
    """Life of a session (attribute `session_state`)."""

    ACTIVE = "active"
    CLOSING = "closing"  # set by the back end; shown by reads, refused by validation
    ENDED = "ended"  # a tombstone; no read serves it as a session


class EndReason(StrEnum):
    """Why a session ended, or a child session (attribute `end_reason`)."""

    SIGNED_OUT = "signed_out"  # by itself, or from another of the customer's sessions
    REPLACED = "replaced"  # by the session of a sign-in
    OPERATOR = "operator"  # by the command line, or a back end that says so
    ALL_ENDED = "all_ended"  # with all of the customer's
    SESSION_LIMIT = "session_limit"  # a sign-in had one session more than the limit
    PROVIDER = "provider_logout"  # an identity provider has signed the customer out
    THEFT = "theft"  # one of its tokens was used again after its replacement


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a session lives.

    Attributes:
        idle: without activity. Whole seconds. Activity is recorded in steps of a tenth of it, 5 minutes at most.
        absolute: altogether, however active it is. Whole seconds, at most 400 days.

    Raises:
        InvalidInputError: not positive whole seconds, idle longer than absolute, or over the maximum.
    """

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=12)

    def __post_init__(self) -> None:
        check_whole_seconds("idle", self.idle, minimum=timedelta(seconds=1), maximum=MAX_ABSOLUTE_TIMEOUT)
        check_whole_seconds("absolute", self.absolute, minimum=timedelta(seconds=1), maximum=MAX_ABSOLUTE_TIMEOUT)
        if self.idle > self.absolute:
            problem = f"must not be longer than the absolute timeout, {show_duration(self.absolute)}"
            raise InvalidInputError("idle", problem, value=show_duration(self.idle))


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session as it was at the moment of the read. Times are aware UTC datetimes.

    Attributes:
        session_id: UUIDv7 (RFC 9562). Sorts by creation time. Not a secret.
        customer_id: None for an anonymous session.
        data: the application's JSON object, never in `repr`. A private copy. Changing it stores nothing. That of a
            listed session in S3 is read when it is first looked at, which can raise what `get_session` raises, and
            `SessionNotFoundError`. After `validate_and_rotate(with_data=False)` there is none: an AttributeError.
        last_login_time: when the customer signed in, None for an anonymous session.
        last_seen_at: last recorded activity, at most a tenth of the idle timeout behind, and 5 minutes.
        expires_at: when the session ends without further activity.
        absolute_expires_at: when it ends in any case.
        version: rises with each change of the data.
        client: description of the device or browser, as given at creation, never in `repr`. Missing where the data is.
        ends_with_browser: whether the cookie is one that browsers forget when they are closed, as chosen at creation.
        snapshot: for the library: the row as it was read, without the token's hashes. A save from this object needs no
            read, and changes count as made to this row. `dataclasses.replace` keeps it, None in an object of your own.
    """

    session_id: str
    customer_id: str | None
    session_state: SessionState
    data: JSONObject = field(repr=False)
    created_at: datetime
    last_login_time: datetime | None
    last_seen_at: datetime
    expires_at: datetime
    absolute_expires_at: datetime
    version: int
    client: str | None = field(default=None, repr=False)
    ends_with_browser: bool = False
    snapshot: object = field(default=None, repr=False, compare=False)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """The data of a listed session in S3. Without data nothing takes its place, nor that of the client."""
            if name not in {"data", "client"}:
                raise AttributeError(name)
            if self.snapshot is None:
                raise AttributeError(f"{name}: the session was validated with with_data=False")
            record = self.snapshot.opened()
            object.__setattr__(self, "snapshot", record)
            object.__setattr__(self, "data", record.data.read())
            return self.data


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSession:
    """A session of one application under a root session (single sign-on). It never outlives its root.

    Attributes are those of `Session`, and `audience`: the application that its token is good for, None for any that
    names none. `last_seen_at` and `last_login_time` are the root's, and `expires_at` is the
    moment at which the root would end without further activity. The data is what it was created with. No operation
    changes it, so that `version` stays 1.
    """

    child_session_id: str
    session_id: str
    customer_id: str | None
    session_state: SessionState
    data: JSONObject = field(repr=False)
    created_at: datetime
    last_login_time: datetime | None
    last_seen_at: datetime
    expires_at: datetime
    absolute_expires_at: datetime
    version: int
    audience: str | None = None


@dataclass(frozen=True, slots=True)
class CreatedSession:
    """A new session and its token, which exists nowhere else.

    Attributes:
        replaced_session_id: the session that ended in the same transaction, None when there was none to end.
    """

    session: Session
    token: str = field(repr=False)
    replaced_session_id: str | None = None


@dataclass(frozen=True, slots=True)
class CreatedChildSession:
    """A new child session and its token, which exists nowhere else."""

    child: ChildSession
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ValidatedSession:
    """A session and, when the presented token has been in use for the rotation interval, a new one.

    Attributes:
        token: to hand to the client, None when the presented one is not due. The presented one stays good until a
            new one has been used.
    """

    session: Session
    token: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rotation:
    """Outcome of a rotation.

    Attributes:
        token: the new token to hand to the client, None when the presented one stays good
            (it is the successor of another, and came into use a moment ago).
    """

    token: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class SessionPage:
    """One page of a customer's live sessions, newest first.

    Attributes:
        cursor: hand it back for the next page, None at the end. A page can be short, or empty, before the end.
    """

    sessions: tuple[Session, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class ChildSessionPage:
    """One page of a session's live child sessions, oldest first.

    Attributes:
        cursor: hand it back for the next page, None at the end. A page can be short, or empty, before the end.
    """

    children: tuple[ChildSession, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a call got that ends, or erases, everything of a customer.

    Attributes:
        count: sessions that this call ended. Of an erasure, rows of sessions that it deleted.
        cursor: hand it back to go on, None when done.
    """

    count: int
    cursor: str | None


def check_whole_seconds(field_name: str, value: timedelta, *, minimum: timedelta, maximum: timedelta) -> None:
    """Refuse a duration that is not whole seconds within the bounds.

    Raises:
        InvalidInputError: naming the field, the value and the bounds.
    """
    if not isinstance(value, timedelta):
        raise InvalidInputError(field_name, "must be a datetime.timedelta", value=value)
    if value.microseconds or not minimum <= value <= maximum:
        bounds = f"{show_duration(minimum)} to {show_duration(maximum)}"
        raise InvalidInputError(field_name, f"must be whole seconds from {bounds}", value=show_duration(value))


def show_duration(value: timedelta) -> str:
    """A duration as people write it, in the largest unit that it is several of: "30 s", "24 h", "400 days"."""
    for unit, name in _UNITS:
        if abs(value) > unit and not value % unit:
            return f"{value // unit} {name}"
    return f"{value.total_seconds():.15g} s"


_UNITS: Final = ((timedelta(days=1), "days"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "min"))
DEFAULT_TIMEOUTS: Final = Timeouts()
