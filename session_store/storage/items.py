"""Records as rows of the DynamoDB table and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from session_store.data.weights import MAX_CONTENT_BYTES
from session_store.errors import DataTooLargeError
from session_store.model import EndReason, SessionState
from session_store.storage import schema
from session_store.storage.attribute_values import binary, item_bytes, number, string
from session_store.storage.document import NO_CODECS, NO_DATA, Document
from session_store.storage.records import (
    NO_TOKEN,
    WRITE_IDS,
    ChildKey,
    ChildRecord,
    CustomerKey,
    CustomerRecord,
    Hit,
    IdempotencyKey,
    IdempotencyRecord,
    NotedRecord,
    RowKey,
    SessionKey,
    SessionRecord,
    TokenRecord,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.storage.attribute_values import AttributeValue, Item
    from session_store.storage.document import Codecs
    from session_store.storage.records import Key

    Report = Callable[[Item, Exception], object]

# States and reasons by their stored text: asking the enumeration is a call for each row. Tombstones from before reasons
# were kept have none.
_STATES: Final = {state.value: state for state in SessionState}
_REASONS: Final = {reason.value: reason for reason in EndReason}
_EARLIER_WRITE_IDS: Final = WRITE_IDS[1:]
SESSION_ATTRIBUTES: Final = (
    schema.PARTITION_KEY,
    "entity_type",
    *(field for field in SessionRecord._fields if field not in {"session_id", "token", "earlier_write_ids"}),
    *_EARLIER_WRITE_IDS,
    *TokenRecord._fields,
)
# The attributes that the store itself adds to a row, within 1 KB. It also adds `ended_at` and `end_reason`, once the
# data is gone.
_ADDED: Final = frozenset({*TokenRecord._fields, *WRITE_IDS, "collection_until", "child_mark"})
# Raised by reading a row in another form than this code's, which a newer version or another program wrote.
UNREADABLE: Final = (AttributeError, LookupError, TypeError, ValueError)
_LAST_MOMENT: Final = 253_402_300_799  # of the year 9999, in which Python's times end


def key_item(key: Key) -> Item:
    """A row's key as DynamoDB takes it."""
    if isinstance(key, SessionKey):
        partition_key = schema.session_partition_key(key.session_id)
        sort_key = schema.session_sort_key(key.session_id, key.customer_id)
    elif isinstance(key, ChildKey):
        partition_key = schema.session_partition_key(key.session_id)
        sort_key = schema.child_sort_key(key.child_session_id)
    elif isinstance(key, CustomerKey):
        partition_key = schema.customer_item_partition_key(key.customer_id)
        sort_key = schema.customer_item_sort_key(key.customer_id)
    elif isinstance(key, IdempotencyKey):
        partition_key = schema.idempotency_partition_key(key.key_hash)
        sort_key = schema.session_sort_key(key.key_hash, key.customer_id)
    else:
        partition_key, sort_key = key
    return {schema.PARTITION_KEY: string(partition_key), schema.SORT_KEY: string(sort_key)}


def row_key(item: Item) -> RowKey:
    """A row's key as it is stored, in any form. A missing part is empty, as in no valid key."""
    return RowKey(item.get(schema.PARTITION_KEY, {}).get("S", ""), item.get(schema.SORT_KEY, {}).get("S", ""))


def new_item(record: SessionRecord | ChildRecord) -> Item:
    """A record as a row.

    Raises:
        DataTooLargeError: its content would pass 399 KB.
    """
    item = _session_item(record) if isinstance(record, SessionRecord) else _child_item(record)
    _room(item)
    return item


def room(record: SessionRecord) -> int:
    """Bytes that a record's content may still grow by.

    Raises:
        DataTooLargeError: it would pass 399 KB as it is.
    """
    return _room(_session_item(record))


def read_record(item: Item, codecs: Codecs = NO_CODECS) -> SessionRecord | ChildRecord:
    """The record of a session's or child session's row.

    Like every reader of rows it raises one of `UNREADABLE` for one in another form.
    """
    is_child = item["entity_type"]["S"] == schema.EntityType.CHILD_SESSION
    return read_child(item, codecs) if is_child else read_session(item, codecs)


def session_of(item: Item, codecs: Codecs, report: Report) -> SessionRecord:
    """The record of a session's row. One in another form counts as ended: not shown, and no token is good for it."""
    try:
        return read_session(item, codecs)
    except UNREADABLE as error:
        report(item, error)
    return SessionRecord(
        session_id=schema.session_id_of(item[schema.PARTITION_KEY]["S"]),
        customer_id=_contents(item).get("customer_id"),
        session_state=SessionState.ENDED,
        data=NO_DATA,
        version=0,
        generation=0,
        created_at=0,
        last_login_time=None,
        last_seen_at=0,
        idle_timeout=0,
        expires_at=0,
        absolute_expires_at=0,
        ttl=0,
        client=None,
        write_id=b"",
        token=NO_TOKEN,
    )


def child_of(item: Item, codecs: Codecs, report: Report) -> ChildRecord:
    """The same of a child session's row."""
    try:
        return read_child(item, codecs)
    except UNREADABLE as error:
        report(item, error)
    return ChildRecord(
        session_id=schema.session_id_of(item[schema.PARTITION_KEY]["S"]),
        child_session_id=schema.child_session_id_of(item[schema.SORT_KEY]["S"]),
        customer_id=None,
        session_state=SessionState.ENDED,
        data=NO_DATA,
        version=0,
        created_at=0,
        last_login_time=None,
        absolute_expires_at=0,
        ttl=0,
        token=NO_TOKEN,
    )


def read_session(item: Item, codecs: Codecs = NO_CODECS) -> SessionRecord:
    """The record of a session's row."""
    get = _contents(item).get
    login, until = get("last_login_time"), get("collection_until")
    codec, state = get("data_codec"), _STATES[item["session_state"]["S"]]
    record = SessionRecord(
        session_id=schema.session_id_of(item[schema.PARTITION_KEY]["S"]),
        customer_id=get("customer_id"),
        session_state=state,
        data=codecs.stored(item, codec) if codec or codecs.encrypts else Document(item.get("data")),
        version=int(item["version"]["N"]),
        generation=int(item["generation"]["N"]),
        created_at=int(item["created_at"]["N"]),
        last_login_time=None if login is None else int(login),
        last_seen_at=int(item["last_seen_at"]["N"]),
        idle_timeout=int(item["idle_timeout"]["N"]),
        expires_at=int(item["expires_at"]["N"]),
        absolute_expires_at=int(item["absolute_expires_at"]["N"]),
        ttl=int(item[schema.TTL_ATTRIBUTE]["N"]),
        client=codecs.client(item) if codec or codecs.encrypts else get("client"),
        write_id=get("write_id", b""),
        earlier_write_ids=tuple(filter(None, map(get, _EARLIER_WRITE_IDS))),
        collection_until=None if until is None else int(until),
        customer_row=get("customer_row"),
        child_mark=get("child_mark"),
        ends_with_browser=get("ends_with_browser") is True,
        end_reason=_REASONS[get("end_reason", EndReason.SIGNED_OUT)] if state is SessionState.ENDED else None,
        token=_read_token(get),
    )
    times = (record.created_at, record.last_seen_at, record.expires_at, record.absolute_expires_at, record.ttl)
    _check_form(item, schema.EntityType.SESSION, *times)
    return record


def read_child(item: Item, codecs: Codecs = NO_CODECS) -> ChildRecord:
    """The record of a child session's row."""
    get = _contents(item).get
    login, codec = get("last_login_time"), get("data_codec")
    state = _STATES[item["session_state"]["S"]]
    record = ChildRecord(
        session_id=schema.session_id_of(item[schema.PARTITION_KEY]["S"]),
        child_session_id=schema.child_session_id_of(item[schema.SORT_KEY]["S"]),
        customer_id=get("customer_id"),
        session_state=state,
        data=codecs.stored(item, codec) if codec or codecs.encrypts else Document(item.get("data")),
        version=int(item["version"]["N"]),
        created_at=int(item["created_at"]["N"]),
        last_login_time=None if login is None else int(login),
        absolute_expires_at=int(item["absolute_expires_at"]["N"]),
        ttl=int(item[schema.TTL_ATTRIBUTE]["N"]),
        token=_read_token(get),
        audience=get("audience"),
        write_id=get("write_id", b""),
        child_mark=get("child_mark"),
        end_reason=_REASONS[get("end_reason", EndReason.SIGNED_OUT)] if state is SessionState.ENDED else None,
    )
    _check_form(item, schema.EntityType.CHILD_SESSION, record.created_at, record.absolute_expires_at, record.ttl)
    return record


def read_customer(item: Item) -> CustomerRecord:
    """The record of a customer's own row."""
    get = _contents(item).get
    return CustomerRecord(
        customer_id=item["customer_id"]["S"],
        row_id=item["row_id"]["B"],
        generation=int(item["generation"]["N"]),
        ttl=int(item[schema.TTL_ATTRIBUTE]["N"]),
        covered=int(get("covered") or 0),
        kept=get("kept"),
        provider_logout_at=int(get("provider_logout_at") or 0),
    )


def read_idempotency(item: Item) -> IdempotencyRecord:
    """The record of an idempotency key's row. One in another form is of no call that is made now."""
    get = _contents(item).get
    return IdempotencyRecord(get("session_id", ""), get("fingerprint", b""))


def read_noted(item: Item) -> NotedRecord:
    """The record of a row about an identity provider's session or logout."""
    get = _contents(item).get
    customer_id = schema.customer_id_of(item[schema.SORT_KEY]["S"])
    return NotedRecord(customer_id, int(item[schema.TTL_ATTRIBUTE]["N"]), tuple(get("session_ids", ())))


def unreadable_hit(item: Item) -> Hit:
    """An entry of the index of which only the key can be read. Its row may be alive.

    Raises:
        ValueError: the key is not a session's, or child session's.
    """
    session_id = schema.session_id_of(item[schema.PARTITION_KEY]["S"])
    return Hit(session_id, _contents(item).get("customer_id"), None, _LAST_MOMENT)


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
    """The attributes that hold a session's data, None for one that the row must not have."""
    return {"data": document.stored, "data_codec": _optional_string(document.codec)}


def attributes_of_key(key: Key) -> dict[str, AttributeValue]:
    """The attributes that follow from the key of a row that a change creates where it is not there."""
    if isinstance(key, CustomerKey):
        return {"entity_type": string(schema.EntityType.CUSTOMER), "customer_id": string(key.customer_id)}
    return {"entity_type": string(schema.EntityType.IDEMPOTENCY_KEY)} if isinstance(key, IdempotencyKey) else {}


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
            "client": record.client.stored if isinstance(record.client, Document) else _optional_string(record.client),
            "write_id": binary(record.write_id),
            "collection_until": _optional_number(record.collection_until),
            "customer_row": _optional_binary(record.customer_row),
            "child_mark": _optional_binary(record.child_mark),
            "ends_with_browser": {"BOOL": True} if record.ends_with_browser else None,
            "end_reason": _optional_string(record.end_reason),
        }
        | dict(zip(_EARLIER_WRITE_IDS, map(binary, record.earlier_write_ids), strict=False))
        | _token_attributes(record.token)
    )


def _room(item: Item) -> int:
    size = item_bytes({name: value for name, value in item.items() if name not in _ADDED})
    if size > MAX_CONTENT_BYTES:
        raise DataTooLargeError(size, MAX_CONTENT_BYTES)
    return MAX_CONTENT_BYTES - size


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
            "end_reason": _optional_string(record.end_reason),
        }
        | _token_attributes(record.token)
    )


def _token_attributes(token: TokenRecord) -> dict[str, AttributeValue | None]:
    return {
        "family_hash": _optional_binary(token.family_hash),
        "rotation_key": _optional_binary(token.rotation_key),
        "head": _optional_binary(token.head),
        "epoch": number(token.epoch),
        "first_used_at": _optional_number(token.first_used_at),
        "first_used": _optional_binary(token.first_used),
    }


def _check_form(item: Item, kind: schema.EntityType, *times: int) -> None:
    """Refuse what would read as a record and be none."""
    if item["entity_type"]["S"] != kind:
        raise LookupError("another kind of row")
    if "data" in item and "data_codec" not in item and "M" not in item["data"]:
        raise TypeError("data is not a map")
    if min(times) < 0 or max(times) > _LAST_MOMENT:
        raise ValueError("a time that is none")


def _contents(item: Item) -> dict[str, Any]:
    """The attributes without their types. One call for a row in place of one for each attribute."""
    return {name: content for name, value in item.items() for content in value.values()}


def _read_token(get: Callable[[str], Any]) -> TokenRecord:
    used_at = get("first_used_at")
    return TokenRecord(
        family_hash=get("family_hash"),
        rotation_key=get("rotation_key"),
        head=get("head"),
        epoch=int(get("epoch") or 0),
        first_used_at=None if used_at is None else int(used_at),
        first_used=get("first_used"),
    )


def _without_none(attributes: dict[str, AttributeValue | None]) -> Item:
    return {name: value for name, value in attributes.items() if value is not None}


def _optional_string(value: str | None) -> AttributeValue | None:
    return None if value is None else string(value)


def _optional_number(value: int | None) -> AttributeValue | None:
    return None if value is None else number(value)


def _optional_binary(value: bytes | None) -> AttributeValue | None:
    return None if value is None else binary(value)
