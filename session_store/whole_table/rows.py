"""Rows against the schema, and rows as JSON."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any, Final

from session_store.storage import items, schema
from session_store.storage.items import UNREADABLE, key_item, row_key
from session_store.storage.records import (
    WRITE_IDS,
    ChildRecord,
    CustomerKey,
    CustomerRecord,
    DataKeyRecord,
    IdempotencyRecord,
    NotedRecord,
    SessionRecord,
    TokenRecord,
)
from session_store.storage.schema import EntityType
from session_store.tokens import is_session_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.storage.attribute_values import AttributeValue, Item
    from session_store.storage.records import Record

_KINDS: Final = {
    "str": "S",
    "SessionState": "S",
    "EndReason": "S",
    "int": "N",
    "bytes": "B",
    "bool": "BOOL",
    "tuple[str, ...]": "SS",
}
_RECORDS: Final = (
    *(SessionRecord, ChildRecord, CustomerRecord),
    *(DataKeyRecord, IdempotencyRecord, NotedRecord, TokenRecord),
)
# Rows that are known by a hash, which stands behind this in their key.
_HASHED: Final = {
    EntityType.IDEMPOTENCY_KEY: schema.idempotency_partition_key(""),
    EntityType.PROVIDER_SESSION: schema.provider_session_partition_key(""),
    EntityType.PROVIDER_LOGOUT: schema.provider_logout_key(""),
}
_NOT_IN_RECORDS: Final = {
    **dict.fromkeys((schema.PARTITION_KEY, schema.SORT_KEY, "entity_type", "data_codec"), "S"),
    **dict.fromkeys(WRITE_IDS, "B"),
    "ended_at": "N",
}
_OF_THE_CODEC: Final = frozenset({"client", "data", "data_codec"})
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d{1,3})?")


def attribute_types() -> dict[str, str]:
    """The type of each attribute that the store writes, by DynamoDB's letters. Data may have several."""
    types = dict(_NOT_IN_RECORDS)
    for record in _RECORDS:
        for field, annotation in record.__annotations__.items():
            kind = _KINDS.get(getattr(annotation, "__forward_arg__", str(annotation)).partition(" |")[0])
            if kind:
                types[field] = kind
    for part_of_the_key in ("session_id", "child_session_id"):
        del types[part_of_the_key]
    return types | {"session_id": "S"}  # of an idempotency key's row


ATTRIBUTE_TYPES: Final = attribute_types()


class RowError(ValueError):
    """A row that the schema does not have. The message says why, and quotes no value."""


def read_row(item: Item) -> Record:
    """The record of a row of any kind, once its key and the types of its attributes are right.

    Data with a codec is not looked into: the record has neither data nor client.

    Raises:
        RowError: the schema has no such row.
    """
    kind = item.get("entity_type", {}).get("S")
    if "data_codec" in item:
        item = {name: value for name, value in item.items() if name not in _OF_THE_CODEC}
    for name, value in item.items():
        if name in ATTRIBUTE_TYPES and ATTRIBUTE_TYPES[name] not in value:
            raise RowError(f"{name} is not of type {ATTRIBUTE_TYPES[name]}")
    try:
        return _read(kind, item)
    except KeyError as error:
        raise RowError(f"it has no {error.args[0]}") from None
    except RowError:
        raise
    except UNREADABLE as error:
        raise RowError(f"an attribute cannot be read ({type(error).__name__})") from None


def _read(kind: str | None, item: Item) -> Record:
    if kind == EntityType.SESSION:
        session = items.read_session(item)
        return _checked(session, key_item(session.key), item, session.session_id)
    if kind == EntityType.CHILD_SESSION:
        child = items.read_child(item)
        return _checked(child, key_item(child.key), item, child.session_id, child.child_session_id)
    if kind == EntityType.CUSTOMER:
        return _checked(items.read_customer(item), key_item(CustomerKey(item["customer_id"]["S"])), item)
    if kind in _HASHED:
        begins = row_key(item).partition_key.startswith(_HASHED[EntityType(kind)])
        if not begins or not item[schema.TTL_ATTRIBUTE]["N"].isdecimal():
            raise RowError("its key is of another kind of row")
        return items.read_idempotency(item) if kind == EntityType.IDEMPOTENCY_KEY else items.read_noted(item)
    if kind == EntityType.DATA_KEY:
        record = DataKeyRecord(item["wrapped"]["B"], int(item["created_at"]["N"]))
        key = row_key(item)
        if key.partition_key != key.sort_key or not key.partition_key.startswith(schema.data_key("")):
            raise RowError("its key is of another kind of row")
        return record
    raise RowError("this version knows no such kind of row (entity_type)")


def _checked(record: Record, key: Item, item: Item, *ids: str) -> Record:
    if not all(map(is_session_id, ids)):
        raise RowError("its key has no id that this library makes")
    if row_key(key) != row_key(item):
        raise RowError("its key does not go with its customer_id")
    return record


def write_json(item: Item) -> str:
    """A row as one line of JSON, in DynamoDB's own notation: binary values are base64."""
    return json.dumps(item, default=_base64, separators=(",", ":"))


def read_json(plain: object) -> Item:
    """A row of DynamoDB's JSON.

    Raises:
        RowError: it is in another notation.
    """
    if not isinstance(plain, dict):
        raise RowError("it is no JSON object")
    return {name: _value(value) for name, value in plain.items()}


def _base64(value: object) -> str:
    return base64.b64encode(bytes(value)).decode()  # type: ignore[call-overload]  # nothing else is no JSON


def _value(value: Any) -> AttributeValue:  # noqa: ANN401 - JSON of any form
    if not isinstance(value, dict) or len(value) != 1:
        raise RowError("a value is not in DynamoDB's notation")
    ((kind, content),) = value.items()
    fits: dict[str, Callable[[], object]] = {
        "S": lambda: isinstance(content, str),
        "N": lambda: isinstance(content, str) and _NUMBER.fullmatch(content),
        "BOOL": lambda: isinstance(content, bool),
        "NULL": lambda: content is True,
        "B": lambda: isinstance(content, str),
        "M": lambda: isinstance(content, dict),
        "L": lambda: isinstance(content, list),
        "SS": lambda: isinstance(content, list) and all(isinstance(text, str) for text in content),
    }
    if kind not in fits or not fits[kind]():
        raise RowError("a value is not in DynamoDB's notation")
    if kind == "B":
        try:
            return {"B": base64.b64decode(content, validate=True)}
        except ValueError:
            raise RowError("a binary value is no base64") from None
    if kind == "M":
        return {"M": {name: _value(inner) for name, inner in content.items()}}
    return {"L": [_value(inner) for inner in content]} if kind == "L" else value
