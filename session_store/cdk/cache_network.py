"""The network of a cache of validations: its VPC, the groups that let functions reach it, and the ways out.

A function that reaches the cache is in the cache's VPC. It has no way to AWS's other services but endpoints. Those of a
VPC that is made here are derived from the roles: a service that no function calls costs none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import jsii
from aws_cdk import Aspects, IAspect, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from session_store.cdk.network import subnet_ids
from session_store.validation_cache.settings import DEFAULT_PORT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from aws_cdk import aws_lambda as lambda_
    from constructs import IConstruct

_CACHE: Final = ec2.Port.tcp(DEFAULT_PORT)
_HTTPS: Final = ec2.Port.tcp(443)
_ZONES: Final = 2  # the least that the cache accepts
_MOST_ZONES: Final = 3
# In the subnets' routes, for nothing.
_GATEWAYS: Final[Mapping[str, ec2.GatewayVpcEndpointAwsService]] = {
    "dynamodb": ec2.GatewayVpcEndpointAwsService.DYNAMODB,
    "s3": ec2.GatewayVpcEndpointAwsService.S3,
}
# AWS bills them by the hour and zone. Logs, traces and queues of failed events go Lambda's own way.
_INTERFACES: Final[Mapping[str, ec2.InterfaceVpcEndpointAwsService]] = {
    "events": ec2.InterfaceVpcEndpointAwsService.EVENTBRIDGE,
    "kms": ec2.InterfaceVpcEndpointAwsService.KMS,
    "secretsmanager": ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
}


class CacheNetwork:
    """A VPC, with the security group of the cache and one of functions that reach it.

    Args:
        scope: the construct this one belongs to.
        construct_id: its id there.
        vpc: where the cache is. None makes one of isolated subnets in two zones, with its endpoints.
        vpc_subnets: the functions' subnets. The cache takes the first three.

    Attributes:
        vpc: the VPC.
        subnets: the chosen ones, as CDK selects them.
        subnet_ids: those of the cache.
        of_cache: the cache's security group.
        of_functions: the security group of the functions.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, vpc: ec2.IVpc | None, vpc_subnets: ec2.SubnetSelection | None
    ) -> None:
        self._scope = Construct(scope, construct_id)
        self.vpc = vpc or _new_vpc(self._scope)
        self.subnets = vpc_subnets or ec2.SubnetSelection(one_per_az=True)
        self.subnet_ids = subnet_ids(self.vpc, self.subnets)[:_MOST_ZONES]
        self.of_cache = self._new_group("Cache", "cache of validations")
        self.of_functions = self._new_group("Functions", "functions that reach the cache")
        self.of_functions.add_egress_rule(ec2.Peer.any_ipv4(), _HTTPS, "AWS")
        self._functions: list[lambda_.Function] = []
        self._groups: list[ec2.IConnectable] = []
        self._let_in(self.of_functions)
        if vpc is None:
            Aspects.of(self._scope).add(_Endpoints(self._scope, self.add_endpoints))

    @property
    def is_isolated(self) -> bool:
        """Whether the functions have no way to the internet, as far as CDK knows."""
        return {subnet.subnet_id for subnet in self.vpc.isolated_subnets}.issuperset(self.subnet_ids)

    def add(self, function: lambda_.Function) -> None:
        """Let a function reach the cache, and the endpoints, which are made for what it calls."""
        self._functions.append(function)
        if self.of_functions.node.path not in {group.node.path for group in function.connections.security_groups}:
            self._let_in(function)

    def _let_in(self, group: ec2.IConnectable) -> None:
        group.connections.allow_to(self.of_cache, _CACHE, "cache of validations")
        self._groups.append(group)

    def add_endpoints(self) -> None:
        """Add an endpoint for each service that a function's code may call. Those that are there stay."""
        called = {service for function in self._functions for service in _services(function)}
        for service in sorted(called):
            name = service.title()
            if self._scope.node.try_find_child(name) is not None:
                continue
            if service in _GATEWAYS:
                ec2.GatewayVpcEndpoint(self._scope, name, vpc=self.vpc, service=_GATEWAYS[service])
            elif service in _INTERFACES:
                group = self._new_group(f"{name}Endpoint", f"endpoint of {service}")
                for each in self._groups:
                    each.connections.allow_to(group, _HTTPS)
                ec2.InterfaceVpcEndpoint(
                    self._scope, name, vpc=self.vpc, service=_INTERFACES[service], security_groups=[group], open=False
                )

    def _new_group(self, construct_id: str, of: str) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            self._scope, construct_id, vpc=self.vpc, allow_all_outbound=False, description=f"Session store: {of}"
        )


@jsii.implements(IAspect)
class _Endpoints:
    """Adds the endpoints when all permissions are known, which is when the app is synthesized."""

    def __init__(self, scope: Construct, add: Callable[[], None]) -> None:
        self._path = scope.node.path
        self._add = add

    def visit(self, node: IConstruct) -> None:
        if node.node.path == self._path:
            self._add()


def _new_vpc(scope: Construct) -> ec2.Vpc:
    isolated = ec2.SubnetConfiguration(name="Functions", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    return ec2.Vpc(scope, "Vpc", max_azs=_ZONES, nat_gateways=0, subnet_configuration=[isolated])


def _services(function: lambda_.Function) -> Iterator[str]:
    """The services, as IAM names them, whose actions the role allows the function itself."""
    role = function.role
    policies = [each for each in role.node.find_all() if isinstance(each, iam.Policy)] if role else []
    for policy in policies:
        document: dict[str, Any] = Stack.of(function).resolve(policy.document)
        for statement in document["Statement"]:
            through = statement.get("Condition", {}).get("StringEquals", {})
            if "kms:ViaService" in through:
                continue
            actions = statement["Action"]
            for action in [actions] if isinstance(actions, str) else actions:
                yield action.partition(":")[0]
