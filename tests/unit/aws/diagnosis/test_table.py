"""Findings about a table: there, ours, and set up as it should be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from session_store import InvalidInputError
from session_store.aws import AwsSessions
from session_store.aws.diagnosis import Severity, diagnose
from session_store.storage import schema
from session_store.testing.table import create_table

KEYS = [
    {"AttributeName": schema.PARTITION_KEY, "KeyType": "HASH"},
    {"AttributeName": schema.SORT_KEY, "KeyType": "RANGE"},
]


@pytest.fixture(autouse=True)
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of a DynamoDB without tables."""
    for name, value in (("DEFAULT_REGION", "eu-west-1"), ("ACCESS_KEY_ID", "any"), ("SECRET_ACCESS_KEY", "any")):
        monkeypatch.setenv(f"AWS_{name}", value)
    with mock_aws():
        yield boto3.client("dynamodb")


def findings(table: str) -> dict[str, Severity]:
    """What is found, without what is found of the session."""
    found = [each.what for each in diagnose(AwsSessions())]
    return {each.what: each.severity for each in diagnose(AwsSessions(), table=table) if each.what not in found}


def create(client: Any, keys: list[dict[str, str]], *indexes: dict[str, Any]) -> None:
    names = {key["AttributeName"] for each in (keys, *(index["KeySchema"] for index in indexes)) for key in each}
    client.create_table(
        TableName="sessions",
        KeySchema=keys,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in sorted(names)],
        BillingMode="PAY_PER_REQUEST",
        **({"GlobalSecondaryIndexes": list(indexes)} if indexes else {}),
    )


def index(keys: list[dict[str, str]], **projection: Any) -> dict[str, Any]:
    return {"IndexName": schema.INDEX_NAME, "KeySchema": keys, "Projection": projection}


def swapped() -> list[dict[str, str]]:
    return [{**key, "KeyType": kind} for key, kind in zip(reversed(KEYS), ("HASH", "RANGE"), strict=True)]


def test_a_table_of_ours_is_said_to_be_one(dynamodb: Any) -> None:
    create_table(dynamodb, "sessions")

    assert findings("sessions") == {
        "The table sessions is one of sessions": Severity.OK,
        "Expired rows are deleted": Severity.OK,
        "The table has no stream": Severity.NOTE,
        "The table and its index take 10,000 read and 10,000 write units a second": Severity.OK,
    }


def test_a_stream_and_a_table_without_time_to_live_are_told(dynamodb: Any) -> None:
    create_table(dynamodb, "sessions")
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    dynamodb.update_table(TableName="sessions", StreamSpecification=stream)
    off = {"Enabled": False, "AttributeName": schema.TTL_ATTRIBUTE}
    dynamodb.update_time_to_live(TableName="sessions", TimeToLiveSpecification=off)

    found = findings("sessions")
    assert found["The table has a stream"] is Severity.OK
    assert found["Expired rows stay for ever"] is Severity.WARNING


def test_a_table_that_is_not_there_ends_it() -> None:
    assert findings("sessions") == {"There is no usable table sessions": Severity.ERROR}


@pytest.mark.parametrize(
    ("keys", "indexes", "what"),
    [
        ([{"AttributeName": "id", "KeyType": "HASH"}], [], "The table sessions is another one's"),
        (KEYS, [], "The table sessions lacks its index"),
        (KEYS, [index(KEYS, ProjectionType="ALL")], "The table sessions lacks its index"),
        (KEYS, [index(swapped(), ProjectionType="KEYS_ONLY")], "The index of the table sessions is another one's"),
    ],
)
def test_a_table_of_another_schema_is_an_error(keys: Any, indexes: Any, what: str, dynamodb: Any) -> None:
    create(dynamodb, keys, *indexes)

    assert findings("sessions")[what] is Severity.ERROR


def test_an_index_with_all_attributes_serves_as_well(dynamodb: Any) -> None:
    create(dynamodb, KEYS, index(swapped(), ProjectionType="ALL"))

    assert findings("sessions")["The table sessions is one of sessions"] is Severity.OK


@pytest.mark.parametrize(("table", "patterns"), [(None, ["validate"]), ("sessions", ["validat"])])
def test_a_mistake_is_refused_before_any_call(table: str | None, patterns: list[str]) -> None:
    with pytest.raises(InvalidInputError):
        diagnose(AwsSessions(), table=table, patterns=patterns)
