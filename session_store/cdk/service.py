"""The whole session service as one construct."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from session_store.catalog.routes import BACKEND_FUNCTIONS
from session_store.cdk.api import DEFAULT_THROTTLING_BURST_LIMIT, DEFAULT_THROTTLING_RATE_LIMIT, SessionApi
from session_store.cdk.function import DEFAULT_MEMORY_SIZE, SessionFunction
from session_store.cdk.logical_ids import function_id
from session_store.cdk.settings import SessionSettings
from session_store.cdk.table import SessionTable
from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from session_store.catalog.route import Route
    from session_store.cdk.grants import SessionTableGrants


class SessionService(Construct):
    """Table, functions, their roles, and the HTTP API in front of them.

    All props have defaults that are safe for production. Grants on the table for the application's own functions are
    on `table` (`service.table.grant_validate(fn)`), calls of the HTTP API are granted by `grant_invoke`.

    Args:
        scope: the construct this one belongs to.
        construct_id: its id there.
        table: made elsewhere: a `SessionTable`, or any other through `SessionTable.from_table`; None creates one.
        encryption_key: of the created table, a customer-managed key; default the key that DynamoDB owns.
        point_in_time_recovery: of the created table; default True.
        deletion_protection: of the created table; default True.
        removal_policy: what becomes of the created table and of all logs when they leave their stack.
        idle_timeout: a session ends without activity for this long; default 30 minutes.
        absolute_timeout: a session ends after this long whatever the activity; default 12 hours, at most 400 days.
        retention: how long the table keeps what has ended; default 30 days, 0 to 365.
        rotation_grace: how long a replaced secret is still accepted; default 30 seconds, 5 seconds to 10 minutes.
        not_before: an aware datetime; no session created before it is valid. None: no such limit.
        rotation_interval: age of a token's secret at which it is replaced without being asked. None: never.
        max_sessions_per_customer: signing in ends the customer's oldest sessions beyond it. None: no limit.
        memory_size: MiB of each function, 128 to 10240.
        timeout: of each function, 5 to 29 seconds; default 10.
        log_level: least level of what the functions' own code logs.
        log_retention: how long all logs are kept.
        reserved_concurrent_executions: of each function; None for none.
        throttling_rate_limit: requests per second, all routes and callers together.
        throttling_burst_limit: requests at once.

    Attributes:
        table: the table with its grants.
        settings: the rules of its sessions, for further functions on the same table.
        functions: the functions by `session_store.cdk.Function`.
        api: the HTTP API.

    Raises:
        InvalidInputError: a prop is out of range; the message names it, its value and what is allowed. It is a
            ValueError, too.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        table: SessionTableGrants | None = None,
        encryption_key: kms.IKey | None = None,
        point_in_time_recovery: bool | None = None,
        deletion_protection: bool | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
        idle_timeout: Duration | timedelta | None = None,
        absolute_timeout: Duration | timedelta | None = None,
        retention: Duration | timedelta | None = None,
        rotation_grace: Duration | timedelta | None = None,
        not_before: datetime | None = None,
        rotation_interval: Duration | timedelta | None = None,
        max_sessions_per_customer: int | None = None,
        memory_size: int = DEFAULT_MEMORY_SIZE,
        timeout: Duration | timedelta | None = None,
        log_level: lambda_.ApplicationLogLevel = lambda_.ApplicationLogLevel.INFO,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH,
        reserved_concurrent_executions: int | None = None,
        throttling_rate_limit: int = DEFAULT_THROTTLING_RATE_LIMIT,
        throttling_burst_limit: int = DEFAULT_THROTTLING_BURST_LIMIT,
    ) -> None:
        super().__init__(scope, construct_id)
        self.settings = SessionSettings(
            idle_timeout=idle_timeout,
            absolute_timeout=absolute_timeout,
            retention=retention,
            rotation_grace=rotation_grace,
            not_before=not_before,
            rotation_interval=rotation_interval,
            max_sessions_per_customer=max_sessions_per_customer,
        )
        if table is not None:
            _refuse_with_table(
                encryption_key=encryption_key,
                point_in_time_recovery=point_in_time_recovery,
                deletion_protection=deletion_protection,
            )
        self.table = table or SessionTable(
            self,
            "Table",
            encryption_key=encryption_key,
            point_in_time_recovery=True if point_in_time_recovery is None else point_in_time_recovery,
            deletion_protection=True if deletion_protection is None else deletion_protection,
            removal_policy=removal_policy,
        )
        self.functions = {
            function: SessionFunction(
                self,
                function_id(function),
                table=self.table,
                function=function,
                settings=self.settings,
                memory_size=memory_size,
                timeout=timeout,
                log_level=log_level,
                log_retention=log_retention,
                reserved_concurrent_executions=reserved_concurrent_executions,
                removal_policy=removal_policy,
            )
            for function in BACKEND_FUNCTIONS
        }
        self.api = SessionApi(
            self,
            "Api",
            functions=self.functions,
            throttling_rate_limit=throttling_rate_limit,
            throttling_burst_limit=throttling_burst_limit,
            log_retention=log_retention,
            removal_policy=removal_policy,
        )

    @property
    def url(self) -> str:
        """Where the API answers, with a slash at the end."""
        return self.api.url

    def grant_invoke(self, grantee: iam.IGrantable, *routes: Route | str) -> iam.Grant:
        """Allow a back end to call routes of the API; without any, all of them: see `SessionApi.grant_invoke`."""
        return self.api.grant_invoke(grantee, *routes)


def _refuse_with_table(**table_props: object) -> None:
    for prop, value in table_props.items():
        if value is not None:
            raise InvalidInputError(prop, "must be given to the table that is passed, not beside it", value=value)
