"""The session table, as each environment and as a construct of its own."""

from __future__ import annotations

import pytest
from aws_cdk import RemovalPolicy
from aws_cdk import aws_kms as kms

from session_store.cdk import SessionTable
from session_store.storage import schema
from tests.infra.templates import ENVIRONMENTS, TABLE, deployment, new_stack, template_of


def _key(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


@pytest.mark.shows("A5", "DynamoDB.1")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_table_has_the_keys_the_index_and_the_ttl_of_the_schema(environment: str) -> None:
    _, table = deployment(environment).only(TABLE)
    properties = table["Properties"]
    assert properties["KeySchema"] == _key(schema.PARTITION_KEY, schema.SORT_KEY)
    (index,) = properties["GlobalSecondaryIndexes"]
    assert index == {
        "IndexName": schema.INDEX_NAME,
        "KeySchema": _key(schema.INDEX_PARTITION_KEY, schema.INDEX_SORT_KEY),
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(schema.INDEX_PROJECTION)},
    }
    assert {definition["AttributeType"] for definition in properties["AttributeDefinitions"]} == {"S"}
    assert properties["TimeToLiveSpecification"] == {"AttributeName": schema.TTL_ATTRIBUTE, "Enabled": True}
    assert properties["BillingMode"] == "PAY_PER_REQUEST"


def test_a_table_alone_is_kept_protected_and_recoverable() -> None:
    stack = new_stack()
    SessionTable(stack, "Table")
    _, table = template_of(stack).only(TABLE)
    (replica,) = table["Properties"]["Replicas"]
    assert table["DeletionPolicy"] == "Retain"
    assert replica["DeletionProtectionEnabled"] is True
    assert replica["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert "SSESpecification" not in table["Properties"]


@pytest.mark.shows("A8")
def test_a_customer_managed_key_encrypts_the_table() -> None:
    stack = new_stack(region="eu-central-1")
    key = kms.Key(stack, "Key", removal_policy=RemovalPolicy.DESTROY)
    SessionTable(stack, "Table", encryption_key=key)
    template = template_of(stack)
    key_id, _ = template.only("AWS::KMS::Key")
    properties = template.only(TABLE)[1]["Properties"]
    assert properties["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
    assert properties["Replicas"][0]["SSESpecification"] == {"KMSMasterKeyId": {"Fn::GetAtt": [key_id, "Arn"]}}
