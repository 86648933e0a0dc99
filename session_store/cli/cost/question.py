"""The traffic and the sessions that a cost is asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final, NamedTuple

from session_store.catalog.metric_names import METRIC_NAMES
from session_store.cli.cost.lines import LINE_BYTES, OTHER_BYTES
from session_store.data.weights import MAX_CONTENT_BYTES
from session_store.errors import InvalidInputError
from session_store.settings import DEFAULT_SETTINGS

SECONDS_PER_DAY: Final = 86_400
_ABSOLUTE_TIMEOUT: Final = DEFAULT_SETTINGS.absolute_timeout.total_seconds()


class Through(StrEnum):
    """How the application reaches the sessions."""

    API = "api"  # back ends call the HTTP API: a function runs for each call
    DECORATOR = "decorator"  # the application's own functions, under `@session`


class Range(NamedTuple):
    """The numbers that make sense."""

    least: float
    most: float


RANGES: Final = {
    "sessions_per_day": Range(1, 1e9),
    "requests_per_session": Range(1, 100_000),
    "data_bytes": Range(2, MAX_CONTENT_BYTES - 1024),
    "pause": Range(1, 24 * 3600),
    "changes": Range(0, 1),
    "signed_out": Range(0, 1),
    "new_customers": Range(0, 1),
    "sign_ins_per_month": Range(0.1, 1000),
    "idle_timeout": Range(60, 365 * SECONDS_PER_DAY),
    "rotation_interval": Range(0, 365 * SECONDS_PER_DAY),
    "retention": Range(0, 365),
    "peak": Range(1, 1000),
    "memory": Range(128, 10_240),
    "milliseconds": Range(1, 30_000),
    "log_bytes": Range(0, 1_000_000),
    "metrics": Range(0, 1_000_000),
}
"""By the names of the fields of `Question`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A day of traffic, the sessions and the functions.

    Attributes:
        sessions_per_day: sign-ins.
        requests_per_session: requests that check a session after its sign-in, on average.
        data_bytes: the application's data in a session, as JSON.
        pause: seconds between two requests of a session, on average.
        changes: share of the requests that change the data.
        signed_out: share of the sessions that a sign-out ends. The others are left, and expire.
        new_customers: share of the sign-ins that are a customer's first.
        sign_ins_per_month: of one customer.
        idle_timeout: seconds.
        rotation_interval: seconds, 0 for no rotation. It counts under `@session` alone.
        retention: days that rows stay after their sessions have ended.
        through: how the application reaches the sessions.
        peak: the busiest second, as a multiple of the average one.
        memory: of a function, MiB.
        milliseconds: billed for one call of a function, on average, with its cold starts.
        log_bytes: that one call writes to logs, with the lines of Lambda and of the gateway.
        metrics: custom metrics.
        events: whether the stream feeds lifecycle events.

    Raises:
        InvalidInputError: a number is out of its range or is none, or the numbers contradict each other.
    """

    sessions_per_day: float
    requests_per_session: float
    data_bytes: int
    pause: float = 60
    changes: float = 0.1
    signed_out: float = 0.2
    new_customers: float = 0.05
    sign_ins_per_month: float = 8
    idle_timeout: float = DEFAULT_SETTINGS.idle_timeout.total_seconds()
    rotation_interval: float = DEFAULT_SETTINGS.rotation_interval.total_seconds()
    retention: float = DEFAULT_SETTINGS.retention.total_seconds() / SECONDS_PER_DAY
    through: Through = Through.API
    peak: float = 4
    memory: int = 512
    milliseconds: float = 25
    log_bytes: int = LINE_BYTES + OTHER_BYTES
    metrics: int = len(METRIC_NAMES)
    events: bool = True

    def __post_init__(self) -> None:
        for field in fields(self):
            if field.name in RANGES:
                _check(field.name, getattr(self, field.name))
        if self.pause >= self.idle_timeout:
            problem = f"must be shorter than the idle timeout of {self.idle_timeout:g} s: no session would last"
            raise InvalidInputError("pause", problem, value=self.pause)
        lasts = self.requests_per_session * self.pause
        if lasts > max(_ABSOLUTE_TIMEOUT, self.idle_timeout):
            problem = f"and pauses of {self.pause:g} s make sessions of {lasts / 3600:,.0f} h, longer than any lasts"
            raise InvalidInputError("requests_per_session", problem, value=self.requests_per_session)

    @property
    def requests_per_day(self) -> float:
        """Requests that check a session."""
        return self.sessions_per_day * self.requests_per_session


def _check(name: str, value: float) -> None:
    least, most = RANGES[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidInputError(name, "must be a number", value=value)
    if not least <= value <= most:
        raise InvalidInputError(name, f"must be from {least:g} to {most:,.10g}", value=value)
