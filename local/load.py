"""Puts the sample data into the table, or renews the lifetimes of what is there already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from local.sample_data import CUSTOMER_ABC, CUSTOMER_XYZ, LIFETIME_ATTRIBUTES, sample_items
from session_store.model import SessionState
from session_store.storage import schema
from session_store.storage.attribute_values import string
from session_store.storage.items import key_item, read_customer
from session_store.storage.records import CustomerKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from session_store.storage.attribute_values import Item

_KEY: Final = (schema.PARTITION_KEY, schema.SORT_KEY)


def load_sample_data(client: DynamoDBClient, table_name: str, *, now: int) -> None:
    """Put the sample rows. A row that was changed since keeps its changes, one that was ended or is gone comes back.

    Args:
        client: a DynamoDB client.
        table_name: the table.
        now: when the lifetimes begin, epoch seconds.
    """
    customers = {
        customer_id: read_customer(row)
        for customer_id in (CUSTOMER_ABC, CUSTOMER_XYZ)
        if (row := _read(client, table_name, key_item(CustomerKey(customer_id)))) is not None
    }
    for row in sample_items(now, customers=customers):
        stored = _read(client, table_name, {name: row[name] for name in _KEY})
        client.put_item(TableName=table_name, Item=_renewed(stored, row))


def _read(client: DynamoDBClient, table_name: str, key: Item) -> Item | None:
    return cast("Item | None", client.get_item(TableName=table_name, Key=key, ConsistentRead=True).get("Item"))


def _renewed(stored: Item | None, sample: Item) -> Item:
    if stored is None or stored.get("session_state") == string(SessionState.ENDED):
        return sample
    return stored | {name: value for name, value in sample.items() if name in LIFETIME_ATTRIBUTES}
