"""The environment variables that a function reads, with their defaults and ranges: a table for the documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from docgen.markdown import table
from session_store import checks, settings
from session_store.data.weights import MAX_ITEM_BYTES
from session_store.kernel import web_settings
from session_store.model import (
    DEFAULT_RETENTION,
    DEFAULT_ROTATION_GRACE,
    DEFAULT_TIMEOUTS,
    MAX_ABSOLUTE_TIMEOUT,
    MAX_RETENTION,
)

_SECONDS: Final = "seconds"
_KEYS: Final = "JSON array of keys"
_BOOLEAN: Final = "JSON boolean"
_STORE: Final = "`SessionStore.from_environment`"
_USER_ROUTES: Final = "user routes"
_AUTHORIZER: Final = "authorizer"


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable.

    Attributes:
        unit: what its text stands for.
        default: what counts when it is not set.
        least: the least number that is accepted, None where it is no number or any will do.
        most: the greatest, likewise.
        reader: what reads it.
    """

    name: str
    unit: str
    default: str
    least: int | None = None
    most: int | None = None
    reader: str = _STORE

    @property
    def allowed(self) -> str:
        """The range in words."""
        return "" if self.least is None or self.most is None else f"{self.least:,} to {self.most:,}"


def _seconds(
    name: str, least: timedelta, most: timedelta, *, default: timedelta | None, reader: str = _STORE
) -> Variable:
    shown = "never" if default is None else f"{_count(default):,}"
    return Variable(name, _SECONDS, shown, _count(least), _count(most), reader)


def _count(duration: timedelta) -> int:
    return duration // timedelta(seconds=1)


VARIABLES: Final = (
    Variable(settings.TABLE_NAME, "name or ARN of the table", "required"),
    _seconds(settings.IDLE_TIMEOUT, timedelta(seconds=1), MAX_ABSOLUTE_TIMEOUT, default=DEFAULT_TIMEOUTS.idle),
    _seconds(settings.ABSOLUTE_TIMEOUT, timedelta(seconds=1), MAX_ABSOLUTE_TIMEOUT, default=DEFAULT_TIMEOUTS.absolute),
    _seconds(settings.RETENTION, timedelta(0), MAX_RETENTION, default=DEFAULT_RETENTION),
    _seconds(
        settings.ROTATION_GRACE, checks.MIN_ROTATION_GRACE, checks.MAX_ROTATION_GRACE, default=DEFAULT_ROTATION_GRACE
    ),
    _seconds(settings.ROTATION_INTERVAL, timedelta(minutes=1), MAX_ABSOLUTE_TIMEOUT, default=None),
    Variable(settings.MAX_SESSIONS, "sessions", "no limit", 1, checks.MAX_SESSIONS_PER_CUSTOMER),
    Variable(settings.NOT_BEFORE, "seconds since 1970 (UTC)", "no such limit"),
    Variable(
        web_settings.ALLOWED_ORIGINS, "JSON array of origins", "the API's own", reader=f"{_USER_ROUTES}, {_AUTHORIZER}"
    ),
    _seconds(
        web_settings.MAX_AUTH_AGE,
        timedelta(0),
        MAX_ABSOLUTE_TIMEOUT,
        default=web_settings.DEFAULT_MAX_AUTH_AGE,
        reader=_USER_ROUTES,
    ),
    Variable(web_settings.DATA_KEYS, _KEYS, "none", reader=_USER_ROUTES),
    Variable(
        web_settings.MAX_DATA_BYTES,
        "bytes",
        f"{web_settings.DEFAULT_MAX_DATA_BYTES:,}",
        checks.MIN_DATA_BYTES,
        MAX_ITEM_BYTES,
        _USER_ROUTES,
    ),
    Variable(web_settings.CONTEXT_DATA_KEYS, _KEYS, "none", reader=_AUTHORIZER),
    Variable(web_settings.STRICT, _BOOLEAN, "`false`", reader=_AUTHORIZER),
    Variable(web_settings.BEARER_ONLY, _BOOLEAN, "`false`", reader=_AUTHORIZER),
    Variable(web_settings.ALLOW_ANONYMOUS, _BOOLEAN, "`false`", reader=_AUTHORIZER),
)


def variables() -> str:
    """The table."""
    return table(
        ("variable", "unit", "default", "range", "read by"),
        ((f"`{v.name}`", v.unit, v.default, v.allowed, v.reader) for v in VARIABLES),
    )
