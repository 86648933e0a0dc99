"""Permissions that Lambda itself needs in a function's role because of its props. CDK allows tracing and the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from session_store.catalog.permissions import QUEUE_KEY_ACTIONS, VARIABLES_KEY_ACTIONS
from session_store.cdk.checks import key_itself
from session_store.cdk.network import grant_network

if TYPE_CHECKING:
    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_lambda as lambda_

    from session_store.cdk.props import FunctionProps


def grant_to_lambda(function: lambda_.Function, props: FunctionProps) -> None:
    """Grant a function's role what its VPC and its keys need.

    Args:
        function: the function.
        props: all of them, checked.
    """
    if props["vpc"] is not None:
        grant_network(function, props)
    if (key := props["environment_encryption_key"]) is not None:
        grant_key(function, key, _service("lambda", function), VARIABLES_KEY_ACTIONS)
    queue = props["dead_letter_queue"]
    if queue is not None and queue.encryption_master_key is not None:
        grant_queue_key(function, key_itself("dead_letter_queue", queue.encryption_master_key))


def grant_queue_key(grantee: lambda_.Function | iam.ManagedPolicy, key: kms.IKey) -> None:
    """Let a function, or an operator, send and take messages of a queue under a customer-managed key."""
    grant_key(grantee, key, _service("sqs", grantee), QUEUE_KEY_ACTIONS)


def grant_key(grantee: iam.IGrantable, key: kms.IKey, service: str, actions: tuple[str, ...]) -> iam.Grant:
    """Allow the use of a key through one service, not by the grantee itself.

    Args:
        grantee: the role, function or policy.
        key: the key itself.
        service: with its region, `sqs.eu-central-1`.
        actions: on the key.
    """
    return iam.Grant.add_to_principal(
        grantee=grantee,
        actions=list(actions),
        resource_arns=[key.key_arn],
        conditions={"StringEquals": {"kms:ViaService": f"{service}.amazonaws.com"}},
    )


def _service(name: str, beside: lambda_.Function | iam.ManagedPolicy) -> str:
    return f"{name}.{Stack.of(beside).region}"
