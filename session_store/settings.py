"""Settings that travel from the constructs to the functions, as environment variables.

The names are used by both sides: `session_store.cdk` writes them, `Settings.from_environment` reads them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from session_store.errors import StoreConfigurationError
from session_store.model import DEFAULT_RETENTION, DEFAULT_ROTATION_GRACE, DEFAULT_TIMEOUTS, Timeouts

if TYPE_CHECKING:
    from collections.abc import Mapping

TABLE_NAME: Final = "TABLE_NAME"
IDLE_TIMEOUT: Final = "SESSION_IDLE_TIMEOUT"  # seconds
ABSOLUTE_TIMEOUT: Final = "SESSION_ABSOLUTE_TIMEOUT"  # seconds
RETENTION: Final = "SESSION_RETENTION"  # seconds
ROTATION_GRACE: Final = "SESSION_ROTATION_GRACE"  # seconds
ROTATION_INTERVAL: Final = "SESSION_ROTATION_INTERVAL"  # seconds; not set: no automatic rotation
MAX_SESSIONS: Final = "SESSION_MAX_PER_CUSTOMER"  # not set: no limit
NOT_BEFORE: Final = "SESSION_NOT_BEFORE"  # epoch seconds; no session from before it is valid


@dataclass(frozen=True, slots=True)
class Settings:
    """What a deployed function knows about its store."""

    table_name: str
    timeouts: Timeouts = DEFAULT_TIMEOUTS
    retention: timedelta = DEFAULT_RETENTION
    rotation_grace: timedelta = DEFAULT_ROTATION_GRACE
    not_before: datetime | None = None
    rotation_interval: timedelta | None = None
    max_sessions_per_customer: int | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings that the constructs wrote; what is not set has the library's default.

        Raises:
            StoreConfigurationError: TABLE_NAME is missing, or a number is not one.
            InvalidInputError: a timeout is out of range.
        """
        if not environment.get(TABLE_NAME):
            raise StoreConfigurationError(f"set the environment variable {TABLE_NAME} to the table's name")
        not_before = environment.get(NOT_BEFORE)
        interval = environment.get(ROTATION_INTERVAL)
        max_sessions = environment.get(MAX_SESSIONS)
        return cls(
            table_name=environment[TABLE_NAME],
            timeouts=Timeouts(
                idle=_seconds(environment, IDLE_TIMEOUT, DEFAULT_TIMEOUTS.idle),
                absolute=_seconds(environment, ABSOLUTE_TIMEOUT, DEFAULT_TIMEOUTS.absolute),
            ),
            retention=_seconds(environment, RETENTION, DEFAULT_RETENTION),
            rotation_grace=_seconds(environment, ROTATION_GRACE, DEFAULT_ROTATION_GRACE),
            not_before=datetime.fromtimestamp(_integer(NOT_BEFORE, not_before), UTC) if not_before else None,
            rotation_interval=timedelta(seconds=_integer(ROTATION_INTERVAL, interval)) if interval else None,
            max_sessions_per_customer=_integer(MAX_SESSIONS, max_sessions) if max_sessions else None,
        )


def _seconds(environment: Mapping[str, str], name: str, default: timedelta) -> timedelta:
    text = environment.get(name)
    return timedelta(seconds=_integer(name, text)) if text else default


def _integer(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise StoreConfigurationError(f"environment variable {name}: expected a whole number, got {text!r}") from None
