"""The rules of a deployment's sessions, as props; they reach the functions as environment variables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from session_store import checks
from session_store import settings as variables
from session_store.cdk.grants import check_table
from session_store.cdk.props import as_timedelta, as_timedelta_or, check_function
from session_store.errors import InvalidInputError
from session_store.model import (
    DEFAULT_RETENTION,
    DEFAULT_ROTATION_GRACE,
    DEFAULT_TIMEOUTS,
    Timeouts,
    show_duration,
)

if TYPE_CHECKING:
    from datetime import datetime

    from aws_cdk import Duration
    from aws_cdk import aws_lambda as lambda_

    from session_store.cdk.grants import SessionTableGrants


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSettings:
    """The rules that all functions on one table share. None means the library's default.

    Every function that validates tokens of the table needs the same ones. One without `not_before` accepts what the
    others refuse; one with a shorter `rotation_grace` takes a secret that the others still accept for a stolen one, and
    ends the session. So no construct has a default for them: hand on `SessionService.settings`, or write
    `SessionSettings()` where the service has no settings of its own.

        service.settings.add_to(my_function, service.table)  # then, in its code: SessionStore.from_environment()

    Attributes:
        idle_timeout: a session ends without activity for this long; default 30 minutes.
        absolute_timeout: a session ends after this long whatever the activity; default 12 hours, at most 400 days.
        retention: how long the table keeps what has ended; default 30 days, 0 to 365.
        rotation_grace: how long a replaced secret is still accepted; default 30 seconds, 5 seconds to 10 minutes.
        not_before: an aware datetime; no session created before it is valid. None: no such limit.
        rotation_interval: age at which the secret of a signed-in customer's cookie is replaced without being asked, by
            `@session` and the user routes; the authorizer never does. None: never.
        max_sessions_per_customer: signing in ends the customer's oldest sessions beyond it. None: no limit.

    Raises:
        InvalidInputError: a value is out of range, or the idle timeout longer than the absolute one. Also a ValueError.
    """

    idle_timeout: Duration | timedelta | None = None
    absolute_timeout: Duration | timedelta | None = None
    retention: Duration | timedelta | None = None
    rotation_grace: Duration | timedelta | None = None
    not_before: datetime | None = None
    rotation_interval: Duration | timedelta | None = None
    max_sessions_per_customer: int | None = None

    def __post_init__(self) -> None:
        self.environment()

    def add_to(self, function: lambda_.Function, table: SessionTableGrants) -> None:
        """Tell a function of your own the table and these rules: `SessionStore.from_environment()` there reads them.

        It adds environment variables and no permissions: those come from the table's grants. What the function has
        under one of these names is replaced without a word, for CDK does not tell: above all `TABLE_NAME`, where the
        function's own table may be. Give that one another name.

        Args:
            function: any function that uses the library.
            table: the session table, `SessionService.table`.

        Raises:
            InvalidInputError: one of them is something else. Also a ValueError.
        """
        check_function(function)
        for name, value in {variables.TABLE_NAME: check_table(table).table.table_name, **self.environment()}.items():
            function.add_environment(name, value)

    def environment(self) -> dict[str, str]:
        """The settings as the functions read them: environment variables, times in whole seconds."""
        timeouts = _timeouts(
            as_timedelta_or(DEFAULT_TIMEOUTS.idle, "idle_timeout", self.idle_timeout),
            as_timedelta_or(DEFAULT_TIMEOUTS.absolute, "absolute_timeout", self.absolute_timeout),
        )
        retention = checks.check_retention(as_timedelta_or(DEFAULT_RETENTION, "retention", self.retention))
        grace = checks.check_rotation_grace(
            as_timedelta_or(DEFAULT_ROTATION_GRACE, "rotation_grace", self.rotation_grace)
        )
        environment = {
            variables.IDLE_TIMEOUT: _seconds(timeouts.idle),
            variables.ABSOLUTE_TIMEOUT: _seconds(timeouts.absolute),
            variables.RETENTION: _seconds(retention),
            variables.ROTATION_GRACE: _seconds(grace),
        }
        return environment | self._optional()

    def _optional(self) -> dict[str, str]:
        environment = {}
        if not_before := checks.check_not_before(self.not_before):
            environment[variables.NOT_BEFORE] = str(int(not_before.timestamp()))
        if self.rotation_interval is not None:
            interval = as_timedelta("rotation_interval", self.rotation_interval)
            checks.check_rotation_interval(interval)
            environment[variables.ROTATION_INTERVAL] = _seconds(interval)
        if (limit := checks.check_max_sessions(self.max_sessions_per_customer)) is not None:
            environment[variables.MAX_SESSIONS] = str(limit)
        return environment


def _timeouts(idle: timedelta, absolute: timedelta) -> Timeouts:
    """The library's own check, its message in terms of the props."""
    try:
        return Timeouts(idle=idle, absolute=absolute)
    except InvalidInputError as error:
        longest = idle if error.field == "idle" else absolute
        raise InvalidInputError(f"{error.field}_timeout", error.problem, value=show_duration(longest)) from None


def _seconds(value: timedelta) -> str:
    return str(value // timedelta(seconds=1))
