"""The session table, as the constructs deploy it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from session_store.storage import schema

if TYPE_CHECKING:
    from collections.abc import Callable


class TableCreator(Protocol):
    """The methods of a botocore or boto3 DynamoDB client that `create_table` needs. It fits boto3-stubs, too."""

    @property
    def create_table(self) -> Callable[..., Any]: ...  # noqa: D102 - the API operation of that name
    @property
    def update_time_to_live(self) -> Callable[..., Any]: ...  # noqa: D102
    @property
    def get_waiter(self) -> Callable[..., Any]: ...  # noqa: D102


def create_table(client: TableCreator, name: str) -> None:
    """Create the session table, with its index and TTL, as the constructs deploy it. Returns when it is active.

    Args:
        client: a DynamoDB client, for an emulator or for AWS.
        name: the table's name.
    """
    created = client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_key_schema(schema.PARTITION_KEY, schema.SORT_KEY),
        AttributeDefinitions=[
            {"AttributeName": key, "AttributeType": "S"} for key in (schema.PARTITION_KEY, schema.SORT_KEY)
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": schema.INDEX_NAME,
                "KeySchema": _key_schema(schema.INDEX_PARTITION_KEY, schema.INDEX_SORT_KEY),
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(schema.INDEX_PROJECTION)},
            }
        ],
    )
    if created["TableDescription"]["TableStatus"] != "ACTIVE":  # emulators are done at once
        client.get_waiter("table_exists").wait(TableName=name)
    client.update_time_to_live(
        TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": schema.TTL_ATTRIBUTE}
    )


def _key_schema(partition_key: str, sort_key: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition_key, "KeyType": "HASH"},
        {"AttributeName": sort_key, "KeyType": "RANGE"},
    ]
