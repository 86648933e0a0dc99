"""Versions of a function that are started before they are called: kept running, or from a snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_cdk import Annotations
from aws_cdk import aws_lambda as lambda_

from session_store.catalog.operator_commands import ALIAS
from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from constructs import Construct

    from session_store.cdk.props import FunctionProps

_CDK_ASKS_FOR_A_VERSION: Final = "@aws-cdk/aws-lambda:snapStartRequirePublish"


def check_start(props: FunctionProps) -> None:
    """Refuse what AWS would refuse, but at deployment.

    Raises:
        InvalidInputError: so it is.
    """
    prop: Final = "provisioned_concurrent_executions"
    provisioned, most = props[prop], props["reserved_concurrent_executions"]
    if provisioned is None:
        return
    if props["snap_start"]:
        raise InvalidInputError(prop, "must not be given with snap_start: AWS takes one of the two", value=provisioned)
    if most is not None and provisioned > most:
        problem = f"must not be more than reserved_concurrent_executions, {most}"
        raise InvalidInputError(prop, problem, value=provisioned)


def new_alias(scope: Construct, function: lambda_.Function, props: FunctionProps) -> lambda_.Alias | None:
    """An alias for the newest version, where a prop works on versions alone. Each deployment moves it.

    Args:
        scope: the construct it belongs to.
        function: the function.
        props: all of them, checked.
    """
    provisioned = props["provisioned_concurrent_executions"]
    if provisioned is None and not props["snap_start"]:
        return None
    Annotations.of(function).acknowledge_warning(_CDK_ASKS_FOR_A_VERSION)
    return lambda_.Alias(
        scope,
        "Alias",
        alias_name=ALIAS,
        version=function.current_version,
        provisioned_concurrent_executions=provisioned,
    )
