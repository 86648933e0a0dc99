"""The rows of a session: its own, those of its applications, and its customer's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from session_store.errors import SessionStoreError
from session_store.storage import schema
from session_store.storage.items import key_item
from session_store.storage.records import CustomerKey
from session_store.storage.requests import Requests

if TYPE_CHECKING:
    from session_store import SessionStore
    from session_store.model import Session
    from session_store.storage.attribute_values import Item
    from session_store.storage.requests import DynamoDBClient


def rows_of(store: SessionStore, client: DynamoDBClient, token: str) -> list[Item]:
    """The rows behind a token, as DynamoDB has them. None for a token that is not good, or when they cannot be read.

    The calls are those that the pages make themselves, so the function needs no further permission.
    """
    try:
        return _read(store, client, store.validate(token, activity="read_only"))
    except SessionStoreError:
        return []


def _read(store: SessionStore, client: DynamoDBClient, session: Session) -> list[Item]:
    requests = Requests(store.table_name, client, store.clock)
    query: dict[str, Any] = {
        "TableName": store.table_name,
        "KeyConditionExpression": "#pk = :pk",
        "ExpressionAttributeNames": {"#pk": schema.PARTITION_KEY},
        "ExpressionAttributeValues": {":pk": {"S": schema.session_partition_key(session.session_id)}},
        "ConsistentRead": True,
    }
    rows: list[Item] = requests.send("Query", query)["Items"]
    if session.customer_id is None:
        return rows
    key = key_item(CustomerKey(session.customer_id))
    customer = requests.send("GetItem", {"TableName": store.table_name, "Key": key, "ConsistentRead": True})
    return [*rows, *([customer["Item"]] if "Item" in customer else [])]
