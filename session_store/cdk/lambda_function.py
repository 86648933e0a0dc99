"""The parts of each of the service's functions: a Lambda function, its code, role, log group and alias."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from aws_cdk import Stage
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from session_store.catalog.operator_commands import DESCRIBED_AS
from session_store.cdk.alias import check_start, new_alias
from session_store.cdk.bundle import stage_bundle
from session_store.cdk.checks import as_duration
from session_store.cdk.lambda_grants import grant_to_lambda
from session_store.cdk.log_group import new_log_group
from session_store.cdk.network import check_network
from session_store.cdk.platforms import Platform, python_of
from session_store.cdk.wheels import libraries_zip
from session_store.settings import TRANSPORT, Transport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_logs as logs
    from constructs import Construct

    from session_store.catalog.functions import Function
    from session_store.cdk.props import FunctionProps
    from session_store.cdk.wheels import Libraries


class LambdaFunction(NamedTuple):
    """The parts of one of the service's functions.

    Attributes:
        function: the Lambda function. Its role may write to its log group.
        alias: for its newest version, None where no prop asks for one.
        log_group: where it logs to, JSON lines.
    """

    function: lambda_.Function
    alias: lambda_.Alias | None
    log_group: logs.LogGroup

    @property
    def invoked(self) -> lambda_.IFunction:
        """The one of the two that is called."""
        return self.alias or self.function


def new_lambda_function(
    scope: Construct,
    function: Function,
    props: FunctionProps,
    environment: Mapping[str, str] | None,
    *,
    libraries: frozenset[Libraries] = frozenset(),
    rooms: frozenset[str] = frozenset(),
) -> LambdaFunction:
    """Make one of the service's functions.

    Args:
        scope: the construct it belongs to, and nothing else.
        function: which one.
        props: all of them, checked.
        environment: environment variables.
        libraries: what its zip holds besides, for its runtime and architecture.
        rooms: the optional ones of the package that it holds.

    Raises:
        InvalidInputError: a prop does not go with another.
        LibrariesUnavailableError: the libraries cannot be installed.
    """
    check_network(props)
    check_start(props)
    log_group = new_log_group(scope, "Logs", props)
    made = lambda_.Function(
        scope,
        "Resource",
        description=f"{DESCRIBED_AS}{function.value.replace('_', ' ')}",
        runtime=props["runtime"],
        architecture=props["architecture"],
        layers=list(props["layers"]),
        code=_code(scope, function, props, libraries, rooms),
        handler=f"{function.value}.handler",
        role=_role(scope, log_group),
        environment=_environment(environment, props),
        environment_encryption=props["environment_encryption_key"],
        memory_size=props["memory_size"],
        timeout=as_duration(props["timeout"]),
        reserved_concurrent_executions=props["reserved_concurrent_executions"],
        vpc=props["vpc"],
        vpc_subnets=props["vpc_subnets"],
        security_groups=list(props["security_groups"]),
        dead_letter_queue=props["dead_letter_queue"],
        tracing=props["tracing"],
        snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if props["snap_start"] else None,
        log_group=log_group,
        logging_format=lambda_.LoggingFormat.JSON,
        application_log_level_v2=props["log_level"],
    )
    grant_to_lambda(made, props)
    return LambdaFunction(made, new_alias(scope, made, props), log_group)


def _environment(environment: Mapping[str, str] | None, props: FunctionProps) -> Mapping[str, str] | None:
    if props["transport"] is Transport.AUTO:
        return environment
    return {**(environment or {}), TRANSPORT: props["transport"].value}


def _code(
    scope: Construct, function: Function, props: FunctionProps, libraries: frozenset[Libraries], rooms: frozenset[str]
) -> lambda_.Code:
    stage = cast("Stage", Stage.of(scope))  # there is always one: a stack without an app makes its own
    runtime = props["runtime"]
    besides = libraries_zip(libraries, Platform.of(runtime, props["architecture"])) if libraries else b""
    staged = stage_bundle(function, Path(stage.asset_outdir), besides, rooms, python_of(runtime))
    return lambda_.Code.from_asset(str(staged), asset_hash=staged.stem)


def _role(scope: Construct, log_group: logs.LogGroup) -> iam.Role:
    """A role that may write to the one log group. The managed policy for this allows it on all of them."""
    role = iam.Role(scope, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    log_group.grant_write(role)
    return role
