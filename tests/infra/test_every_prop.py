"""Each prop reaches each of its resources, in every construct that takes it; one that is not given leaves no line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import pytest
from aws_cdk import Stack
from aws_cdk import aws_kms as kms
from constructs import Construct

from local.embedded_aws import REGION
from session_store.cdk import SessionTable
from session_store.cdk.prop_kinds import OptionalPart
from session_store.cdk.store_props import ServiceProps, StoreProps
from session_store.cdk.takes import declared, of
from tests.infra.templates import FUNCTION, KEY, LOG_GROUP, STAGE, TABLE, Template, new_stack, template_of
from tests.least_privilege.roles import add_constructs
from tests.support import prop_values as values

ALIAS: Final = "AWS::Lambda::Alias"
PROVISIONED: Final = "a provisioned table and functions from snapshots"
READ: Final = "Properties.Replicas.0.ReadProvisionedThroughputSettings.ReadCapacityAutoScalingSettings"
WRITE: Final = "Properties.WriteProvisionedThroughputSettings.WriteCapacityAutoScalingSettings"
LOG_GROUPS: Final = ["arn:", {"Ref": "AWS::Partition"}, f":logs:{REGION}:", {"Ref": "AWS::AccountId"}, ":log-group:*"]
UTILIZATION: Final = "TargetTrackingScalingPolicyConfiguration.TargetValue"


class Shown(NamedTuple):
    """A prop's place in the template: a path in each resource of a type."""

    resource_type: str
    path: str
    value: Any


def in_functions(path: str, value: Any) -> list[Shown]:
    return [Shown(FUNCTION, f"Properties.{path}", value)]


def in_replica(path: str, value: Any) -> list[Shown]:
    return [Shown(TABLE, f"Properties.Replicas.0.{path}", value)]


def also_in_index(shown: list[Shown]) -> list[Shown]:
    """The index has the same, where its own settings are."""
    (table,) = shown
    in_the_replica = table.path.startswith("Properties.Replicas.0")
    where = "Properties.Replicas.0" if in_the_replica else "Properties"
    return [table, table._replace(path=table.path.replace(where, f"{where}.GlobalSecondaryIndexes.0", 1))]


def in_table(path: str, value: Any) -> list[Shown]:
    return [Shown(TABLE, f"Properties.{path}", value)]


SHOWN: Final[dict[str, list[Shown]]] = {
    "memory_size": in_functions("MemorySize", 1024),
    "timeout": in_functions("Timeout", 7),
    "log_level": in_functions("LoggingConfig.ApplicationLogLevel", "DEBUG"),
    "transport": in_functions("Environment.Variables.SESSION_TRANSPORT", "botocore"),
    "reserved_concurrent_executions": in_functions("ReservedConcurrentExecutions", 7),
    "runtime": in_functions("Runtime", "python3.14"),
    "architecture": in_functions("Architectures", ["x86_64"]),
    "layers": in_functions("Layers", [values.LAYER]),
    "tracing": in_functions("TracingConfig.Mode", "Active"),
    "vpc": in_functions("VpcConfig.SubnetIds", values.SUBNETS),
    "vpc_subnets": in_functions("VpcConfig.SubnetIds", values.SUBNETS),
    "security_groups": in_functions("VpcConfig.SecurityGroupIds", [values.SECURITY_GROUP]),
    "environment_encryption_key": in_functions("KmsKeyArn", values.key_arn("environment")),
    "dead_letter_queue": in_functions("DeadLetterConfig.TargetArn", values.QUEUE),
    "provisioned_concurrent_executions": [
        Shown(ALIAS, "Properties.ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions", 5)
    ],
    "snap_start": in_functions("SnapStart.ApplyOn", "PublishedVersions"),
    "log_retention": [Shown(LOG_GROUP, "Properties.RetentionInDays", 1)],
    "log_encryption_key": [Shown(LOG_GROUP, "Properties.KmsKeyId", values.key_arn("logs"))],
    "removal_policy": [Shown(LOG_GROUP, "DeletionPolicy", "Delete"), Shown(TABLE, "DeletionPolicy", "Delete")],
    "throttling_rate_limit": [Shown(STAGE, "Properties.DefaultRouteSettings.ThrottlingRateLimit", 7)],
    "throttling_burst_limit": [Shown(STAGE, "Properties.DefaultRouteSettings.ThrottlingBurstLimit", 70)],
    "encryption_key": in_replica("SSESpecification.KMSMasterKeyId", values.key_arn("table")),
    "point_in_time_recovery": in_replica("PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled", False),
    "deletion_protection": in_replica("DeletionProtectionEnabled", False),
    "stream": in_table("StreamSpecification.StreamViewType", "NEW_AND_OLD_IMAGES"),
    "contributor_insights": also_in_index(in_replica("ContributorInsightsSpecification.Mode", "THROTTLED_KEYS")),
    "resource_policy": in_replica("ResourcePolicy.PolicyDocument.Statement.0.Action", "dynamodb:GetItem"),
    "warm_read_units_per_second": also_in_index(in_table("WarmThroughput.ReadUnitsPerSecond", 13_000)),
    "warm_write_units_per_second": also_in_index(in_table("WarmThroughput.WriteUnitsPerSecond", 5_000)),
    "max_read_request_units": also_in_index(in_replica("ReadOnDemandThroughputSettings.MaxReadRequestUnits", 700)),
    "max_write_request_units": also_in_index(in_table("WriteOnDemandThroughputSettings.MaxWriteRequestUnits", 70)),
    "min_read_capacity": also_in_index([Shown(TABLE, f"{READ}.MinCapacity", 2)]),
    "max_read_capacity": also_in_index([Shown(TABLE, f"{READ}.MaxCapacity", 20)]),
    "min_write_capacity": also_in_index([Shown(TABLE, f"{WRITE}.MinCapacity", 3)]),
    "max_write_capacity": also_in_index([Shown(TABLE, f"{WRITE}.MaxCapacity", 30)]),
    "target_utilization_percent": [
        *also_in_index([Shown(TABLE, f"{READ}.{UTILIZATION}", 60)]),
        *also_in_index([Shown(TABLE, f"{WRITE}.{UTILIZATION}", 60)]),
    ],
}
WITH_THE_OTHERS: Final = {name for name, value in values.IN_PLACE_OF_REQUEST_UNITS.items() if value} | {"snap_start"}
# Their defaults are in the template, or are CDK's own.
ALWAYS_THERE: Final = {
    *("memory_size", "timeout", "log_level", "runtime", "architecture", "log_retention", "removal_policy"),
    *("throttling_rate_limit", "throttling_burst_limit", "point_in_time_recovery", "deletion_protection"),
}


def with_props(*others: Mapping[str, Any]) -> Template:
    """Every construct with another value of every prop."""
    stack = new_stack(region=REGION)
    service = values.of_service(Construct(stack, "Values"))
    for other in others:
        service.update(other)
    functions = of(StoreProps, service)
    add_constructs(stack, service=service, authorizer=functions, user_routes=functions, sign_in=functions)
    return template_of(stack)


@pytest.fixture(scope="module")
def template() -> Template:
    return with_props()


@pytest.fixture(scope="module")
def other_template() -> Template:
    return with_props(values.IN_PLACE_OF_PROVISIONED_EXECUTIONS, values.IN_PLACE_OF_REQUEST_UNITS)


@pytest.fixture(scope="module")
def plain_template() -> Template:
    stack = new_stack(region=REGION)
    add_constructs(stack, sign_in={})
    return template_of(stack)


def found(template: Template, shown: Shown) -> Iterator[Any]:
    """The value under the path in each resource of the type that is a construct's own, None if there is no value."""
    for logical_id, resource in template.resources(shown.resource_type).items():
        if not logical_id.startswith("ApiDefaultStage"):  # the application's
            value: Any = resource
            for part in shown.path.split("."):
                value = value[int(part)] if isinstance(value, list) else (value or {}).get(part)
            yield value


def test_every_prop_is_looked_at_here() -> None:
    props = declared(ServiceProps)
    parts = {name for name, prop in props.items() if isinstance(prop, OptionalPart)}  # test_optional_parts.py has them
    assert set(SHOWN) == props.keys() - parts


@pytest.mark.shows("A22")
@pytest.mark.parametrize("name", SHOWN)
def test_a_prop_reaches_each_of_its_resources(name: str, template: Template, other_template: Template) -> None:
    looked_at = other_template if name in WITH_THE_OTHERS else template
    for shown in SHOWN[name]:
        there = list(found(looked_at, shown))
        assert there == [shown.value] * len(there) != [], shown.path


@pytest.mark.parametrize("name", [name for name in SHOWN if name not in ALWAYS_THERE])
def test_a_prop_that_is_not_given_leaves_no_line(name: str, plain_template: Template) -> None:
    assert all(value is None for shown in SHOWN[name] for value in found(plain_template, shown))


def test_without_props_there_is_no_other_kind_of_resource(plain_template: Template, template: Template) -> None:
    def kinds(of_template: Template) -> set[str]:
        return {resource["Type"] for resource in of_template.content["Resources"].values()}

    assert kinds(template) - kinds(plain_template) == {ALIAS, "AWS::Lambda::Version"}


def test_the_seed_of_a_table_that_becomes_a_provisioned_one_is_the_most_that_it_may_have(
    other_template: Template,
) -> None:
    for path, most in ((READ, 20), (WRITE, 30)):
        shown = also_in_index([Shown(TABLE, f"{path}.SeedCapacity", most)])
        assert [value for each in shown for value in found(other_template, each)] == [most, most]
    assert other_template.only(TABLE)[1]["Properties"]["BillingMode"] == "PROVISIONED"


def test_a_table_scales_from_one_unit_unless_told() -> None:
    stack = new_stack()
    SessionTable(stack, "Table", max_read_capacity=20, max_write_capacity=30)
    template = template_of(stack)
    assert list(found(template, Shown(TABLE, f"{READ}.MinCapacity", 1))) == [1]
    assert list(found(template, Shown(TABLE, f"{READ}.{UTILIZATION}", 70))) == [70]


def test_cloudwatch_may_use_a_key_that_the_app_makes_and_for_logs_alone() -> None:
    stack = new_stack(region=REGION)
    key = kms.Key(stack, "Key")
    add_constructs(stack, service={"log_encryption_key": key}, authorizer={"log_encryption_key": key})
    (_, of_logs) = template_of(stack).only(KEY)[1]["Properties"]["KeyPolicy"]["Statement"]
    assert of_logs["Principal"] == {"Service": f"logs.{REGION}.amazonaws.com"}
    assert not [action for action in of_logs["Action"] if "*" in action]
    (condition,) = of_logs["Condition"].values()
    assert condition == {"kms:EncryptionContext:aws:logs:arn": {"Fn::Join": ["", LOG_GROUPS]}}


def test_a_key_of_another_stack_encrypts_logs() -> None:
    stack = new_stack(region=REGION)
    elsewhere = Stack(stack.node.root, "Keys", env={"region": REGION})  # type: ignore[arg-type]
    add_constructs(stack, service={"log_encryption_key": kms.Key(elsewhere, "Key")})
    groups = template_of(stack).properties(LOG_GROUP)
    assert [group["KmsKeyId"] for group in groups if "KmsKeyId" in group]
