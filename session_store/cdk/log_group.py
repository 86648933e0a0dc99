"""Log groups of the functions and the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs

from session_store.catalog.permissions import KEY_ACTIONS_TO_WRITE

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from constructs import Construct

    from session_store.cdk.props import LogProps


def new_log_group(scope: Construct, construct_id: str, props: LogProps) -> logs.LogGroup:
    """A log group, with a key that CloudWatch Logs may use where one is given.

    Args:
        scope: the construct it belongs to.
        construct_id: its id there.
        props: all of them, checked.
    """
    key = props["log_encryption_key"]
    if key is not None:
        _let_logs_use(key, Stack.of(scope))
    return logs.LogGroup(
        scope,
        construct_id,
        retention=props["log_retention"],
        removal_policy=props["removal_policy"],
        encryption_key=key,
    )


def _let_logs_use(key: kms.IKey, stack: Stack) -> None:
    """CloudWatch Logs uses the key as a service, so that no policy of a role can allow it. CDK adds nothing.

    For all log groups of the account and region, because a group and its key would otherwise name each other.
    """
    groups = stack.format_arn(
        service="logs", resource="log-group", resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
    )
    key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
            actions=list(KEY_ACTIONS_TO_WRITE),
            resources=["*"],
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
        )
    )
