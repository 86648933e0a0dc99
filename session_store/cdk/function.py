"""One of the service's functions, with a role and a log group of its own."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast
from weakref import WeakKeyDictionary

from aws_cdk import Duration, RemovalPolicy, Stack, Stage
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from session_store.catalog.functions import Function
from session_store.catalog.permissions import permissions_of
from session_store.cdk.bundle import stage_bundle
from session_store.cdk.grants import check_table
from session_store.cdk.props import as_timedelta_or, check_type, check_whole_number
from session_store.cdk.settings import SessionSettings
from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.cdk.grants import SessionTableGrants

DEFAULT_MEMORY_SIZE: Final = 512
DEFAULT_TIMEOUT: Final = timedelta(seconds=10)
_MEMORY_SIZES: Final = range(128, 10240 + 1)
_TIMEOUT_SECONDS: Final = range(5, 29 + 1)  # more than the store's own deadline, no more than an HTTP API waits
_CODE: Final[WeakKeyDictionary[Stack, lambda_.Code]] = WeakKeyDictionary()


class SessionFunction(Construct):
    """A function that serves a group of the API's routes, allowed exactly what they need of the table.

    Args:
        scope: the construct this one belongs to.
        construct_id: its id there.
        table: the session table.
        function: which of the functions.
        settings: the rules of the table's sessions, the same for every function on one table: see `SessionSettings`.
        environment: further environment variables.
        memory_size: MiB, 128 to 10240; processor time comes in proportion.
        timeout: 5 to 29 seconds; the store gives up after 4 by itself.
        log_level: least level of what the function's own code logs.
        log_retention: how long its logs are kept.
        reserved_concurrent_executions: upper limit of parallel executions, set aside from the account's; None for none.
        removal_policy: what becomes of the log group when it leaves its stack.

    Attributes:
        function: the Lambda function.
        log_group: where it logs to, JSON lines.

    Raises:
        InvalidInputError: a prop is out of range or something else. Also a ValueError.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        table: SessionTableGrants,
        function: Function,
        settings: SessionSettings,
        environment: Mapping[str, str] | None = None,
        memory_size: int = DEFAULT_MEMORY_SIZE,
        timeout: Duration | timedelta | None = None,
        log_level: lambda_.ApplicationLogLevel = lambda_.ApplicationLogLevel.INFO,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH,
        reserved_concurrent_executions: int | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        super().__init__(scope, construct_id)
        _check_which(table, function, settings)
        seconds = as_timedelta_or(DEFAULT_TIMEOUT, "timeout", timeout).total_seconds()
        _check_range("memory_size", memory_size, _MEMORY_SIZES, "MiB")
        _check_range("timeout", seconds, _TIMEOUT_SECONDS, "seconds")
        if reserved_concurrent_executions is not None:
            check_whole_number("reserved_concurrent_executions", reserved_concurrent_executions, minimum=0)
        self.log_group = logs.LogGroup(self, "Logs", retention=log_retention, removal_policy=removal_policy)
        self.function = lambda_.Function(
            self,
            "Resource",
            description=f"Session store: {function.value.replace('_', ' ')}",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            code=self._code(),
            handler=f"{function.value}.handler",
            role=self._role(),
            environment=environment,
            memory_size=memory_size,
            timeout=Duration.seconds(seconds),
            reserved_concurrent_executions=reserved_concurrent_executions,
            log_group=self.log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=log_level,
        )
        settings.add_to(self.function, table)
        has_limit = settings.max_sessions_per_customer is not None
        table.grant_permissions(self.function, permissions_of(function, session_limit=has_limit))

    def _code(self) -> lambda_.Code:
        """One asset for all functions of a stack: making one for each of them shows when synthesizing."""
        stack = Stack.of(self)
        if stack not in _CODE:
            stage = cast("Stage", Stage.of(self))  # there is always one: a stack without an app makes its own
            _CODE[stack] = lambda_.Code.from_asset(str(stage_bundle(Path(stage.asset_outdir))))
        return _CODE[stack]

    def _role(self) -> iam.Role:
        """A role that may write to the one log group: the managed policy for this allows it on all of them."""
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.log_group.grant_write(role)
        return role


def _check_which(table: SessionTableGrants, function: Function, settings: SessionSettings) -> None:
    check_table(table)
    check_type("function", function, Function, "a Function, for instance Function.READ")
    check_type("settings", settings, SessionSettings, "service.settings or SessionSettings(...)")


def _check_range(prop: str, value: float, allowed: range, unit: str) -> None:
    if value not in allowed:
        raise InvalidInputError(prop, f"must be {allowed[0]} to {allowed[-1]} whole {unit}", value=value)
