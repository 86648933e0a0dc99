"""The sizes of rows, measured on rows as the store writes them."""

from __future__ import annotations

import math
from typing import Final

from session_store.model import EndReason, SessionState
from session_store.storage.attribute_values import item_bytes, number, string
from session_store.storage.document import NO_DATA
from session_store.storage.items import new_item
from session_store.storage.records import NO_TOKEN, SessionRecord, TokenRecord
from session_store.storage.schema import INDEX_PROJECTION, PARTITION_KEY, SORT_KEY

_READ_BYTES: Final = 4096
_WRITE_BYTES: Final = 1024
_ID: Final = "01880fb9-92c0-7001-8abc-000000000002"
CUSTOMER: Final = "customer-of-24-characters"
CLIENT: Final = "Firefox 143 on Windows, in a browser of usual length, as the User-Agent header says"
_SECOND: Final = 1_800_000_000
_KEPT_BY_DYNAMODB: Final = 100  # bytes for each row and each entry of an index, which storage is billed with
_HASH: Final = bytes(32)
_LIVE: Final = SessionRecord(
    session_id=_ID,
    customer_id=CUSTOMER,
    session_state=SessionState.ACTIVE,
    data=NO_DATA,
    version=10,
    generation=_SECOND * 1000,
    created_at=_SECOND,
    last_login_time=_SECOND,
    last_seen_at=_SECOND,
    idle_timeout=_SECOND,
    expires_at=_SECOND,
    absolute_expires_at=_SECOND,
    ttl=_SECOND,
    client=CLIENT,
    write_id=_HASH[:16],
    customer_row=_HASH[:16],
    token=TokenRecord(_HASH, _HASH, _HASH),
)


def row_bytes(data_bytes: int) -> int:
    """The row of a live session with so much data."""
    return item_bytes(new_item(_LIVE)) + data_bytes


def tombstone_bytes() -> int:
    """The row of a session that was ended."""
    return item_bytes(new_item(_LIVE._replace(token=NO_TOKEN, client=None, end_reason=EndReason.SESSION_LIMIT)))


def entry_bytes() -> int:
    """A session's entry in the index."""
    item = new_item(_LIVE)
    return item_bytes({name: item[name] for name in (PARTITION_KEY, SORT_KEY, *INDEX_PROJECTION)})


def customer_bytes() -> int:
    """A customer's row. Its entry in the index is nearly as large."""
    names = (PARTITION_KEY, SORT_KEY, "entity_type", "customer_id")
    row = dict.fromkeys(names, string(CUSTOMER)) | {"generation": number(_SECOND * 1000), "ttl": number(_SECOND)}
    return item_bytes(row)


def billed_bytes(size: int, *, rows: float = 1) -> float:
    """The bytes that storage is billed for rows of a size."""
    return rows * (size + _KEPT_BY_DYNAMODB)


def read_units(size: int) -> int:
    """Request units to read a row, strongly consistent."""
    return math.ceil(size / _READ_BYTES)


def write_units(size: int) -> int:
    """Request units to write a row."""
    return math.ceil(size / _WRITE_BYTES)
