"""Functions in a VPC: which subnets and groups, and what a role has to allow Lambda for it.

Lambda makes and removes network interfaces under the function's own role. AWS's managed policy allows that, and logs,
on every resource, to the function's code as well. Here it is the subnets and groups of the function, and not its code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam

from session_store.catalog.permissions import NETWORK_CHANGES, NETWORK_CREATES, NETWORK_DESCRIBES
from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_lambda as lambda_

    from session_store.cdk.props import FunctionProps

_ONLY_IN_A_VPC: Final = ("vpc_subnets", "security_groups")
_OF_A_SELECTION: Final = (
    "availability_zones",
    "one_per_az",
    "subnet_filters",
    "subnet_group_name",
    "subnets",
    "subnet_type",
)


def check_network(props: FunctionProps) -> None:
    """Refuse what is for a VPC where there is none, and public subnets.

    Raises:
        InvalidInputError: so it is.
    """
    vpc = props["vpc"]
    if vpc is None:
        for name in _ONLY_IN_A_VPC:
            if props[name]:
                raise InvalidInputError(name, "must not be given without vpc")
        return
    public = {subnet.subnet_id for subnet in vpc.public_subnets}
    if not public.isdisjoint(_subnet_ids(props)):
        raise InvalidInputError("vpc_subnets", "must not be public ones: a function has no address on the internet")


def grant_network(function: lambda_.Function, props: FunctionProps) -> None:
    """Let Lambda, and not the function's code, manage network interfaces under the role of a function in a VPC.

    Args:
        function: the function. Its security groups count.
        props: all of them, checked.
    """
    stack = Stack.of(function)
    groups = [group.security_group_id for group in function.connections.security_groups]
    attached = [_arn(stack, "subnet", each, account=_owner(props)) for each in _subnet_ids(props)]
    attached += [_arn(stack, "security-group", each) for each in groups]
    for actions, resources in (
        (NETWORK_CREATES, [_arn(stack, "network-interface", "*"), *attached]),
        (NETWORK_CHANGES, [_arn(stack, "*", "*")]),  # as AWS documents it: with less, interfaces may stay
        (NETWORK_DESCRIBES, ["*"]),
    ):
        function.add_to_role_policy(iam.PolicyStatement(actions=list(actions), resources=resources))
    function.add_to_role_policy(
        iam.PolicyStatement(
            effect=iam.Effect.DENY,
            actions=[*NETWORK_CREATES, *NETWORK_CHANGES, *NETWORK_DESCRIBES],
            resources=["*"],
            # Requests of a function's code have it, Lambda's own do not.
            conditions={"Null": {"lambda:SourceFunctionArn": "false"}},
        )
    )


def _owner(props: FunctionProps) -> str | None:
    """The account that subnets belong to. Another one may share its VPC, which `Vpc.from_lookup` knows."""
    vpc = props["vpc"]
    return vpc.env.account if vpc else None


def subnet_ids(vpc: ec2.IVpc, chosen: ec2.SubnetSelection | None) -> list[str]:
    """The ids of a VPC's chosen subnets, of CDK's choice for functions without one."""
    given = {name: getattr(chosen, name) for name in _OF_A_SELECTION} if chosen else {}
    return vpc.select_subnets(**given).subnet_ids


def _subnet_ids(props: FunctionProps) -> list[str]:
    vpc = props["vpc"]
    return [] if vpc is None else subnet_ids(vpc, props["vpc_subnets"])


def _arn(stack: Stack, resource: str, name: str, *, account: str | None = None) -> str:
    return stack.format_arn(service="ec2", resource=resource, resource_name=name, account=account)
