"""The bucket of large data: how it is guarded, who may do what in it, and the function that deletes objects."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from aws_cdk import Environment, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

from app import add_stacks
from local.embedded_aws import ACCOUNT, REGION
from session_store import InvalidInputError
from session_store.catalog.functions import Function
from session_store.catalog.object_deletion import OBJECT_FILTERS
from session_store.cdk import LargeDataBucket, SessionMonitoring, SessionService, SessionTable
from session_store.large_data.settings import LargeDataSettings
from session_store.model import MAX_ABSOLUTE_TIMEOUT
from stacks.environments import EnvironmentSettingsError
from tests.infra.templates import (
    CONTEXT,
    FUNCTION,
    KEY,
    TABLE,
    Template,
    deployment,
    logical_id,
    new_app,
    new_function,
    template_of,
)
from tests.infra.test_optional_parts import with_parts

BUCKET: Final = "AWS::S3::Bucket"
POLICY: Final = "AWS::S3::BucketPolicy"
MAPPING: Final = "AWS::Lambda::EventSourceMapping"
QUEUE: Final = "AWS::SQS::Queue"
ANY_OBJECT: Final = "/????????-????-????-????-????????????/*"
READS, SAVES, STARTS = (
    {"s3:GetObject"},
    {"s3:DeleteObject", "s3:GetObject", "s3:PutObject"},
    {"s3:DeleteObject", "s3:PutObject"},
)
MAY: Final = {
    **dict.fromkeys((Function.UPDATE, Function.USER_SESSION, Function.SIGN_IN), SAVES),
    Function.CREATE: SAVES,
    Function.CREATE_CHILD: STARTS,
    **dict.fromkeys((Function.INTROSPECT, Function.READ, Function.USER_SESSIONS), READS),
    **dict.fromkeys((Function.MINT, Function.USER_MINT), READS),
    Function.ERASE: {"s3:DeleteObject", "s3:ListBucket"},
    Function.DELETE_OBJECTS: {"s3:DeleteObject"},
}


def here() -> Stack:
    return Stack(new_app(), "Stack", env=Environment(account=ACCOUNT, region=REGION))


def of_bucket(template: Template) -> tuple[str, dict[str, Any]]:
    """Logical id and resource of the bucket, not of that of its access log."""
    (found,) = (each for each in template.resources(BUCKET).items() if "LoggingConfiguration" in each[1]["Properties"])
    return found


def statements_of(template: Template, function: Function) -> list[dict[str, Any]]:
    return template.statements(template.role(function))


@pytest.mark.shows("S3.2", "S3.3", "S3.5", "S3.6", "S3.8", "S3.12")
def test_both_buckets_are_private_and_refuse_calls_without_tls() -> None:
    template = with_parts()
    denied = {
        json.dumps(each["Condition"]) for policy in template.properties(POLICY) for each in statements(policy, "Deny")
    }

    assert len(template.properties(BUCKET)) == len(template.properties(POLICY)) == 2
    assert denied == {'{"Bool": {"aws:SecureTransport": "false"}}', '{"NumericLessThan": {"s3:TlsVersion": 1.2}}'}
    for bucket in template.properties(BUCKET):
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
        assert "VersioningConfiguration" not in bucket  # what is deleted has to be gone


def statements(policy: dict[str, Any], effect: str) -> list[dict[str, Any]]:
    return [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == effect]


@pytest.mark.shows("S3.9", "S3.17")
def test_the_bucket_has_an_access_log_and_the_tables_key() -> None:
    template = with_parts()
    name, bucket = of_bucket(template)
    (log,) = template.resources(BUCKET).keys() - {name}
    (key,) = (name for name, each in template.resources(KEY).items() if "KeyUsage" not in each["Properties"])

    assert bucket["Properties"]["LoggingConfiguration"] == {
        "DestinationBucketName": {"Ref": log},
        "LogFilePrefix": "large-data/",
    }
    (encryption,) = bucket["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption == {
        "BucketKeyEnabled": True,
        "ServerSideEncryptionByDefault": {"KMSMasterKeyID": {"Fn::GetAtt": [key, "Arn"]}, "SSEAlgorithm": "aws:kms"},
    }
    (written,) = (each for policy in template.properties(POLICY) for each in statements(policy, "Allow"))
    assert written["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert written["Condition"]["ArnLike"] == {"aws:SourceArn": {"Fn::GetAtt": [name, "Arn"]}}


@pytest.mark.shows("S3.13", "A40")
def test_no_session_lives_until_the_bucket_itself_deletes_its_object() -> None:
    (rule,) = of_bucket(with_parts())[1]["Properties"]["LifecycleConfiguration"]["Rules"]

    assert rule["ExpirationInDays"] > MAX_ABSOLUTE_TIMEOUT.days
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


def test_without_a_key_of_the_tables_s3_has_its_own() -> None:
    stack = here()
    SessionService(stack, "Sessions", large_data=LargeDataBucket(stack, "LargeData"))
    buckets = template_of(stack).properties(BUCKET)

    algorithms = {json.dumps(each["BucketEncryption"]) for each in buckets}
    assert len(algorithms) == 1
    assert "AES256" in algorithms.pop()


@pytest.mark.parametrize("function", Function)
def test_a_function_may_do_in_the_bucket_what_its_access_patterns_do(function: Function) -> None:
    template = with_parts()
    bucket = {"Fn::GetAtt": [of_bucket(template)[0], "Arn"]}
    objects = {"Fn::Join": ["", [bucket, ANY_OBJECT]]}
    allowed: set[str] = set()
    for each in statements_of(template, function):
        actions = [each["Action"]] if isinstance(each["Action"], str) else each["Action"]
        if found := {action for action in actions if action.startswith("s3:")}:
            allowed |= found
            listing = found == {"s3:ListBucket"}
            assert each["Resource"] == (bucket if listing else objects)
            if listing:
                assert each["Condition"] == {"StringLike": {"s3:prefix": ANY_OBJECT[1:-1]}}

    assert allowed == MAY.get(function, set())


@pytest.mark.parametrize("function", Function)
def test_it_may_use_the_key_for_that_through_s3_alone(function: Function) -> None:
    through = {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}}
    uses = [each["Action"] for each in statements_of(with_parts(), function) if each.get("Condition") == through]

    allowed = MAY.get(function, set())
    writes, reads = "s3:PutObject" in allowed, "s3:GetObject" in allowed
    assert uses == ([["kms:Decrypt", "kms:GenerateDataKey"]] if writes else ["kms:Decrypt"] if reads else [])


def test_functions_with_data_know_the_bucket_and_the_account_that_it_has_to_belong_to() -> None:
    template = with_parts()
    expected: dict[str, Any] = {
        **LargeDataSettings(bucket="any").environment(),
        "SESSION_LARGE_DATA_BUCKET": {"Ref": of_bucket(template)[0]},
        "SESSION_LARGE_DATA_BUCKET_OWNER": {"Ref": "AWS::AccountId"},
    }

    for function in Function:
        variables = template.variables(function)
        found = {name: value for name, value in variables.items() if name.startswith("SESSION_LARGE_DATA")}
        assert found == (expected if function in MAY else {}), function


@pytest.mark.shows("A29")
def test_lambda_calls_the_function_with_changes_of_rows_that_have_an_object() -> None:
    template = with_parts()
    name = template.function(Function.DELETE_OBJECTS)["Role"]
    (mapping,) = (
        each
        for each in template.properties(MAPPING)
        if template.resources(FUNCTION)[each["FunctionName"]["Ref"]]["Properties"]["Role"] == name
    )

    patterns = [json.loads(each["Pattern"]) for each in mapping["FilterCriteria"]["Filters"]]
    assert patterns == [each.pattern for each in OBJECT_FILTERS]
    assert mapping["EventSourceArn"] == {"Fn::GetAtt": [template.only(TABLE)[0], "StreamArn"]}
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert logical_id(mapping["DestinationConfig"]["OnFailure"]["Destination"]) in template.resources(QUEUE)


def test_the_service_switches_the_stream_on() -> None:
    stack = here()
    service = SessionService(stack, "Sessions", large_data=LargeDataBucket(stack, "LargeData"))

    assert isinstance(service.table, SessionTable)
    assert service.table.stream is dynamodb.StreamViewType.NEW_AND_OLD_IMAGES


def test_own_functions_are_connected_and_those_that_only_read_may_only_read() -> None:
    stack = here()
    table = SessionTable(stack, "Table", stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES)
    large_data = LargeDataBucket(stack, "LargeData", threshold=100_000)
    for name, does in (("Writer", {}), ("Reader", {"writes": False}), ("Eraser", {"erases": True})):
        large_data.connect(new_function(stack, name), table, **does)
    template = template_of(stack)

    for name, expected in (("writer", SAVES), ("reader", READS), ("eraser", SAVES | {"s3:ListBucket"})):
        assert {action for action, _ in template.permissions(template.role(name))} == expected
        assert template.variables(name)["SESSION_LARGE_DATA_THRESHOLD"] == "100000"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"table_name": "sessions"}, r"large_data\.stream_arn is missing beside table_name"),
        ({"threshold": 7}, "threshold"),
    ],
)
def test_an_environment_without_what_it_needs_is_refused(given: dict[str, Any], said: str) -> None:
    large_data = {"threshold": given.pop("threshold")} if "threshold" in given else {}
    settings = CONTEXT["environments"]["local"] | {"events": None, "demo": False, "large_data": large_data, **given}
    app = new_app()
    app.node.set_context("env", "local")
    app.node.set_context("environments", {"local": settings})

    with pytest.raises((EnvironmentSettingsError, InvalidInputError), match=said):
        add_stacks(app)


def test_a_bucket_belongs_to_one_table() -> None:
    stack = here()
    large_data = LargeDataBucket(stack, "LargeData")
    SessionService(stack, "Sessions", large_data=large_data)

    with pytest.raises(InvalidInputError, match="large_data: is the bucket of another table"):
        SessionService(stack, "Others", large_data=large_data)


def test_a_table_without_a_stream_is_refused() -> None:
    stack = here()
    with pytest.raises(InvalidInputError, match="table: has no stream"):
        SessionService(
            stack, "Sessions", table=SessionTable(stack, "Table"), large_data=LargeDataBucket(stack, "Large")
        )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"threshold": 1}, "threshold"),
        ({"access_log_bucket": "logs"}, "access_log_bucket"),
        ({"bucket": "b"}, "bucket"),
    ],
)
def test_a_mistake_fails_the_synthesis(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        LargeDataBucket(here(), "LargeData", **given)


def test_a_bucket_for_access_logs_may_be_there_already_and_all_goes_with_the_stack_on_demand() -> None:
    stack = here()
    LargeDataBucket(
        stack,
        "LargeData",
        access_log_bucket=s3.Bucket.from_bucket_name(stack, "Logs", "company-logs"),
        removal_policy=RemovalPolicy.DESTROY,
    )
    name, bucket = template_of(stack).only(BUCKET)

    assert bucket["Properties"]["LoggingConfiguration"]["DestinationBucketName"] == "company-logs"
    assert bucket["DeletionPolicy"] == "Delete"
    assert name.startswith("LargeData")


def test_its_function_and_its_queue_are_watched() -> None:
    stack = here()
    service = SessionService(stack, "Sessions", large_data=LargeDataBucket(stack, "LargeData"))
    monitoring = SessionMonitoring(stack, "Monitoring", service=service, topic=sns.Topic(stack, "OnCall"))

    assert {"function-errors/ObjectDeletion", "stream-lag/ObjectDeletion", "dead-letters"} <= monitoring.alarms.keys()


def test_without_the_prop_no_line_is_of_it() -> None:
    text = json.dumps(deployment("prod").content)

    assert not [name for name in (BUCKET, '"s3:', "LARGE_DATA", "delete_objects") if name in text]
