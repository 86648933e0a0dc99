"""Settings that travel from the constructs to the functions, as environment variables.

The names are used by both sides: `session_store.cdk` writes them, `Settings.from_environment` reads them.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from session_store import checks
from session_store.errors import InvalidInputError, StoreConfigurationError
from session_store.model import DEFAULT_RETENTION, DEFAULT_ROTATION_GRACE, DEFAULT_TIMEOUTS, Timeouts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

TABLE_NAME: Final = "TABLE_NAME"
IDLE_TIMEOUT: Final = "SESSION_IDLE_TIMEOUT"  # seconds
ABSOLUTE_TIMEOUT: Final = "SESSION_ABSOLUTE_TIMEOUT"  # seconds
RETENTION: Final = "SESSION_RETENTION"  # seconds
ROTATION_GRACE: Final = "SESSION_ROTATION_GRACE"  # seconds
ROTATION_INTERVAL: Final = "SESSION_ROTATION_INTERVAL"  # seconds; not set: no automatic rotation
MAX_SESSIONS: Final = "SESSION_MAX_PER_CUSTOMER"  # not set: no limit
NOT_BEFORE: Final = "SESSION_NOT_BEFORE"  # epoch seconds; no session from before it is valid
_VARIABLES: Final = {
    "table_name": TABLE_NAME,
    "idle": IDLE_TIMEOUT,
    "absolute": ABSOLUTE_TIMEOUT,
    "retention": RETENTION,
    "rotation_grace": ROTATION_GRACE,
    "rotation_interval": ROTATION_INTERVAL,
    "max_sessions_per_customer": MAX_SESSIONS,
    "not_before": NOT_BEFORE,
}
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a store is told; a deployed function reads it from its environment.

    Attributes are the arguments of `SessionStore`.

    Raises:
        InvalidInputError: a value is of the wrong type or out of range.
    """

    table_name: str
    timeouts: Timeouts = DEFAULT_TIMEOUTS
    retention: timedelta = DEFAULT_RETENTION
    rotation_grace: timedelta = DEFAULT_ROTATION_GRACE
    not_before: datetime | None = None
    rotation_interval: timedelta | None = None
    max_sessions_per_customer: int | None = None

    def __post_init__(self) -> None:
        checks.check_table_name(self.table_name)
        checks.check_timeouts(self.timeouts)
        checks.check_retention(self.retention)
        checks.check_rotation_grace(self.rotation_grace)
        checks.check_not_before(self.not_before)
        checks.check_rotation_interval(self.rotation_interval)
        checks.check_max_sessions(self.max_sessions_per_customer)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings that the constructs wrote; what is not set has the library's default.

        Raises:
            StoreConfigurationError: TABLE_NAME is missing, or a variable, which the message names, is malformed or out
                of range.
        """
        if not environment.get(TABLE_NAME):
            raise StoreConfigurationError(f"set the environment variable {TABLE_NAME} to the table's name")
        with naming_variables(_VARIABLES):
            return cls(
                table_name=environment[TABLE_NAME],
                timeouts=Timeouts(
                    idle=_read(environment, "idle", _seconds, DEFAULT_TIMEOUTS.idle),
                    absolute=_read(environment, "absolute", _seconds, DEFAULT_TIMEOUTS.absolute),
                ),
                retention=_read(environment, "retention", _seconds, DEFAULT_RETENTION),
                rotation_grace=_read(environment, "rotation_grace", _seconds, DEFAULT_ROTATION_GRACE),
                not_before=_read(environment, "not_before", _moment, None),
                rotation_interval=_read(environment, "rotation_interval", _seconds, None),
                max_sessions_per_customer=_read(environment, "max_sessions_per_customer", int, None),
            )


@contextmanager
def naming_variables(variables: Mapping[str, str]) -> Iterator[None]:
    """Say of a setting that is not acceptable which environment variable it came from.

    Args:
        variables: field -> environment variable.

    Raises:
        StoreConfigurationError: in place of the InvalidInputError of such a field.
    """
    try:
        yield
    except InvalidInputError as error:
        if error.field not in variables:
            raise
        got = f" (got {error.shown_value})" if error.shown_value else ""
        message = f"environment variable {variables[error.field]}: {error.problem}{got}"
        raise StoreConfigurationError(message) from None


def _read(environment: Mapping[str, str], field: str, meaning: Callable[[int], _T], default: _T) -> _T:
    text = environment.get(_VARIABLES[field])
    if not text:
        return default
    try:
        number = int(text)
    except ValueError:
        raise InvalidInputError(field, "must be a whole number", value=text) from None
    try:
        return meaning(number)
    except (ValueError, OverflowError, OSError):  # which of them depends on the platform
        raise InvalidInputError(field, "is out of range", value=text) from None


def _seconds(number: int) -> timedelta:
    return timedelta(seconds=number)


def _moment(epoch_seconds: int) -> datetime:
    return datetime.fromtimestamp(epoch_seconds, UTC)
