"""Rows of the table as records and back: the storage side of the model. Times are integer epoch seconds.

The records are named tuples: making a dataclass of this size costs every cold start a millisecond.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final, NamedTuple

from session_store.clock import to_datetime
from session_store.errors import DataTooLargeError
from session_store.model import ChildSession, Session, SessionState, copy_json
from session_store.storage import attribute_values, schema
from session_store.storage.attribute_values import binary, number, string

if TYPE_CHECKING:
    from session_store.model import JSONObject
    from session_store.storage.attribute_values import AttributeValue, Item

# What ending takes out of a row: nothing in a tombstone helps an attacker, or an application that shows it.
ERASED_AT_END: Final = (
    "client",
    "confirmed_at",
    "data",
    "family_hash",
    "previous_token_hash",
    "previous_write_id",
    "rotated_at",
    "token_hash",
)
_WRITE_ID_BYTES: Final = 8


class TokenRecord(NamedTuple):
    """The token's part of a row.

    Attributes:
        family_hash: SHA-256 of the family; None in an ended session.
        token_hash: SHA-256 of the current secret.
        previous_token_hash: of the secret before it.
        rotated_at: when the current secret was made, None for the first.
        confirmed_at: when the current secret was first used after a rotation.
    """

    family_hash: bytes | None = None
    token_hash: bytes | None = None
    previous_token_hash: bytes | None = None
    rotated_at: int | None = None
    confirmed_at: int | None = None


class SessionRecord(NamedTuple):
    """A session's row.

    Attributes:
        generation: the customer's generation at creation, or when the session was last kept by an end-all.
        write_id: id of the last save, in a tombstone of the end, so that one whose reply was lost is recognised.
        previous_write_id: of the save before it.
        collection_until: TTL of the session and its children alike, None before the first child. Children are found
            through the session's row: none may stay for longer.
    """

    session_id: str
    customer_id: str | None
    session_state: SessionState
    data: JSONObject
    version: int
    generation: int
    created_at: int
    last_login_time: int | None
    last_seen_at: int
    idle_timeout: int
    expires_at: int
    absolute_expires_at: int
    ttl: int
    client: str | None
    write_id: bytes
    token: TokenRecord
    previous_write_id: bytes | None = None
    collection_until: int | None = None

    @property
    def key(self) -> Item:
        """The row's key."""
        return session_key(self.session_id, self.customer_id)

    def is_shown(self, now: int) -> bool:
        """Whether reads serve it: active or closing, and not expired."""
        return self.session_state is not SessionState.ENDED and now < self.expires_at

    def is_live(self, now: int) -> bool:
        """Whether it may be used and written: active, and not expired."""
        return self.session_state is SessionState.ACTIVE and now < self.expires_at

    def to_session(self) -> Session:
        """What callers get; it remembers this row, so that a save from it needs no read."""
        session = Session(
            session_id=self.session_id,
            customer_id=self.customer_id,
            session_state=self.session_state,
            data=copy_json(self.data),
            created_at=to_datetime(self.created_at),
            last_login_time=None if self.last_login_time is None else to_datetime(self.last_login_time),
            last_seen_at=to_datetime(self.last_seen_at),
            expires_at=to_datetime(self.expires_at),
            absolute_expires_at=to_datetime(self.absolute_expires_at),
            version=self.version,
            client=self.client,
        )
        session.remember(self)
        return session


class ChildRecord(NamedTuple):
    """A child session's row. It says nothing of the root's life: a child is live only while its root is."""

    session_id: str
    child_session_id: str
    customer_id: str | None
    session_state: SessionState
    data: JSONObject
    version: int
    created_at: int
    last_login_time: int | None
    absolute_expires_at: int
    ttl: int
    token: TokenRecord
    audience: str | None = None

    @property
    def key(self) -> Item:
        """The row's key."""
        return child_key(self.session_id, self.child_session_id)

    def is_shown(self, now: int) -> bool:
        """Whether reads serve it, its root permitting."""
        return self.session_state is not SessionState.ENDED and now < self.absolute_expires_at

    def to_child_session(self, root: SessionRecord) -> ChildSession:
        """What callers get; activity and expiry are the root's."""
        return ChildSession(
            child_session_id=self.child_session_id,
            session_id=self.session_id,
            customer_id=self.customer_id,
            session_state=self.session_state,
            data=copy_json(self.data),
            created_at=to_datetime(self.created_at),
            last_login_time=None if self.last_login_time is None else to_datetime(self.last_login_time),
            last_seen_at=to_datetime(root.last_seen_at),
            expires_at=to_datetime(min(root.expires_at, self.absolute_expires_at)),
            absolute_expires_at=to_datetime(self.absolute_expires_at),
            version=self.version,
            audience=self.audience,
        )


def session_key(session_id: str, customer_id: str | None) -> Item:
    """Key of a session's row."""
    return _key(schema.session_partition_key(session_id), schema.session_sort_key(session_id, customer_id))


def child_key(session_id: str, child_session_id: str) -> Item:
    """Key of a child session's row."""
    return _key(schema.session_partition_key(session_id), schema.child_sort_key(child_session_id))


def customer_key(customer_id: str) -> Item:
    """Key of a customer's own row."""
    return _key(schema.customer_item_partition_key(customer_id), schema.customer_item_sort_key(customer_id))


def key_of(item: Item) -> Item:
    """The table's key of a row, or of an index entry."""
    return {name: item[name] for name in (schema.PARTITION_KEY, schema.SORT_KEY)}


def session_item(record: SessionRecord) -> Item:
    """A session as a row."""
    return _without_none(
        record.key
        | {
            "entity_type": string(schema.EntityType.SESSION),
            "session_state": string(record.session_state),
            "customer_id": _optional_string(record.customer_id),
            "data": attribute_values.from_json(record.data),
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
        }
        | _token_attributes(record.token)
    )


def child_item(record: ChildRecord) -> Item:
    """A child session as a row."""
    return _without_none(
        record.key
        | {
            "entity_type": string(schema.EntityType.CHILD_SESSION),
            "session_state": string(record.session_state),
            "customer_id": _optional_string(record.customer_id),
            "data": attribute_values.from_json(record.data),
            "version": number(record.version),
            "created_at": number(record.created_at),
            "last_login_time": _optional_number(record.last_login_time),
            "absolute_expires_at": number(record.absolute_expires_at),
            schema.TTL_ATTRIBUTE: number(record.ttl),
            "collection_until": number(record.ttl),
            "audience": _optional_string(record.audience),
        }
        | _token_attributes(record.token)
    )


def read_session(item: Item) -> SessionRecord:
    """A session from its row."""
    return SessionRecord(
        session_id=schema.session_id_of(item[schema.PARTITION_KEY]["S"]),
        customer_id=_read_string(item, "customer_id"),
        session_state=SessionState(item["session_state"]["S"]),
        data=attribute_values.to_object(item.get("data")),
        version=_read_number(item, "version"),
        generation=_read_number(item, "generation"),
        created_at=_read_number(item, "created_at"),
        last_login_time=_read_optional_number(item, "last_login_time"),
        last_seen_at=_read_number(item, "last_seen_at"),
        idle_timeout=_read_number(item, "idle_timeout"),
        expires_at=_read_number(item, "expires_at"),
        absolute_expires_at=_read_number(item, "absolute_expires_at"),
        ttl=_read_number(item, schema.TTL_ATTRIBUTE),
        client=_read_string(item, "client"),
        write_id=_read_binary(item, "write_id") or b"",
        previous_write_id=_read_binary(item, "previous_write_id"),
        collection_until=_read_optional_number(item, "collection_until"),
        token=_read_token(item),
    )


def read_child(item: Item) -> ChildRecord:
    """A child session from its row."""
    return ChildRecord(
        session_id=schema.session_id_of(item[schema.PARTITION_KEY]["S"]),
        child_session_id=schema.child_session_id_of(item[schema.SORT_KEY]["S"]),
        customer_id=_read_string(item, "customer_id"),
        session_state=SessionState(item["session_state"]["S"]),
        data=attribute_values.to_object(item.get("data")),
        version=_read_number(item, "version"),
        created_at=_read_number(item, "created_at"),
        last_login_time=_read_optional_number(item, "last_login_time"),
        absolute_expires_at=_read_number(item, "absolute_expires_at"),
        ttl=_read_number(item, schema.TTL_ATTRIBUTE),
        token=_read_token(item),
        audience=_read_string(item, "audience"),
    )


def is_child(item: Item) -> bool:
    """Whether a row is a child session's."""
    return schema.EntityType(item["entity_type"]["S"]) is schema.EntityType.CHILD_SESSION


def may_be_live(hit: Item, now: int) -> bool:
    """Whether the session of an index entry has not passed its absolute end: that much the index knows."""
    return _read_number(hit, "absolute_expires_at") > now


def read_generation(item: Item | None) -> int:
    """A customer's generation from its row; 0 when there is none."""
    return 0 if item is None else _read_number(item, "generation")


def check_size(item: Item) -> None:
    """Refuse an item that DynamoDB would not store.

    Raises:
        DataTooLargeError: over 400 KB.
    """
    size = attribute_values.item_bytes(item)
    if size > attribute_values.MAX_ITEM_BYTES:
        raise DataTooLargeError(size, attribute_values.MAX_ITEM_BYTES)


def new_write_id() -> bytes:
    """The id of a write: who repeats it for want of a reply finds it in the row, and knows that it was done."""
    return secrets.token_bytes(_WRITE_ID_BYTES)


def _key(partition_key: str, sort_key: str) -> Item:
    return {schema.PARTITION_KEY: string(partition_key), schema.SORT_KEY: string(sort_key)}


def _token_attributes(token: TokenRecord) -> dict[str, AttributeValue | None]:
    return {
        "family_hash": _optional_binary(token.family_hash),
        "token_hash": _optional_binary(token.token_hash),
        "previous_token_hash": _optional_binary(token.previous_token_hash),
        "rotated_at": _optional_number(token.rotated_at),
        "confirmed_at": _optional_number(token.confirmed_at),
    }


def _read_token(item: Item) -> TokenRecord:
    return TokenRecord(
        family_hash=_read_binary(item, "family_hash"),
        token_hash=_read_binary(item, "token_hash"),
        previous_token_hash=_read_binary(item, "previous_token_hash"),
        rotated_at=_read_optional_number(item, "rotated_at"),
        confirmed_at=_read_optional_number(item, "confirmed_at"),
    )


def _without_none(attributes: dict[str, AttributeValue | None]) -> Item:
    return {name: value for name, value in attributes.items() if value is not None}


def _optional_string(value: str | None) -> AttributeValue | None:
    return None if value is None else string(value)


def _optional_number(value: int | None) -> AttributeValue | None:
    return None if value is None else number(value)


def _optional_binary(value: bytes | None) -> AttributeValue | None:
    return None if value is None else binary(value)


def _read_string(item: Item, name: str) -> str | None:
    value = item.get(name)
    return None if value is None else value["S"]


def _read_number(item: Item, name: str) -> int:
    return int(item[name]["N"])


def _read_optional_number(item: Item, name: str) -> int | None:
    value = item.get(name)
    return None if value is None else int(value["N"])


def _read_binary(item: Item, name: str) -> bytes | None:
    value = item.get(name)
    return None if value is None else bytes(value["B"])
