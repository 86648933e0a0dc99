"""Functions in a VPC: `examples/in_a_vpc`, as the guide shows it, and a VPC that another account shares."""

from __future__ import annotations

import json
import runpy
from typing import Any, Final

import pytest
from aws_cdk import Environment, Stack
from aws_cdk import aws_ec2 as ec2

from local.embedded_aws import ACCOUNT, REGION
from local.paths import ROOT
from session_store.catalog.routes import BACKEND_FUNCTIONS
from session_store.cdk import SessionService
from tests.infra.templates import FUNCTION, ROLE, Template, logical_id, new_app, template_of

SUBNET: Final = "AWS::EC2::Subnet"
SECURITY_GROUP: Final = "AWS::EC2::SecurityGroup"
OWNER: Final = "7" * 12
LOOKUP: Final = "returnAsymmetricSubnets=true"
SHARED: Final = {
    "name": "Shared",
    "type": "Private",
    "subnets": [{"subnetId": "subnet-1", "availabilityZone": f"{REGION}a", "routeTableId": "rtb-1"}],
}
WAYS_OUT: Final = ("AWS::EC2::InternetGateway", "AWS::EC2::NatGateway")


@pytest.fixture(scope="module")
def template() -> Template:
    assembly = runpy.run_path(str(ROOT / "examples" / "in_a_vpc" / "app.py"))["app"].synth()
    return Template(assembly.get_stack_by_name("InAVpc").template)


def test_every_function_is_in_all_subnets_and_in_the_one_group(template: Template) -> None:
    (group,) = template.resources(SECURITY_GROUP)
    subnets = [{"Ref": name} for name in template.resources(SUBNET)]
    configs = [function["VpcConfig"] for function in template.properties(FUNCTION)]
    assert len(subnets) == 2
    assert configs == [{"SecurityGroupIds": [{"Fn::GetAtt": [group, "GroupId"]}], "SubnetIds": subnets}] * len(
        BACKEND_FUNCTIONS
    )


@pytest.mark.shows("A23")
def test_every_subnet_has_a_way_to_dynamodb_and_none_to_anything_else(template: Template) -> None:
    _, endpoint = template.only("AWS::EC2::VPCEndpoint")
    assert json.dumps(endpoint["Properties"]["ServiceName"]).endswith('".dynamodb"]]}')
    routed = {json.dumps(each["SubnetId"]): each["RouteTableId"] for each in associations(template)}
    assert set(routed) == {json.dumps({"Ref": name}) for name in template.resources(SUBNET)}
    assert all(table in endpoint["Properties"]["RouteTableIds"] for table in routed.values())
    assert not [kind for kind in WAYS_OUT if template.resources(kind)]
    _, group = template.only(SECURITY_GROUP)
    (egress,) = group["Properties"]["SecurityGroupEgress"]
    assert (egress["IpProtocol"], egress["FromPort"], egress["ToPort"]) == ("tcp", 443, 443)


def associations(template: Template) -> list[dict[str, Any]]:
    return template.properties("AWS::EC2::SubnetRouteTableAssociation")


def test_no_role_has_a_managed_policy(template: Template) -> None:
    assert not [role for role in template.properties(ROLE) if "ManagedPolicyArns" in role]


def test_interfaces_are_made_in_the_subnets_of_the_account_that_shares_them() -> None:
    found = {"vpcId": "vpc-1", "ownerAccountId": OWNER, "availabilityZones": [], "subnetGroups": [SHARED]}
    app = new_app({f"vpc-provider:account={ACCOUNT}:filter.vpc-id=vpc-1:region={REGION}:{LOOKUP}": found})
    stack = Stack(app, "Stack", env=Environment(account=ACCOUNT, region=REGION))
    SessionService(stack, "Sessions", vpc=ec2.Vpc.from_lookup(stack, "Vpc", vpc_id="vpc-1"))
    template = template_of(stack)
    for function in template.properties(FUNCTION):
        permissions = template.permissions(logical_id(function["Role"]))
        made = {resource for action, resource in permissions if action == "ec2:CreateNetworkInterface"}
        assert [each for each in made if f":{OWNER}:subnet/subnet-1" in each]
