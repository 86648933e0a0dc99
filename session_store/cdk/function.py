"""One of the service's functions, with a role and a log group of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from aws_cdk import Stage
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from session_store.catalog.functions import Function
from session_store.catalog.operator_commands import DESCRIBED_AS
from session_store.catalog.permissions import permissions_of
from session_store.cdk.alias import check_start, new_alias
from session_store.cdk.bundle import stage_bundle
from session_store.cdk.checks import as_duration, check_type
from session_store.cdk.grants import check_table
from session_store.cdk.lambda_grants import grant_to_lambda
from session_store.cdk.log_group import new_log_group
from session_store.cdk.network import check_network
from session_store.cdk.props import FunctionProps
from session_store.cdk.takes import filled, takes
from session_store.settings import SessionSettings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Unpack

    from session_store.cdk.grants import SessionTableGrants


@takes(FunctionProps)
class SessionFunction(Construct):
    """A function that serves a group of the API's routes, allowed exactly what they need of the table.

    Args:
        scope: the construct this one belongs to.
        construct_id: its id there.
        table: the session table.
        function: which of the functions.
        settings: the rules of the table's sessions, the same for every function on one table: see `SessionSettings`.
        environment: further environment variables.

    Attributes:
        function: the Lambda function.
        alias: `live`, which stands for its newest version, where a prop asks for one, else None. CDK can scale the
            provisioned executions on it.
        invoked: the one of the two that API Gateway calls.
        log_group: where it logs to, JSON lines.

    Raises:
        InvalidInputError: a prop is out of range or something else, or does not go with another. Also a ValueError.
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
        **props: Unpack[FunctionProps],
    ) -> None:
        super().__init__(scope, construct_id)
        _check_which(table, function, settings)
        of_function = filled(FunctionProps, props)
        check_network(of_function)
        check_start(of_function)
        self.log_group = new_log_group(self, "Logs", of_function)
        self.function = lambda_.Function(
            self,
            "Resource",
            description=f"{DESCRIBED_AS}{function.value.replace('_', ' ')}",
            runtime=of_function["runtime"],
            architecture=of_function["architecture"],
            layers=list(of_function["layers"]),
            code=self._code(function),
            handler=f"{function.value}.handler",
            role=self._role(),
            environment=environment,
            environment_encryption=of_function["environment_encryption_key"],
            memory_size=of_function["memory_size"],
            timeout=as_duration(of_function["timeout"]),
            reserved_concurrent_executions=of_function["reserved_concurrent_executions"],
            vpc=of_function["vpc"],
            vpc_subnets=of_function["vpc_subnets"],
            security_groups=list(of_function["security_groups"]),
            dead_letter_queue=of_function["dead_letter_queue"],
            tracing=of_function["tracing"],
            snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if of_function["snap_start"] else None,
            log_group=self.log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=of_function["log_level"],
        )
        grant_to_lambda(self.function, of_function)
        table.connect(self.function, settings)
        has_limit = settings.max_sessions_per_customer is not None
        table.grant_permissions(self.function, permissions_of(function, session_limit=has_limit))
        self.alias = new_alias(self, self.function, of_function)
        self.invoked: lambda_.IFunction = self.alias or self.function

    def _code(self, function: Function) -> lambda_.Code:
        stage = cast("Stage", Stage.of(self))  # there is always one: a stack without an app makes its own
        return lambda_.Code.from_asset(str(stage_bundle(function, Path(stage.asset_outdir))))

    def _role(self) -> iam.Role:
        """A role that may write to the one log group. The managed policy for this allows it on all of them."""
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.log_group.grant_write(role)
        return role


def _check_which(table: SessionTableGrants, function: Function, settings: SessionSettings) -> None:
    check_table(table)
    check_type("function", function, Function, "a Function, for instance Function.READ")
    check_type("settings", settings, SessionSettings, "service.settings or SessionSettings(...)")
