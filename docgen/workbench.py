"""The data model as a NoSQL Workbench document: table, index and sample data, taken from the code.

The format has no place for the TTL attribute. In it that is an ordinary number.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

import session_store
from local.sample_data import LOGIN_ABC, sample_items
from session_store import ProviderSession
from session_store.aws import connect
from session_store.storage import schema
from session_store.testing import MovableClock, in_memory_store
from session_store.tokens import Token

if TYPE_CHECKING:
    from session_store.storage.attribute_values import AttributeValue, Item

TABLE_NAME: Final = "session_store"
_KEYS: Final = (schema.PARTITION_KEY, schema.SORT_KEY)
_KEY_TYPE: Final = "S"
# Fixed, so that the document changes only when the model does.
_DATE: Final = LOGIN_ABC.strftime("%b %d, %Y, %I:%M %p")
_SAMPLES_BEGIN: Final = int(LOGIN_ABC.timestamp())


def render() -> str:
    """The document as text, the same at every call."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def document() -> dict[str, Any]:
    """The model as NoSQL Workbench imports it: the table, its index and the sample rows."""
    return {
        "ModelName": "Session store",
        "ModelMetadata": {
            "Author": "",
            "DateCreated": _DATE,
            "DateLastModified": _DATE,
            "Description": f"session-store {session_store.__version__}: one table, one overloaded index",
            "AWSService": "Amazon DynamoDB",
            "Version": "3.0",
        },
        "DataModel": [_table()],
    }


def _table() -> dict[str, Any]:
    return {
        "TableName": TABLE_NAME,
        "KeyAttributes": _key_attributes(schema.PARTITION_KEY, schema.SORT_KEY),
        "NonKeyAttributes": [
            {"AttributeName": name, "AttributeType": kind}
            for name, kind in sorted(attribute_types().items())
            if name not in _KEYS
        ],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": schema.INDEX_NAME,
                "KeyAttributes": _key_attributes(schema.INDEX_PARTITION_KEY, schema.INDEX_SORT_KEY),
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(schema.INDEX_PROJECTION)},
            }
        ],
        "TableData": [_row(item) for item in sample_items(_SAMPLES_BEGIN, new_token=_token)],
        "DataAccess": {"MySql": {}},
        "BillingMode": "PAY_PER_REQUEST",
    }


def attribute_types() -> dict[str, str]:
    """Every attribute that the store writes, with its type: collected from the rows of a few whole lives."""
    clock = MovableClock(LOGIN_ABC)
    rows: list[Any] = []
    with in_memory_store(clock=clock) as store:
        table = connect("dynamodb")
        created = store.create_session("ABC", data={"language": "en"}, client="Firefox on Linux")
        store.create_child_session(created.session, data={"application": "shop"})
        store.update_data(created.session, {"language": "ja"})
        successor = store.rotate(created.token).token
        store.validate(successor or created.token)
        rows += table.scan(TableName=store.table_name)["Items"]
        provider = ProviderSession("https://idp.example", "sid", LOGIN_ABC)
        store.create_session("ABC", idempotency_key="key", provider_session=provider)
        rows += table.scan(TableName=store.table_name)["Items"]
        store.end_by_provider_logout(
            provider.issuer, jti="jti", issued_at=LOGIN_ABC, expires_at=LOGIN_ABC, customer_id="ABC"
        )
        store.end_customer_sessions("ABC")
        rows += table.scan(TableName=store.table_name)["Items"]
    return {name: kind for row in rows for name, value in row.items() for kind in value}


def _key_attributes(partition_key: str, sort_key: str) -> dict[str, Any]:
    return {
        "PartitionKey": {"AttributeName": partition_key, "AttributeType": _KEY_TYPE},
        "SortKey": {"AttributeName": sort_key, "AttributeType": _KEY_TYPE},
    }


def _row(item: Item) -> dict[str, Any]:
    """Keys first, the others by name."""
    names = [*_KEYS, *sorted(set(item) - set(_KEYS))]
    return {name: _value(item[name]) for name in names}


def _value(value: AttributeValue) -> AttributeValue:
    """JSON has no binary: base64, as in DynamoDB's own protocol."""
    ((kind, content),) = value.items()
    return {kind: base64.b64encode(content).decode()} if kind == "B" else value


def _token(session_id: str, child_session_id: str | None) -> Token:
    """The same token for the same session each time. It is good for nothing, the rows are only samples."""
    seed = hashlib.sha512(f"{session_id} {child_session_id}".encode()).digest()
    return Token(session_id, child_session_id, family=_text(seed[:16]), secret=_text(seed[16:48]))


def _text(random: bytes) -> str:
    return base64.urlsafe_b64encode(random).rstrip(b"=").decode()
