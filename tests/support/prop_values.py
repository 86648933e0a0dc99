"""Another value of every prop than its default. Resources of other stacks are imported, so their ARNs are known."""

from __future__ import annotations

from typing import Any, Final

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from local.embedded_aws import ACCOUNT, REGION
from session_store.cdk import DataEncryption
from session_store.settings import Transport

SUBNETS: Final = [f"subnet-{number:017}" for number in (1, 2)]
SECURITY_GROUP: Final = f"sg-{1:017}"
LAYER: Final = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:agent:1"
QUEUE: Final = f"arn:aws:sqs:{REGION}:{ACCOUNT}:failed"


def key_arn(name: str) -> str:
    """The ARN of one of the keys below."""
    return f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{name}"


def of_functions(scope: Construct) -> dict[str, Any]:
    """All that go together."""
    return {
        "memory_size": 1024,
        "timeout": Duration.seconds(7),
        "log_level": lambda_.ApplicationLogLevel.DEBUG,
        "transport": Transport.BOTOCORE,
        "reserved_concurrent_executions": 7,
        "runtime": lambda_.Runtime.PYTHON_3_14,
        "architecture": lambda_.Architecture.X86_64,
        "layers": [lambda_.LayerVersion.from_layer_version_arn(scope, "Layer", LAYER)],
        "tracing": lambda_.Tracing.ACTIVE,
        "vpc": vpc(scope),
        "vpc_subnets": ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        "security_groups": [ec2.SecurityGroup.from_security_group_id(scope, "SecurityGroup", SECURITY_GROUP)],
        "environment_encryption_key": key(scope, "environment"),
        "dead_letter_queue": sqs.Queue.from_queue_arn(scope, "Failed", QUEUE),
        "provisioned_concurrent_executions": 5,
        "log_retention": logs.RetentionDays.ONE_DAY,
        "log_encryption_key": key(scope, "logs"),
        "removal_policy": RemovalPolicy.DESTROY,
    }


def of_tables(scope: Construct) -> dict[str, Any]:
    """All that go together."""
    partner = iam.AccountPrincipal("7" * 12)
    statement = iam.PolicyStatement(actions=["dynamodb:GetItem"], resources=["*"], principals=[partner])
    return {
        "encryption_key": key(scope, "table"),
        "point_in_time_recovery": False,
        "deletion_protection": False,
        "stream": dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
        "contributor_insights": dynamodb.ContributorInsightsMode.THROTTLED_KEYS,
        "resource_policy": iam.PolicyDocument(statements=[statement]),
        "warm_read_units_per_second": 13_000,
        "warm_write_units_per_second": 5_000,
        "max_read_request_units": 700,
        "max_write_request_units": 70,
        "removal_policy": RemovalPolicy.DESTROY,
    }


# In place of values that no application with users has.
PROTECTED: Final = {
    "point_in_time_recovery": True,
    "deletion_protection": True,
    "removal_policy": RemovalPolicy.RETAIN,
}
# Those that do not go with the others.
IN_PLACE_OF_PROVISIONED_EXECUTIONS: Final = {"provisioned_concurrent_executions": None, "snap_start": True}
IN_PLACE_OF_REQUEST_UNITS: Final = {
    "max_read_request_units": None,
    "max_write_request_units": None,
    "min_read_capacity": 2,
    "max_read_capacity": 20,
    "min_write_capacity": 3,
    "max_write_capacity": 30,
    "target_utilization_percent": 60,
}


def of_service(scope: Construct) -> dict[str, Any]:
    """All that go together."""
    return {
        **of_functions(scope),
        **of_tables(scope),
        **of_parts(scope),
        "throttling_rate_limit": 7,
        "throttling_burst_limit": 70,
    }


def of_parts(scope: Construct) -> dict[str, Any]:
    """The optional parts of a store."""
    return {"encryption": DataEncryption(key(scope, "data"), store_id="shop", bundle_libraries=False)}


def vpc(scope: Construct) -> ec2.IVpc:
    """A network with isolated subnets, and public ones."""
    return ec2.Vpc.from_vpc_attributes(
        scope,
        "Vpc",
        vpc_id=f"vpc-{1:017}",
        availability_zones=[f"{REGION}a", f"{REGION}b"],
        isolated_subnet_ids=SUBNETS,
        public_subnet_ids=[f"subnet-{number:017}" for number in (8, 9)],
    )


def key(scope: Construct, name: str) -> kms.IKey:
    """A customer-managed key."""
    return kms.Key.from_key_arn(scope, f"{name.title()}Key", key_arn(name))
