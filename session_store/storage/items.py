"""Records as rows of the DynamoDB table and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from session_store.data.weights import MAX_ITEM_BYTES
from session_store.errors import DataTooLargeError, StoreConfigurationError
from session_store.model import SessionState
from session_store.storage import schema
from session_store.storage.attribute_values import binary, item_bytes, number, string
from session_store.storage.document import NO_CODECS, Document
from session_store.storage.records import (
    ChildKey,
    ChildRecord,
    CustomerRecord,
    Hit,
    SessionKey,
    SessionRecord,
    TokenRecord,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.storage.attribute_values import AttributeValue, Item
    from session_store.storage.document import Codecs
    from session_store.storage.records import CustomerKey, Key, Record

# The states by their stored text: asking the enumeration is a call for each row.
_STATES: Final = {state.value: state for state in SessionState}
_ANY_HASH: Final = bytes(32)


def key_item(key: Key) -> Item:
    """A row's key as DynamoDB takes it."""
    if isinstance(key, SessionKey):
        partition_key = schema.session_partition_key(key.session_id)
        sort_key = schema.session_sort_key(key.session_id, key.customer_id)
    elif isinstance(key, ChildKey):
        partition_key = schema.session_partition_key(key.session_id)
        sort_key = schema.child_sort_key(key.child_session_id)
    else:
        partition_key = schema.customer_item_partition_key(key.customer_id)
        sort_key = schema.customer_item_sort_key(key.customer_id)
    return {schema.PARTITION_KEY: string(partition_key), schema.SORT_KEY: string(sort_key)}


def new_item(record: SessionRecord | ChildRecord) -> Item:
    """A record as a row.

    Raises:
        DataTooLargeError: the row would pass 400 KB.
    """
    item = _session_item(record) if isinstance(record, SessionRecord) else _child_item(record)
    size = item_bytes(item)
    if size > MAX_ITEM_BYTES:
        raise DataTooLargeError(size, MAX_ITEM_BYTES)
    return item


def check_record(record: SessionRecord) -> None:
    """Refuse a record that DynamoDB would not store. A snapshot weighs as its row does, which has the hashes.

    Raises:
        DataTooLargeError: the row would pass 400 KB.
    """
    token = record.token
    if token.token_hash is None:
        previous = None if token.rotated_at is None else _ANY_HASH
        token = token._replace(family_hash=_ANY_HASH, token_hash=_ANY_HASH, previous_token_hash=previous)
    new_item(record._replace(token=token))


def read_record(item: Item, codecs: Codecs = NO_CODECS) -> Record:
    """The record of any row."""
    kind = item["entity_type"]["S"]
    if kind == schema.EntityType.SESSION:
        return read_session(item, codecs)
    return read_child(item, codecs) if kind == schema.EntityType.CHILD_SESSION else read_customer(item)


def read_session(item: Item, codecs: Codecs = NO_CODECS) -> SessionRecord:
    """The record of a session's row."""
    get = _contents(item).get
    login, until = get("last_login_time"), get("collection_until")
    codec = get("data_codec")
    return SessionRecord(
        session_id=schema.session_id_of(item[schema.PARTITION_KEY]["S"]),
        customer_id=get("customer_id"),
        session_state=_STATES[item["session_state"]["S"]],
        data=Document(item.get("data")) if codec is None else codecs.stored(item.get("data"), codec),
        version=int(item["version"]["N"]),
        generation=int(item["generation"]["N"]),
        created_at=int(item["created_at"]["N"]),
        last_login_time=None if login is None else int(login),
        last_seen_at=int(item["last_seen_at"]["N"]),
        idle_timeout=int(item["idle_timeout"]["N"]),
        expires_at=int(item["expires_at"]["N"]),
        absolute_expires_at=int(item["absolute_expires_at"]["N"]),
        ttl=int(item[schema.TTL_ATTRIBUTE]["N"]),
        client=get("client"),
        write_id=get("write_id", b""),
        previous_write_id=get("previous_write_id"),
        collection_until=None if until is None else int(until),
        customer_row=get("customer_row"),
        child_mark=get("child_mark"),
        token=_read_token(get),
    )


def read_child(item: Item, codecs: Codecs = NO_CODECS) -> ChildRecord:
    """The record of a child session's row."""
    get = _contents(item).get
    login = get("last_login_time")
    return ChildRecord(
        session_id=schema.session_id_of(item[schema.PARTITION_KEY]["S"]),
        child_session_id=schema.child_session_id_of(item[schema.SORT_KEY]["S"]),
        customer_id=get("customer_id"),
        session_state=_STATES[item["session_state"]["S"]],
        data=codecs.stored(item.get("data"), get("data_codec")),
        version=int(item["version"]["N"]),
        created_at=int(item["created_at"]["N"]),
        last_login_time=None if login is None else int(login),
        absolute_expires_at=int(item["absolute_expires_at"]["N"]),
        ttl=int(item[schema.TTL_ATTRIBUTE]["N"]),
        token=_read_token(get),
        audience=get("audience"),
        write_id=get("write_id", b""),
        child_mark=get("child_mark"),
    )


def read_customer(item: Item) -> CustomerRecord:
    """The record of a customer's own row.

    Raises:
        StoreConfigurationError: it is not as this library writes it. Then it lets no session be, and ends none.
    """
    get = _contents(item).get
    try:
        return CustomerRecord(
            customer_id=item["customer_id"]["S"],
            row_id=item["row_id"]["B"],
            generation=int(item["generation"]["N"]),
            ttl=int(item[schema.TTL_ATTRIBUTE]["N"]),
            covered=int(get("covered", 0)),
            kept=get("kept"),
        )
    except (KeyError, TypeError, ValueError):
        pass
    raise StoreConfigurationError("a customer's row cannot be read: delete it by erase_customer")


def read_hit(item: Item) -> Hit:
    """An entry of the index, of a session or of a child session."""
    get = _contents(item).get
    login = get("last_login_time")
    return Hit(
        session_id=schema.session_id_of(item[schema.PARTITION_KEY]["S"]),
        customer_id=get("customer_id"),
        last_login_time=None if login is None else int(login),
        absolute_expires_at=int(item["absolute_expires_at"]["N"]),
    )


def data_attributes(document: Document) -> dict[str, AttributeValue | None]:
    """The attributes that hold a session's data; None for one that the row must not have."""
    codec = document.codec
    return {"data": document.stored, "data_codec": None if codec is None else string(codec.name)}


def customer_attributes(key: CustomerKey) -> dict[str, AttributeValue]:
    """The attributes of a customer's own row that follow from its key."""
    return {"entity_type": string(schema.EntityType.CUSTOMER), "customer_id": string(key.customer_id)}


def _session_item(record: SessionRecord) -> Item:
    return _without_none(
        key_item(record.key)
        | data_attributes(record.data)
        | {
            "entity_type": string(schema.EntityType.SESSION),
            "session_state": string(record.session_state),
            "customer_id": _optional_string(record.customer_id),
            "version": number(record.version),
            "generation": number(record.generation),
            "created_at": number(record.created_at),
            "last_login_time": _optional_number(record.last_login_time),
            "last_seen_at": number(record.last_seen_at),
            "idle_timeout": number(record.idle_timeout),
            "expires_at": number(record.expires_at),
            "absolute_expires_at": number(record.absolute_expires_at),
            schema.TTL_ATTRIBUTE: number(record.ttl),
            "client": _optional_string(record.client),
            "write_id": binary(record.write_id),
            "previous_write_id": _optional_binary(record.previous_write_id),
            "collection_until": _optional_number(record.collection_until),
            "customer_row": _optional_binary(record.customer_row),
            "child_mark": _optional_binary(record.child_mark),
        }
        | _token_attributes(record.token)
    )


def _child_item(record: ChildRecord) -> Item:
    return _without_none(
        key_item(record.key)
        | data_attributes(record.data)
        | {
            "entity_type": string(schema.EntityType.CHILD_SESSION),
            "session_state": string(record.session_state),
            "customer_id": _optional_string(record.customer_id),
            "version": number(record.version),
            "created_at": number(record.created_at),
            "last_login_time": _optional_number(record.last_login_time),
            "absolute_expires_at": number(record.absolute_expires_at),
            schema.TTL_ATTRIBUTE: number(record.ttl),
            "collection_until": number(record.ttl),
            "audience": _optional_string(record.audience),
            "child_mark": _optional_binary(record.child_mark),
        }
        | _token_attributes(record.token)
    )


def _token_attributes(token: TokenRecord) -> dict[str, AttributeValue | None]:
    return {
        "family_hash": _optional_binary(token.family_hash),
        "token_hash": _optional_binary(token.token_hash),
        "previous_token_hash": _optional_binary(token.previous_token_hash),
        "rotated_at": _optional_number(token.rotated_at),
        "confirmed_at": _optional_number(token.confirmed_at),
    }


def _contents(item: Item) -> dict[str, Any]:
    """The attributes without their types: one call for a row in place of one for each attribute."""
    return {name: content for name, value in item.items() for content in value.values()}


def _read_token(get: Callable[[str], Any]) -> TokenRecord:
    rotated, confirmed = get("rotated_at"), get("confirmed_at")
    return TokenRecord(
        family_hash=get("family_hash"),
        token_hash=get("token_hash"),
        previous_token_hash=get("previous_token_hash"),
        rotated_at=None if rotated is None else int(rotated),
        confirmed_at=None if confirmed is None else int(confirmed),
    )


def _without_none(attributes: dict[str, AttributeValue | None]) -> Item:
    return {name: value for name, value in attributes.items() if value is not None}


def _optional_string(value: str | None) -> AttributeValue | None:
    return None if value is None else string(value)


def _optional_number(value: int | None) -> AttributeValue | None:
    return None if value is None else number(value)


def _optional_binary(value: bytes | None) -> AttributeValue | None:
    return None if value is None else binary(value)
