"""Lifecycle events: the stream's function, what it may do, the bus, the parking queue, and the mistakes refused."""

from __future__ import annotations

import json
import runpy
from datetime import timedelta
from typing import Any, Final

import pytest
from aws_cdk import Duration, Environment, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as eventbridge

from app import add_stacks
from local.embedded_aws import ACCOUNT, REGION
from local.paths import ROOT
from session_store import InvalidInputError, SessionSettings
from session_store.catalog.functions import Function
from session_store.catalog.lifecycle import EVENT_FILTERS
from session_store.cdk import SessionEvents, SessionFunction, SessionMonitoring, SessionService, SessionTable
from session_store.cdk.props import EventsProps, FunctionProps
from session_store.cdk.takes import declared
from stacks.environments import EnvironmentSettingsError
from tests.infra.environments import context_of, environment_of
from tests.infra.templates import (
    ENVIRONMENTS,
    FUNCTION,
    LOG_GROUP,
    ROLE,
    TABLE,
    Template,
    deployment,
    logical_id,
    new_app,
    new_stack,
    template_of,
)
from tests.support import prop_values as values

IMAGES: Final = dynamodb.StreamViewType.NEW_AND_OLD_IMAGES
MAPPING: Final = "AWS::Lambda::EventSourceMapping"
BUS: Final = "AWS::Events::EventBus"
QUEUE: Final = "AWS::SQS::Queue"
QUEUE_POLICY: Final = "AWS::SQS::QueuePolicy"
HERE: Final = Environment(account=ACCOUNT, region=REGION)
TABLE_ARN: Final = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/sessions"
STREAM_ARN: Final = f"{TABLE_ARN}/stream/2026-11-27T12:00:00.000"
BUS_ARN: Final = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/company"


def with_events(**props: Any) -> Template:
    """An existing table's events."""
    stack = Stack(new_app(), "Stack", env=HERE)
    table = dynamodb.TableV2.from_table_attributes(
        stack, "Table", table_name="sessions", table_stream_arn=props.pop("stream_arn", STREAM_ARN)
    )
    given = {name: make(stack) if callable(make) else make for name, make in props.items()}
    SessionEvents(stack, "Events", table=SessionTable.from_table(table), **given)
    return template_of(stack)


@pytest.fixture(scope="module")
def local() -> Template:
    return deployment("local")


def bus_of(stack: Stack, arn: str = BUS_ARN) -> eventbridge.IEventBus:
    return eventbridge.EventBus.from_event_bus_arn(stack, "Bus", arn)


@pytest.mark.shows("A29")
def test_lambda_calls_the_function_with_events_alone_and_loses_none_of_them(local: Template) -> None:
    (found,) = local.properties(MAPPING)
    mapping = dict(found)  # other tests use the template, too
    queue, table = (local.only(each)[0] for each in (QUEUE, TABLE))
    patterns = [json.loads(each["Pattern"]) for each in mapping.pop("FilterCriteria")["Filters"]]
    assert patterns == [each.pattern for each in EVENT_FILTERS]
    function = local.resources(FUNCTION)[mapping.pop("FunctionName")["Ref"]]
    assert function["Properties"]["Handler"] == "lifecycle_events.handler"
    assert mapping == {
        "EventSourceArn": {"Fn::GetAtt": [table, "StreamArn"]},
        "StartingPosition": "TRIM_HORIZON",
        "BatchSize": 100,
        "MaximumBatchingWindowInSeconds": 0,
        "ParallelizationFactor": 1,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "BisectBatchOnFunctionError": True,
        "MaximumRetryAttempts": 10,
        "MaximumRecordAgeInSeconds": 23 * 3600,
        "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": [queue, "Arn"]}}},
    }


def test_the_function_knows_bus_queue_and_table_and_logs_to_a_group_of_its_own(local: Template) -> None:
    function = local.function(Function.LIFECYCLE_EVENTS)
    bus, queue, table = (local.only(each)[0] for each in (BUS, QUEUE, TABLE))
    assert function["Environment"]["Variables"] == {
        "TABLE_NAME": {"Ref": table},
        "SESSION_EVENT_BUS": {"Fn::GetAtt": [bus, "Arn"]},
        "SESSION_PARKING_QUEUE_URL": {"Ref": queue},
    }
    assert logical_id(function["LoggingConfig"]["LogGroup"]) in local.resources(LOG_GROUP)


def test_its_role_reads_this_stream_and_reaches_this_bus_and_this_queue_and_nothing_else() -> None:
    template = with_events()
    (role,) = template.resources(ROLE)
    bus, queue, group = (template.only(each)[0] for each in (BUS, QUEUE, LOG_GROUP))
    allowed: dict[str, Any] = {
        "dynamodb:DescribeStream": STREAM_ARN,
        "dynamodb:GetRecords": STREAM_ARN,
        "dynamodb:GetShardIterator": STREAM_ARN,
        "dynamodb:ListStreams": STREAM_ARN,
        "events:PutEvents": {"Fn::GetAtt": [bus, "Arn"]},
        "sqs:SendMessage": {"Fn::GetAtt": [queue, "Arn"]},
        "logs:CreateLogStream": {"Fn::GetAtt": [group, "Arn"]},
        "logs:PutLogEvents": {"Fn::GetAtt": [group, "Arn"]},
    }
    assert template.permissions(role) == {(action, json.dumps(arn)) for action, arn in allowed.items()}


@pytest.mark.shows("SQS.1", "SQS.3")
def test_what_is_parked_is_encrypted_and_stays_for_two_weeks() -> None:
    prod = deployment("prod")
    assert prod.properties(QUEUE) == [{"MessageRetentionPeriod": 14 * 86_400, "SqsManagedSseEnabled": True}]
    (policy,) = prod.properties(QUEUE_POLICY)
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert prod.only(QUEUE)[1]["DeletionPolicy"] == "Retain"


def test_customer_managed_keys_of_table_and_queue_are_used_through_their_services() -> None:
    stack = Stack(new_app(), "Stack", env=HERE)
    service = SessionService(stack, "Sessions", stream=IMAGES, encryption_key=values.key(stack, "table"))
    SessionEvents(stack, "Events", table=service.table, queue_encryption_key=values.key(stack, "queue"))
    template = template_of(stack)
    uses = [each for each in template.statements(template.role(Function.LIFECYCLE_EVENTS)) if "Condition" in each]
    through = {each["Condition"]["StringEquals"]["kms:ViaService"]: (each["Resource"], each["Action"]) for each in uses}
    assert through == {
        f"dynamodb.{REGION}.amazonaws.com": (values.key_arn("table"), ["kms:Decrypt", "kms:DescribeKey"]),
        f"sqs.{REGION}.amazonaws.com": (values.key_arn("queue"), ["kms:Decrypt", "kms:GenerateDataKey"]),
    }
    assert template.properties(QUEUE)[0]["KmsMasterKeyId"] == values.key_arn("queue")


def test_every_prop_reaches_its_resource() -> None:
    given: dict[str, Any] = {
        "batch_size": 50,
        "batching_window": timedelta(seconds=5),
        "parallelization_factor": 2,
        "retry_attempts": 3,
        "max_record_age": Duration.hours(1),
        "enforce_tls": False,
        "queue_encryption_key": lambda stack: values.key(stack, "queue"),
    }
    assert given.keys() == declared(EventsProps).keys() - declared(FunctionProps).keys()
    template = with_events(**given, memory_size=1024, snap_start=True)
    (mapping,) = template.properties(MAPPING)
    assert mapping["BatchSize"] == 50
    assert mapping["MaximumBatchingWindowInSeconds"] == 5
    assert mapping["ParallelizationFactor"] == 2
    assert mapping["MaximumRetryAttempts"] == 3
    assert mapping["MaximumRecordAgeInSeconds"] == 3600
    assert not template.resources(QUEUE_POLICY)
    assert template.function(Function.LIFECYCLE_EVENTS)["MemorySize"] == 1024
    alias, _ = template.only("AWS::Lambda::Alias")
    assert alias in json.dumps(mapping["FunctionName"])  # the version that is started from a snapshot


def test_events_go_to_a_bus_that_is_given_and_none_is_made() -> None:
    template = with_events(bus=bus_of)
    assert not template.resources(BUS)
    assert template.variables(Function.LIFECYCLE_EVENTS)["SESSION_EVENT_BUS"] == BUS_ARN
    (role,) = template.resources(ROLE)
    assert ("events:PutEvents", json.dumps(BUS_ARN)) in template.permissions(role)


def plain_table(stack: Stack, stream: dynamodb.StreamViewType | None = IMAGES) -> SessionTable:
    return SessionTable(stack, f"Table{len(stack.node.children)}", stream=stream)


def imported(stack: Stack, stream: str | None) -> Any:
    name = f"Table{len(stack.node.children)}"
    given: dict[str, Any] = {"table_name": "sessions", "table_stream_arn": stream}
    return SessionTable.from_table(dynamodb.TableV2.from_table_attributes(stack, name, **given))


@pytest.fixture(scope="module")
def stack() -> Stack:
    return Stack(new_app(), "Stack", env=HERE)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            lambda on: {"table": plain_table(on, None)},
            "table: has no stream: give stream=.*NEW_AND_OLD_IMAGES to the Ses",
        ),
        (
            lambda on: {"table": plain_table(on, dynamodb.StreamViewType.KEYS_ONLY)},
            "table: has a stream without both images: give stream=.*NEW_AND_OLD_IMAGES .*got 'KEYS_ONLY'",
        ),
        (
            lambda on: {"table": imported(on, None)},
            "table: has no stream: switch on one .* import the table with it",
        ),
        (lambda on: {"table": imported(on, "stream")}, "table: must be imported with the ARN of its own stream"),
        # As after a restore, with the stream of the table before.
        (lambda on: {"table": imported(on, STREAM_ARN.replace("sessions", "old"))}, "table: must be imported with the"),
        (
            lambda on: {"table": imported(on, STREAM_ARN.replace(REGION, "eu-north-1"))},
            f"table: must be in the stack's region, {REGION}",
        ),
        (lambda _: {"table": "sessions"}, "table: must be a SessionTable"),
        (lambda _: {"bus": "default"}, "bus: must be an event bus of CDK"),
        (
            lambda on: {"bus": bus_of(on, BUS_ARN.replace(REGION, "eu-north-1"))},
            f"bus: must be in the stack's region, {REGION} .got 'eu-north-1'",
        ),
        (lambda _: {"batch_size": 1001}, "batch_size: must be 1 to 1000 whole changes"),
        (lambda _: {"batching_window": timedelta(seconds=301)}, "batching_window: must be 0 to 300 whole seconds"),
        (lambda _: {"parallelization_factor": 11}, "parallelization_factor: must be 1 to 10 whole batches"),
        (lambda _: {"retry_attempts": -1}, "retry_attempts: must be 0 to 10000 whole retries"),
        (lambda _: {"max_record_age": timedelta(days=2)}, "max_record_age: must be 60 to 86400 whole seconds"),
        (lambda _: {"queue_encryption_key": "key"}, "queue_encryption_key: must be a key of CDK"),
    ],
)
def test_a_mistake_is_refused_with_what_to_do(stack: Stack, given: Any, expected: str) -> None:
    props = given(stack)
    table = props.pop("table", None) or plain_table(stack)
    with pytest.raises(InvalidInputError, match=f"^{expected}"):
        SessionEvents(stack, f"Events{len(stack.node.children)}", table=table, **props)


def test_the_streams_function_is_made_by_nothing_else(stack: Stack) -> None:
    given: Any = {"table": plain_table(stack), "function": Function.LIFECYCLE_EVENTS, "settings": SessionSettings()}
    with pytest.raises(InvalidInputError, match=r"^function: must be one that serves requests"):
        SessionFunction(stack, "Function", **given)


def test_the_example_puts_ends_into_a_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDK_VALIDATION", "false")  # CDK's own rules take seconds, and are held elsewhere
    assembly = runpy.run_path(str(ROOT / "examples" / "lifecycle_events" / "app.py"))["app"].synth()
    template = Template(assembly.get_stack_by_name("Told").template)
    (rule,) = template.properties("AWS::Events::Rule")
    assert rule["EventBusName"] == {"Ref": template.only(BUS)[0]}


# In an environment


def deployed(**settings: Any) -> Template:
    return template_of(add_stacks(new_app(context_of(region=REGION, **settings))))


def test_local_staging_and_prod_have_events_and_another_environment_has_no_line_of_them() -> None:
    kinds = {MAPPING, BUS, QUEUE}
    found = {
        name: {each["Type"] for each in deployment(name).content["Resources"].values()} & kinds for name in ENVIRONMENTS
    }
    assert found == {"local": kinds, "dev": set(), "staging": kinds, "prod": kinds}
    (table,) = deployment("dev").properties(TABLE)
    assert "StreamSpecification" not in table


def test_an_environment_with_events_switches_on_the_stream_and_says_where_they_are(local: Template) -> None:
    (table,) = local.properties(TABLE)
    assert table["StreamSpecification"] == {"StreamViewType": IMAGES.name}
    outputs = local.content["Outputs"]
    bus, queue = (local.only(each)[0] for each in (BUS, QUEUE))
    assert outputs["EventBus"]["Value"] == {"Fn::GetAtt": [bus, "Arn"]}
    assert outputs["ParkingQueueUrl"]["Value"] == {"Ref": queue}


def test_an_environment_names_its_bus_and_the_stream_of_an_existing_table() -> None:
    events = {"bus_arn": BUS_ARN, "stream_arn": STREAM_ARN, "batch_size": 7, "batching_window": "PT1S"}
    template = deployed(table_name="sessions", memory_size=256, events=events)
    (mapping,) = template.properties(MAPPING)
    assert (mapping["EventSourceArn"], mapping["BatchSize"]) == (STREAM_ARN, 7)
    assert mapping["MaximumBatchingWindowInSeconds"] == 1
    function = template.function(Function.LIFECYCLE_EVENTS)
    assert function["MemorySize"] == 256  # as every function of the service
    assert function["Environment"]["Variables"]["SESSION_EVENT_BUS"] == BUS_ARN


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"events": True}, "events must be an object of props"),
        ({"events": {"batchsize": 1}}, "unknown setting 'events.batchsize'"),
        ({"events": {"batch_size": "1"}}, "events.batch_size must be a whole number"),
        ({"events": {"bus_arn": "default"}}, "events.bus_arn must be the ARN of an event bus"),
        ({"events": {"stream_arn": TABLE_ARN}}, "events.stream_arn must be the ARN of a table's stream"),
        ({"events": {"stream_arn": STREAM_ARN}}, "events.stream_arn is only for use with table_name"),
        ({"events": {}, "table_name": "sessions"}, "events.stream_arn is missing beside table_name"),
    ],
)
def test_a_mistake_in_an_environments_events_is_named(settings: dict[str, Any], expected: str) -> None:
    with pytest.raises(EnvironmentSettingsError, match=expected):
        environment_of(region=REGION, **settings)


def test_a_stream_of_another_kind_in_an_environment_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"^table: has a stream without both images"):
        deployed(events={}, stream="NEW_IMAGE")


# Monitoring


def test_monitoring_watches_the_function_its_delay_and_the_parking_queue() -> None:
    stack = new_stack(region=REGION)
    service = SessionService(stack, "Sessions", stream=IMAGES)
    events = SessionEvents(stack, "Events", table=service.table, reserved_concurrent_executions=2)
    monitoring = SessionMonitoring(stack, "Monitoring", service=service, events=events, stream_lag_seconds=60)
    assert {"stream-lag", "dead-letters", "function-errors/LifecycleEvents"} <= monitoring.alarms.keys()
    assert "function-concurrency/LifecycleEvents" in monitoring.alarms
    template = template_of(stack)
    (delay,) = (each for each in template.properties("AWS::CloudWatch::Alarm") if each["MetricName"] == "IteratorAge")
    assert (delay["Threshold"], delay["Statistic"]) == (60_000, "Maximum")
    (function,) = (
        key for key, each in template.resources(FUNCTION).items() if "lifecycle" in each["Properties"]["Handler"]
    )
    assert delay["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": function}}]
    assert "IteratorAge" in json.dumps(template.properties("AWS::CloudWatch::Dashboard"))


def test_without_events_monitoring_has_no_line_of_them() -> None:
    stack = new_stack(region=REGION)
    SessionMonitoring(stack, "Monitoring", service=SessionService(stack, "Sessions"))
    assert "IteratorAge" not in json.dumps(template_of(stack).content)
