"""The cache of validations by its template, since no emulator has it: network, permissions, limits, and who gets it."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, Final

import pytest
import valkey
from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk.aws_dynamodb import StreamViewType
from constructs import Construct

from local.embedded_aws import REGION
from local.valkey import valkey_server, why_unavailable
from session_store import InvalidInputError, SessionSettings, SessionStore
from session_store.catalog.functions import Function
from session_store.catalog.metrics import Metric
from session_store.cdk import (
    DataEncryption,
    LargeDataBucket,
    OidcRoutes,
    SessionAuthorizer,
    SessionIssuer,
    SessionService,
    SessionTable,
    SessionUserRoutes,
    ValidationCacheCluster,
)
from session_store.cdk.props import TableProps
from session_store.cdk.store_props import StoreProps
from session_store.cdk.takes import of
from session_store.observing import Observation
from session_store.testing import in_memory_store
from session_store.validation_cache import ValidationCache
from session_store.validation_cache.settings import ValidationCacheSettings
from tests.infra.templates import FUNCTION, Template, logical_id, new_function, new_stack, template_of
from tests.support import prop_values as values

CACHE: Final = "AWS::ElastiCache::ServerlessCache"
USER: Final = "AWS::ElastiCache::User"
GROUP: Final = "AWS::EC2::SecurityGroup"
ENDPOINT: Final = "AWS::EC2::VPCEndpoint"
HITS, FAULTS = Metric.CACHE_HITS, Metric.CACHE_FAULTS
INGRESS: Final = "AWS::EC2::SecurityGroupIngress"


def table_with_a_function(stack: Construct, cache: ValidationCacheCluster | None = None, **props: Any) -> SessionTable:
    """A table, with one of the constructs' functions on it that reads data and has a cache."""
    cache = cache or ValidationCacheCluster(stack, "Cache")
    table = SessionTable(stack, "Table", **of(TableProps, props))
    given = of(StoreProps, props) | {"validation_cache": cache}
    SessionAuthorizer(stack, "Authorizer", table=table, settings=SessionSettings(), context_data_keys=["tier"], **given)
    return table


@pytest.fixture(scope="module")
def template() -> Template:
    """A service and user routes, whose functions all have the cache that they use, in a network made for it."""
    stack = new_stack()
    cache = ValidationCacheCluster(stack, "Cache")
    key = kms.Key(stack, "Key")
    service = SessionService(stack, "Sessions", validation_cache=cache)
    api = apigateway.HttpApi(stack, "Api")
    shared: dict[str, Any] = {"table": service.table, "settings": service.settings, "validation_cache": cache}
    SessionUserRoutes(stack, "UserRoutes", api=api, **shared)
    SessionIssuer(stack, "Issuer", api=api, audiences=["orders"], keys=[key], **shared)
    return template_of(stack)


def by_code(template: Template) -> dict[str, tuple[str, dict[str, Any]]]:
    """The functions by the file that their handler is in: logical id and properties."""
    found = template.resources(FUNCTION).items()
    return {each["Properties"]["Handler"].partition(".")[0]: (name, each["Properties"]) for name, each in found}


def variables(function: dict[str, Any]) -> dict[str, Any]:
    return {name: text for name, text in function["Environment"]["Variables"].items() if "VALIDATION_CACHE" in name}


def endpoints(template: Template) -> set[str]:
    return {
        json.dumps(each["ServiceName"]).rpartition(".")[2].partition('"')[0] for each in template.properties(ENDPOINT)
    }


# Who gets it


def test_functions_that_validate_or_write_have_the_cache_and_the_others_nothing_of_it(template: Template) -> None:
    functions = by_code(template)
    with_cache = {name for name, (_, function) in functions.items() if variables(function)}

    assert set(functions) - with_cache == {Function.READ, Function.ISSUER}
    for name, (_, function) in functions.items():
        assert ("VpcConfig" in function) is (name in with_cache)
        allowed = template.permissions(logical_id(function["Role"]))
        assert any(action.startswith("elasticache:") for action, _ in allowed) is (name in with_cache)


# Who may do what


@pytest.mark.shows("A45")
def test_a_function_may_connect_to_this_cache_as_this_user_and_to_nothing_else(template: Template) -> None:
    arns = {
        json.dumps({"Fn::GetAtt": [template.only(CACHE)[0], "ARN"]}),
        json.dumps({"Fn::GetAtt": [template.only(USER)[0], "Arn"]}),
    }
    _, function = by_code(template)[Function.INTROSPECT]
    allowed = template.permissions(logical_id(function["Role"]))
    assert {pair for pair in allowed if pair[0].startswith("elasticache")} == {
        ("elasticache:Connect", arn) for arn in arns
    }


def test_the_one_user_signs_in_by_iam_and_may_use_the_librarys_keys_and_commands_alone(template: Template) -> None:
    name, user = template.only(USER)
    properties = user["Properties"]
    assert properties["AuthenticationMode"] == {"Type": "iam"}
    assert properties["UserId"] == properties["UserName"]
    is_on, keys, *rights = properties["AccessString"].split()
    assert (is_on, keys) == ("on", "~session-store:*")
    assert {"resetchannels", "-@all"} == {right for right in rights if not right.startswith("+")}
    _, group = template.only("AWS::ElastiCache::UserGroup")
    assert group["Properties"]["UserIds"] == [{"Ref": name}]
    assert template.only(CACHE)[1]["Properties"]["UserGroupId"] == {
        "Ref": template.only("AWS::ElastiCache::UserGroup")[0]
    }


def test_the_users_rights_are_enough_for_the_library_and_none_is_too_much(template: Template) -> None:
    if reason := why_unavailable():
        pytest.skip(reason)
    rights = template.only(USER)[1]["Properties"]["AccessString"].split()
    with valkey_server() as server, in_memory_store() as memory:
        operator: Any = valkey.Valkey(port=server.port)

        def works() -> bool:
            """Whether a process that signs in as the user has a hit, and no fault."""
            operator.script_flush()
            seen: list[Observation] = []
            user = SimpleNamespace(get_credentials=lambda: ("app", "password"))
            cache = ValidationCache("127.0.0.1", port=server.port, tls=False, credentials=user)
            store = SessionStore(memory.table_name, clock=memory.clock, validation_cache=cache, observer=seen.append)
            new = store.create_session("ana")
            for _ in range(2):
                store.validate(new.token)
            store.end_session(new.session)
            hits, faults = (sum(each.counts.get(name, 0) for each in seen) for name in (HITS, FAULTS))
            return hits == 1 and not faults

        operator.execute_command("ACL", "SETUSER", "app", "reset", *rights, ">password")
        assert works()
        for right in (right for right in rights if right.startswith("+")):
            operator.execute_command("ACL", "SETUSER", "app", right.replace("+", "-"))
            assert not works(), right
            operator.execute_command("ACL", "SETUSER", "app", right)


def test_the_functions_variables_are_what_the_store_reads(template: Template) -> None:
    _, function = by_code(template)[Function.INTROSPECT]
    given = variables(function)
    name, cache = template.only(CACHE)
    assert given["SESSION_VALIDATION_CACHE_HOST"] == {"Fn::GetAtt": [name, "Endpoint.Address"]}
    assert given["SESSION_VALIDATION_CACHE_PORT"] == {"Fn::GetAtt": [name, "Endpoint.Port"]}
    deployed = {key: text if isinstance(text, str) else "1234" for key, text in given.items()}
    settings = ValidationCacheSettings.from_environment(deployed)
    assert settings.name == cache["Properties"]["ServerlessCacheName"]
    assert settings.user == template.only(USER)[1]["Properties"]["UserName"]
    assert settings.tls


# The network


def test_the_cache_lets_in_the_functions_alone(template: Template) -> None:
    (of_cache,) = template.only(CACHE)[1]["Properties"]["SecurityGroupIds"]
    (of_functions,) = by_code(template)[Function.INTROSPECT][1]["VpcConfig"]["SecurityGroupIds"]
    let_in = [each for each in template.properties(INGRESS) if each["GroupId"] == of_cache]
    assert [(each["SourceSecurityGroupId"], each["FromPort"], each["ToPort"]) for each in let_in] == [
        (of_functions, 6379, 6379)
    ]
    assert "SecurityGroupIngress" not in template.resources(GROUP)[logical_id(of_cache)]["Properties"]


def test_a_network_that_is_made_has_a_way_to_each_service_that_its_functions_call_and_no_other(
    template: Template,
) -> None:
    assert endpoints(template) == {"dynamodb", "kms"}  # the issuer signs
    for kind in ("AWS::EC2::InternetGateway", "AWS::EC2::NatGateway"):
        assert not template.resources(kind)

    plain = new_stack()
    table_with_a_function(plain)
    assert endpoints(template_of(plain)) == {"dynamodb"}


def test_keys_that_other_services_use_for_a_function_need_no_endpoint() -> None:
    stack = new_stack(REGION)
    key = kms.Key(stack, "Key")
    table_with_a_function(stack, encryption_key=key, environment_encryption_key=key)
    assert endpoints(template_of(stack)) == {"dynamodb"}


def test_together_with_encryption_and_large_data_there_are_ways_to_kms_and_s3() -> None:
    stack = new_stack(REGION)
    encryption = DataEncryption(values.key(stack, "data"), store_id="shop")
    of_table: dict[str, Any] = {
        "encryption_key": values.key(stack, "table"),
        "stream": StreamViewType.NEW_AND_OLD_IMAGES,
    }
    table_with_a_function(stack, encryption=encryption, large_data=LargeDataBucket(stack, "LargeData"), **of_table)

    template = template_of(stack)
    assert endpoints(template) == {"dynamodb", "kms", "s3"}
    variables = by_code(template)[Function.AUTHORIZER][1]["Environment"]["Variables"]
    assert variables.keys() >= {"SESSION_STORE_ID", "SESSION_LARGE_DATA_BUCKET", "SESSION_VALIDATION_CACHE_HOST"}


def test_a_given_network_gets_groups_and_no_endpoints() -> None:
    stack = new_stack(REGION)
    vpc = values.vpc(stack)
    own = ec2.SecurityGroup.from_security_group_id(stack, "Own", values.SECURITY_GROUP)
    cache = ValidationCacheCluster(stack, "Cache", vpc=vpc)
    table_with_a_function(stack, cache, vpc=vpc, security_groups=[own])
    template = template_of(stack)

    assert not template.resources(ENDPOINT)
    assert template.only(CACHE)[1]["Properties"]["SubnetIds"] == values.SUBNETS
    config = template.only(FUNCTION)[1]["Properties"]["VpcConfig"]
    assert config["SubnetIds"] == values.SUBNETS
    assert config["SecurityGroupIds"][0] == values.SECURITY_GROUP
    assert len(config["SecurityGroupIds"]) == 2


def test_of_a_network_with_more_zones_the_cache_takes_three() -> None:
    stack = new_stack(REGION)
    subnets = [f"subnet-{number:017}" for number in range(4)]
    zones = [f"{REGION}{zone}" for zone in "abcd"]
    vpc = ec2.Vpc.from_vpc_attributes(
        stack, "Vpc", vpc_id=f"vpc-{1:017}", availability_zones=zones, private_subnet_ids=subnets
    )
    ValidationCacheCluster(stack, "Cache", vpc=vpc)
    assert template_of(stack).only(CACHE)[1]["Properties"]["SubnetIds"] == subnets[:3]


# The cache


def test_usage_has_limits_and_nothing_is_copied_to_snapshots(template: Template) -> None:
    properties = template.only(CACHE)[1]["Properties"]
    assert properties["Engine"] == "valkey"
    assert properties["CacheUsageLimits"] == {
        "DataStorage": {"Unit": "GB", "Maximum": 1},
        "ECPUPerSecond": {"Maximum": 10_000},
    }
    assert "SnapshotRetentionLimit" not in properties
    assert "KmsKeyId" not in properties
    assert len(properties["ServerlessCacheName"]) <= 40


def test_it_is_encrypted_with_the_tables_key_or_the_one_that_is_given() -> None:
    stack = new_stack(REGION)
    of_table, given = values.key(stack, "table"), values.key(stack, "given")
    table_with_a_function(stack, encryption_key=of_table)
    ValidationCacheCluster(stack, "Another", encryption_key=given)
    found = {each["KmsKeyId"] for each in template_of(stack).properties(CACHE)}
    assert found == {values.key_arn("table"), values.key_arn("given")}


# Own functions


def test_an_own_function_in_the_network_reaches_the_cache_and_what_its_role_may_call() -> None:
    stack = new_stack()
    cache = ValidationCacheCluster(stack, "Cache")
    function = new_function(stack, vpc=cache.vpc, allow_all_outbound=False)
    cache.connect(function, table_with_a_function(stack, cache))
    kms.Key.from_key_arn(stack, "Key", values.key_arn("own")).grant_decrypt(function)

    template = template_of(stack)
    (group,) = by_code(template)["own"][1]["VpcConfig"]["SecurityGroupIds"]
    ports = [each["FromPort"] for each in template.properties(INGRESS) if each["SourceSecurityGroupId"] == group]
    assert sorted(ports) == [443, 6379]  # KMS and the cache
    assert set(variables(by_code(template)["own"][1])) == set(variables(by_code(template)[Function.AUTHORIZER][1]))


# Mistakes


def test_an_own_function_outside_of_the_network_is_refused() -> None:
    stack = new_stack()
    cache = ValidationCacheCluster(stack, "Cache")
    with pytest.raises(InvalidInputError, match=r"^function: must be in the VPC of the cache"):
        cache.connect(new_function(stack), SessionTable(stack, "Table"))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"max_gigabytes": 0}, "max_gigabytes: must be 1 to 5000 whole GB"),
        ({"max_ecpu_per_second": 999}, "max_ecpu_per_second: must be 1000 to 15000000 whole ECPU"),
        ({"vpc_subnets": ec2.SubnetSelection()}, "vpc_subnets: must not be given without vpc"),
        ({"vpc": "vpc-1"}, "vpc: must be a VPC of CDK"),
        ({"encryption_key": "alias/key"}, "encryption_key: must be a key of CDK"),
    ],
)
def test_a_mistake_in_a_prop_fails_the_synthesis(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInputError, match=f"^{message}"):
        ValidationCacheCluster(new_stack(), "Cache", **given)


def test_props_that_do_not_go_with_it_are_refused() -> None:
    stack = new_stack(REGION)
    groups = [ec2.SecurityGroup.from_security_group_id(stack, f"Group{n}", f"sg-{n:017}") for n in range(5)]
    wrong: dict[str, Any] = {"timeout": Duration.seconds(9), "vpc": values.vpc(stack), "security_groups": groups}
    for name, value in wrong.items():
        scope = Construct(stack, name)
        with pytest.raises(InvalidInputError) as refusal:
            table_with_a_function(scope, **{name: value})
        assert refusal.value.field == name
    with pytest.raises(InvalidInputError, match="layers: must have one with valkey"):
        table_with_a_function(stack, ValidationCacheCluster(stack, "Cache", bundle_libraries=False))


def test_a_sign_in_with_a_provider_needs_a_network_with_a_way_to_it() -> None:
    stack = new_stack()
    client: dict[str, Any] = {"issuer": "https://id.example.com", "client_id": "any", "customer_prefix": "id:"}
    with pytest.raises(InvalidInputError, match=r"^validation_cache: must be in a VPC with a way to the internet"):
        OidcRoutes(
            stack,
            "SignIn",
            api=apigateway.HttpApi(stack, "Api"),
            table=SessionTable(stack, "Table"),
            settings=SessionSettings(),
            validation_cache=ValidationCacheCluster(stack, "Cache"),
            **client,
        )
