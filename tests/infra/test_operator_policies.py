"""The managed policies of the operator's commands: each allows what its command needs, and nothing else."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from session_store.catalog.large_data import BUCKET as OF_LARGE_DATA
from session_store.catalog.lifecycle import EVENT_BUS, PARKING_QUEUE
from session_store.catalog.operator_policies import POLICIES, Arns, arns_of_bucket, policy_document
from session_store.cdk import DataEncryption, LargeDataBucket, SessionEvents, SessionOperatorPolicies, SessionTable
from session_store.encryption.settings import EncryptionSettings
from session_store.errors import InvalidInputError
from tests.infra.templates import KEY, TABLE, Template, new_stack, template_of

POLICY: Final = "AWS::IAM::ManagedPolicy"
REGION: Final = "eu-west-1"
QUEUE: Final = "AWS::SQS::Queue"
BUS: Final = "AWS::Events::EventBus"
BUCKET: Final = "AWS::S3::Bucket"


@pytest.fixture(scope="module")
def template() -> Template:
    """A table and a parking queue under keys of their own, with the policies of all commands."""
    stack = new_stack(region=REGION)
    table = SessionTable(
        stack, "Table", encryption_key=kms.Key(stack, "Key"), stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES
    )
    events = SessionEvents(stack, "Events", table=table, queue_encryption_key=kms.Key(stack, "QueueKey"))
    logs = s3.Bucket.from_bucket_name(stack, "Logs", "logs")
    large_data = LargeDataBucket(stack, "LargeData", access_log_bucket=logs)
    encryption = DataEncryption(kms.Key(stack, "NewKey"), kms.Key(stack, "OldKey"), store_id="shop")
    parts: Any = {"events": events, "large_data": large_data, "encryption": encryption}
    SessionOperatorPolicies(stack, "Operators", table=table, name_prefix="sessions", reads_stack=True, **parts)
    return template_of(stack)


def reference(template: Template, kind: str, name: str = "") -> dict[str, Any]:
    """A reference to the ARN of a resource."""
    (logical_id,) = (each for each in template.resources(kind) if each.startswith(name))
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def statements(document: dict[str, Any]) -> list[str]:
    """A policy's statements in one spelling."""
    spelled = [
        statement | {"Action": [actions] if isinstance(actions := statement["Action"], str) else actions}
        for statement in document["Statement"]
    ]
    return sorted(json.dumps(statement, sort_keys=True) for statement in spelled)


def resolved(value: Any, references: dict[str, str]) -> Any:
    """A part of a template with the texts that its references stand for."""
    if isinstance(value, list):
        return [resolved(each, references) for each in value]
    if not isinstance(value, dict):
        return value
    if "Fn::Join" in value:
        return "".join(resolved(value["Fn::Join"][1], references))
    return references.get(json.dumps(value)) or {name: resolved(each, references) for name, each in value.items()}


@pytest.mark.shows("A31")
@pytest.mark.parametrize("name", POLICIES)
def test_the_policy_of_the_construct_is_the_one_that_the_command_prints(template: Template, name: str) -> None:
    (made,) = (each for each in template.properties(POLICY) if each["ManagedPolicyName"] == f"sessions-{name}")
    on_queue = name == "redrive"
    arns = Arns(
        f"arn:aws:dynamodb:{REGION}:1:table/T",
        f"arn:aws:kms:{REGION}:1:key/K",
        "arn:of-the-stack",
        arns_of_bucket("aws", "B")
        | ({PARKING_QUEUE: "arn:of-the-queue", EVENT_BUS: "arn:of-the-bus"} if on_queue else {}),
        "arn:of-the-queue's-key" if on_queue else None,
        EncryptionSettings(
            kms_keys=(f"arn:aws:kms:{REGION}:1:key/new", f"arn:aws:kms:{REGION}:1:key/old"), store_id="shop"
        ),
    )
    assert arns.encryption is not None
    new_key, old_key = arns.encryption.kms_keys
    of_resources = {
        (TABLE, ""): arns.table,
        (KEY, "Key"): arns.key,
        (KEY, "QueueKey"): arns.queue_key,
        (KEY, "NewKey"): new_key,
        (KEY, "OldKey"): old_key,
        (QUEUE, "Events"): arns.others.get(PARKING_QUEUE),
        (BUS, ""): arns.others.get(EVENT_BUS),
        (BUCKET, ""): arns.others[OF_LARGE_DATA],
    }
    references = {
        **{json.dumps(reference(template, *each)): str(arn) for each, arn in of_resources.items()},
        **{
            json.dumps({"Ref": f"AWS::{name}"}): str(text)
            for name, text in (("Partition", "aws"), ("AccountId", "1"), ("StackId", arns.stack))
        },
    }
    document = resolved(made["PolicyDocument"], references)

    assert statements(document) == statements(policy_document(POLICIES[name], arns))


def test_a_command_that_only_reads_may_not_write() -> None:
    writing = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"}

    for name in ("list", "show", "last-login", "children", "doctor", "policy"):
        assert not writing & {action for action, _ in POLICIES[name].permissions()}


def test_without_a_key_and_a_stack_a_policy_is_about_the_table_alone() -> None:
    document = policy_document(POLICIES["list"], Arns("arn:aws:dynamodb:eu-west-1:1:table/T"))

    assert [statement["Resource"].partition("table/")[2] for statement in document["Statement"]] == [
        "T",
        "T/index/GSI1_inverse",
    ]


def test_the_policies_of_some_commands_are_made_and_found_by_their_names() -> None:
    stack = new_stack()
    policies = SessionOperatorPolicies(stack, "Operators", table=SessionTable(stack, "Table"), commands=["end"])

    assert policies["end"] is policies.policies["end"]
    assert len(template_of(stack).resources(POLICY)) == 1


def test_without_lifecycle_events_there_is_no_policy_of_redrive() -> None:
    stack = new_stack()
    table = SessionTable(stack, "Table")

    assert POLICIES.keys() - SessionOperatorPolicies(stack, "Operators", table=table).policies.keys() == {"redrive"}
    with pytest.raises(InvalidInputError, match="events: is needed for the policy of redrive"):
        SessionOperatorPolicies(stack, "Some", table=table, commands=["redrive"])


@pytest.mark.parametrize(
    ("part", "construct"),
    [("events", "SessionEvents"), ("large_data", "LargeDataBucket"), ("encryption", "DataEncryption")],
)
def test_a_part_of_another_kind_is_refused(part: str, construct: str) -> None:
    stack = new_stack()
    table: Any = SessionTable(stack, "Table")

    with pytest.raises(InvalidInputError, match=f"{part}: must be the {construct} of the table"):
        SessionOperatorPolicies(stack, "Others", table=table, **{part: table})


def test_an_unknown_command_is_refused_with_the_names_that_there_are() -> None:
    stack = new_stack()

    with pytest.raises(InvalidInputError, match=r"commands: must be names of list, .*'delete'"):
        SessionOperatorPolicies(stack, "Operators", table=SessionTable(stack, "Table"), commands=["delete"])
