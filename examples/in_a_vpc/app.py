"""The session service in its own network, which reaches only DynamoDB.

cdk deploy --app "python3 app.py"
"""

from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from session_store.cdk import SessionService

HTTPS = ec2.Port.tcp(443)


class InAVpc(Stack):
    """Functions in isolated subnets. They reach the table through a gateway endpoint, which is free."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        isolated = ec2.SubnetConfiguration(name="Functions", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        vpc = ec2.Vpc(self, "Vpc", max_azs=2, subnet_configuration=[isolated])
        vpc.add_gateway_endpoint("DynamoDB", service=ec2.GatewayVpcEndpointAwsService.DYNAMODB)
        # One group for all: functions with the same subnets and groups share network interfaces.
        group = ec2.SecurityGroup(self, "Functions", vpc=vpc, allow_all_outbound=False)
        group.add_egress_rule(ec2.Peer.any_ipv4(), HTTPS, "DynamoDB; there is no way to anything else")
        SessionService(self, "Sessions", vpc=vpc, security_groups=[group])


app = App()
InAVpc(app, "InAVpc")
app.synth()
