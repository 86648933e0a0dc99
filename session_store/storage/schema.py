"""Names and keys of the table: the only module that knows what a key looks like.

A key is its kind, then the ids. No kind begins another kind, and an id of any text comes last. So no id yields another
kind's key. No key begins with `t#` or `c!`. They are kept for tenants and for later. A row of another home will have
the home behind its kind, `customer-hh#ID`: behind the id it could be a part of the id.

Every key is built by one function here and read back by one function here, so that no other module concatenates
or splits on `#`. The runtime, the constructs and the NoSQL Workbench export all take their names from this file.

The schema follows the published single-table design for session management: one table, one overloaded index that
swaps the key pair.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

PARTITION_KEY: Final = "PK"
SORT_KEY: Final = "SK"
TTL_ATTRIBUTE: Final = "ttl"

INDEX_NAME: Final = "GSI1_inverse"
INDEX_PARTITION_KEY: Final = SORT_KEY
INDEX_SORT_KEY: Final = PARTITION_KEY
# Only what never changes after creation: then nothing that happens during a session's life pays for an index write.
INDEX_PROJECTION: Final = (
    "entity_type",
    "customer_id",
    "created_at",
    "last_login_time",
    "absolute_expires_at",
)

KEY_SEPARATOR: Final = "#"
_SESSION = "suuid#"
_CHILD = "child#suuid#"
_CUSTOMER = "c#"
_CUSTOMER_ITEM = "customer#"
_VISITOR = "a#"
_IDEMPOTENCY = "idempotency#"
_PROVIDER_SESSION = "provider#"
_PROVIDER_LOGOUT = "logout#"
_DATA_KEY = "key#"

# In a customer's partition of the index the sessions' keys are above those of its other rows.
SESSIONS_PARTITION_KEYS: Final = _SESSION

# A session's own sort key is below this, its children's are not; used in key conditions.
CHILDREN_SORT_KEYS: Final = "child#"


class EntityType(StrEnum):
    """The kind of a table's row (attribute `entity_type`)."""

    SESSION = "session"
    CHILD_SESSION = "child_session"
    CUSTOMER = "customer"
    IDEMPOTENCY_KEY = "idempotency_key"
    PROVIDER_SESSION = "provider_session"
    PROVIDER_LOGOUT = "provider_logout"
    DATA_KEY = "data_key"


def session_partition_key(session_id: str) -> str:
    """Partition key shared by a session and its child sessions."""
    return f"{_SESSION}{session_id}"


def customer_sort_key(customer_id: str) -> str:
    """Sort key of a customer's sessions, also the index partition that lists them."""
    return f"{_CUSTOMER}{customer_id}"


def anonymous_sort_key(session_id: str) -> str:
    """Sort key of a session without a customer: its own, so that no index partition is shared by all visitors."""
    return f"{_VISITOR}{session_id}"


def session_sort_key(session_id: str, customer_id: str | None) -> str:
    """Sort key of a session: its customer's key, or its own when it has no customer."""
    return anonymous_sort_key(session_id) if customer_id is None else customer_sort_key(customer_id)


def child_sort_key(child_session_id: str) -> str:
    """Sort key of a child session, also the index partition that finds its parent."""
    return f"{_CHILD}{child_session_id}"


def customer_item_partition_key(customer_id: str) -> str:
    """Partition key of the customer's own item."""
    return f"{_CUSTOMER}{customer_id}"


def customer_item_sort_key(customer_id: str) -> str:
    """Sort key of the customer's own item."""
    return f"{_CUSTOMER_ITEM}{customer_id}"


def idempotency_partition_key(key_hash: str) -> str:
    """Partition key of what a call with an idempotency key has made. Its sort key is that of the session."""
    return f"{_IDEMPOTENCY}{key_hash}"


def provider_session_partition_key(name_hash: str) -> str:
    """Partition key of an identity provider's own session. The sort key is that of the customer's sessions."""
    return f"{_PROVIDER_SESSION}{name_hash}"


def provider_logout_key(name_hash: str) -> str:
    """Partition key, and sort key, of a logout that an identity provider has sent."""
    return f"{_PROVIDER_LOGOUT}{name_hash}"


def data_key(name: str) -> str:
    """Both keys of a data key that encrypts sessions' data."""
    return f"{_DATA_KEY}{name}"


def session_id_of(partition_key: str) -> str:
    """The session id in a session's or child's partition key.

    Raises:
        ValueError: the key is not a session's.
    """
    return _after(_SESSION, partition_key)


def is_of_a_session(partition_key: str) -> bool:
    """Whether a key is that of a session's or child session's row, as far as its kind tells."""
    return partition_key.startswith(_SESSION)


def child_session_id_of(sort_key: str) -> str:
    """The child session id in a child's sort key.

    Raises:
        ValueError: the key is not a child session's.
    """
    return _after(_CHILD, sort_key)


def customer_id_of(sort_key: str) -> str | None:
    """The customer id in a session's sort key, None of a visitor's session, or of a child session."""
    return sort_key.removeprefix(_CUSTOMER) if sort_key.startswith(_CUSTOMER) else None


def _after(prefix: str, key: str) -> str:
    if not key.startswith(prefix) or len(key) == len(prefix):
        raise ValueError(f"expected a key that begins with {prefix!r}, got {key!r}")
    return key[len(prefix) :]
