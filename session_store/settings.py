"""The rules of a table's sessions: one object for the store, for the constructs and for the functions between them."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from session_store.catalog.declared import Flag, Settings, Text, duration, moment, number, setting
from session_store.errors import InvalidInputError, StoreConfigurationError
from session_store.model import DEFAULT_TIMEOUTS, MAX_ABSOLUTE_TIMEOUT, Timeouts, show_duration
from session_store.values import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping

TABLE_NAME: Final = "TABLE_NAME"
"""The environment variable with the table's name. It says where sessions are, and nothing about them: no setting."""
EVENT_BUS: Final = "SESSION_EVENT_BUS"
"""The environment variable with the name or the ARN of the event bus that lifecycle events go to."""
PARKING_QUEUE_URL: Final = "SESSION_PARKING_QUEUE_URL"
"""The environment variable with the URL of the queue for changes that could not be told of."""

ENCRYPTION_KEYS: Final = "SESSION_ENCRYPTION_KEYS"
"""The environment variable with the ARNs of the keys in KMS that encrypt data (`session_store.encryption`)."""
LARGE_DATA_BUCKET: Final = "SESSION_LARGE_DATA_BUCKET"
"""The environment variable with the name of the bucket that large data goes to (`session_store.large_data`)."""
REQUEST_LINES: Final = "SESSION_REQUEST_LINES"
"""The environment variable that lets an application's own function write a line of JSON for each request."""

VALIDATION_CACHE_HOST: Final = "SESSION_VALIDATION_CACHE_HOST"
"""The environment variable with the host of a cache of validations (`session_store.validation_cache`)."""

TRANSPORT: Final = "SESSION_TRANSPORT"
"""The environment variable that chooses the transport where the code does not."""
INITIALIZATION: Final = "AWS_LAMBDA_INITIALIZATION_TYPE"
"""The environment variable with which Lambda says how it has started the process. Nothing else sets it."""


class Transport(StrEnum):
    """The ways to send the store's requests."""

    AUTO = "auto"
    """In Lambda the library's own transport where that will do, else botocore."""
    OWN = "own"
    """The library's own, or StoreConfigurationError where it will not do."""
    BOTOCORE = "botocore"


# The prefix makes browsers refuse the cookie unless it is Secure, for Path=/ and without Domain: no other host, not
# even a subdomain, can set or read it.
COOKIE_PREFIX: Final = "__Host-"
DEFAULT_COOKIE_NAME: Final = f"{COOKIE_PREFIX}session"
_NEVER: Final = timedelta(0)
_SECOND: Final = timedelta(seconds=1)
_MINUTE: Final = timedelta(minutes=1)


class CookieName(Text):
    """The name of a cookie that one host alone can set and read."""

    unit = "name"
    form = rf"{COOKIE_PREFIX}[A-Za-z0-9_-]{{1,57}}"
    problem = f"must be {COOKIE_PREFIX} and 1 to 57 letters, digits, hyphens or underscores"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSettings(Settings):
    """The rules that all users of one table go by: stores, functions, the authorizer, the user routes.

        SETTINGS = SessionSettings(idle_timeout=timedelta(minutes=15), max_sessions_per_customer=5)
        SessionStore("sessions", settings=SETTINGS)  # in a program
        SessionService(self, "Sessions", settings=SETTINGS)  # in a CDK app. Two apps can import one object

    Code that validates tokens of the table needs the same ones. Without `not_before` it accepts what the others refuse.
    With a shorter `rotation_grace` it takes a secret that the others still accept for a stolen one, and ends the
    session.

    Durations are whole seconds.

    Attributes:
        idle_timeout: a new session ends without activity for this long, unless `create_session` is told otherwise.
        absolute_timeout: a new session ends after this long, however active it is.
        retention: how long rows of sessions that have ended or expired stay readable to DynamoDB's own tools and to
            `get_last_login_time`. Those of a session with children from its absolute end on.
        rotation_grace: how long a replaced secret is still accepted after the first use of its successor. No request
            of an honest browser may be under way for longer.
        rotation_interval: age after which `@session` and the user routes replace the secret of a signed-in customer's
            cookie. The authorizer and introspection never do. At least a minute; 0 disables rotation.
        not_before: no session created before this moment is valid. An aware datetime. It counts in whole seconds.
            None: no such limit.
        max_sessions_per_customer: signing in ends the customer's oldest sessions beyond this number. None: no limit.
            Best effort. It looks at the newest 100 entries of the index, which may lag, and a fault there is counted
            and keeps no customer from signing in. The access pattern `limitSessionsByCustomerId` says what it costs.
        cookie_name: the cookie that a token comes and goes in: `__Host-` and 1 to 57 letters, digits, hyphens or
            underscores. `@session` takes it from its store. Two applications on one host need two names, two on one
            table share name and session. With a new name all users sign in again.
        compression: store data compressed where that saves a unit to write. Any store reads it, so it can be switched
            at any time. Saves of different keys of such data no longer go past each other, but one after the other.

    Raises:
        InvalidInputError: a value is of the wrong type or out of range, or the idle timeout is longer than the absolute
            one. Also a ValueError.
    """

    idle_timeout: timedelta = field(
        default=DEFAULT_TIMEOUTS.idle, metadata=duration("SESSION_IDLE_TIMEOUT", _SECOND, MAX_ABSOLUTE_TIMEOUT)
    )
    absolute_timeout: timedelta = field(
        default=DEFAULT_TIMEOUTS.absolute, metadata=duration("SESSION_ABSOLUTE_TIMEOUT", _SECOND, MAX_ABSOLUTE_TIMEOUT)
    )
    retention: timedelta = field(
        default=timedelta(days=30), metadata=duration("SESSION_RETENTION", timedelta(0), timedelta(days=365))
    )
    # A grace shorter than a request takes would make thieves of two honest ones that run in parallel.
    rotation_grace: timedelta = field(
        default=2 * _MINUTE, metadata=duration("SESSION_ROTATION_GRACE", 5 * _SECOND, 10 * _MINUTE)
    )
    rotation_interval: timedelta = field(
        default=15 * _MINUTE, metadata=duration("SESSION_ROTATION_INTERVAL", _NEVER, MAX_ABSOLUTE_TIMEOUT)
    )
    not_before: datetime | None = field(default=None, metadata=moment("SESSION_NOT_BEFORE"))
    max_sessions_per_customer: int | None = field(
        default=None, metadata=number("SESSION_MAX_PER_CUSTOMER", "sessions", 1, 50)
    )
    cookie_name: str = field(default=DEFAULT_COOKIE_NAME, metadata=setting(CookieName("SESSION_COOKIE_NAME")))
    compression: bool = field(default=False, metadata=setting(Flag("SESSION_COMPRESSION")))

    def _check_together(self) -> None:
        if _NEVER < self.rotation_interval < _MINUTE:
            shown = show_duration(self.rotation_interval)
            raise InvalidInputError("rotation_interval", "must be 0, or a minute at least", value=shown)
        try:
            _ = self.timeouts
        except InvalidInputError as error:  # by the name that it has here
            shown = show_duration(self.idle_timeout)
            raise InvalidInputError(f"{error.field}_timeout", error.problem, value=shown) from None

    @property
    def timeouts(self) -> Timeouts:
        """Both timeouts, as `create_session(timeouts=)` takes them."""
        return Timeouts(idle=self.idle_timeout, absolute=self.absolute_timeout)


DEFAULT_SETTINGS: Final = SessionSettings()


def check_settings(value: SessionSettings) -> SessionSettings:
    """The rules, and not one of them by itself."""
    if not isinstance(value, SessionSettings):
        raise InvalidInputError("settings", "must be a SessionSettings", value=value)
    return value


def writes_request_lines(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether an application's own function writes a line for each request.

    Raises:
        StoreConfigurationError: the variable is neither `true` nor `false`.
    """
    text = environment.get(REQUEST_LINES) or "false"
    if text not in {"true", "false"}:
        raise StoreConfigurationError(f"the environment variable {REQUEST_LINES} must be true or false")
    return text == "true"


def read_table_name(environment: Mapping[str, str] = os.environ) -> str:
    """The table's name as the constructs wrote it. The store checks it.

    Raises:
        StoreConfigurationError: the variable is not set.
    """
    if name := environment.get(TABLE_NAME):
        return name
    raise StoreConfigurationError(f"set the environment variable {TABLE_NAME} to the table's name")
