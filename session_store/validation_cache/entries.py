"""Entries: a validation as the cache holds it, sealed under the token that was validated.

An entry has the rows without their secrets, and data in the form in which the table has it. A writer of the cache who
holds no token can neither make an entry nor change one. Another secret than the validated one finds none.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from session_store.storage import items
from session_store.storage.attribute_values import item_bytes
from session_store.storage.document import NO_DATA
from session_store.storage.records import TokenRecord
from session_store.validation_cache.waiting import LIFETIME_SECONDS, SKEW_SECONDS

if TYPE_CHECKING:
    from session_store.operations.admission import Presented
    from session_store.storage.attribute_values import Item
    from session_store.storage.records import CustomerRecord
    from session_store.tokens import Token

MAX_BYTES: Final = 32 * 1024
"""Of rows that are kept: making and reading a larger entry takes more CPU time than the table's answer."""
CUSTOMER: Final = "row"
"""The field of a customer's hash that has the row."""
_PURPOSE: Final = b"session-store validation 1\n"
_FIELD_BYTES: Final = 16
_MAC_BYTES: Final = 32
_BYTES: Final = "B"  # as DynamoDB marks them


class NotOursError(Exception):
    """A value of the cache is not what this library has stored there."""


class Place(NamedTuple):
    """The place of a token's entry, and the key that it is sealed under. Neither tells the token."""

    key: str
    field: str
    seal: bytes


def place_of(token: Token, key: str) -> Place:
    """The place of a token's entry in the hash of its session."""
    known = hashlib.sha512(_PURPOSE + token.encode().encode()).digest()
    return Place(key, known[:_FIELD_BYTES].hex(), known[_FIELD_BYTES:])


def sealed(place: Place, presented: Presented, read_at: float) -> bytes | None:
    """An entry, None for one that would be too large. The records are those of a token that was just accepted."""
    root, child = presented.root, presented.child
    if child:
        root = root._replace(data=NO_DATA, client=None)
    root_item = items.new_item(root._replace(token=_without_secrets(root.token)))
    child_item = child and items.new_item(child._replace(token=_without_secrets(child.token)))
    if sum(map(item_bytes, filter(None, (root_item, child_item)))) > MAX_BYTES:
        return None
    content = {"at": read_at, "root": root_item, "child": child_item}
    text = json.dumps(content, separators=(",", ":"), default=_text_of).encode()
    return _mac(place, text) + text


def opened(place: Place, value: bytes) -> tuple[float, Item, Item | None]:
    """The moment before the table was read, and the rows of session and child session.

    Raises:
        NotOursError: it is another value.
    """
    mac, text = value[:_MAC_BYTES], value[_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(place, text)):
        raise NotOursError
    content = json.loads(text, object_hook=_with_bytes)
    return content["at"], content["root"], content["child"]


def customer_value(customer: CustomerRecord, read_at: float) -> bytes:
    """A customer's value: under which row, and from which generation on, sessions are valid."""
    return json.dumps([read_at, customer.row_id.hex(), customer.generation]).encode()


def read_customer(value: bytes) -> tuple[float, bytes, int]:
    """The moment before the table was read, the row's id and the generation.

    Raises:
        NotOursError: it is another value.
    """
    try:
        read_at, row_id, generation = json.loads(value)
        return float(read_at), bytes.fromhex(row_id), int(generation)
    except (TypeError, ValueError, OverflowError, RecursionError):
        raise NotOursError from None


def counts(read_at: float, now: float) -> bool:
    """Whether an entry counts still.

    Args:
        read_at: by the clock of the machine that made it.
        now: by the clock of this one.
    """
    return -SKEW_SECONDS <= now - read_at < LIFETIME_SECONDS - SKEW_SECONDS


def _without_secrets(token: TokenRecord) -> TokenRecord:
    return TokenRecord(epoch=token.epoch, first_used_at=token.first_used_at)


def _mac(place: Place, text: bytes) -> bytes:
    return hmac.digest(place.seal, place.key.encode() + b"\n" + text, "sha256")


def _text_of(value: bytes) -> str:
    return b64encode(value).decode()


def _with_bytes(value: dict[str, Any]) -> dict[str, Any]:
    """An attribute value with its bytes. Of data a key of that name has an attribute value, and no text."""
    return {_BYTES: b64decode(value[_BYTES])} if isinstance(value.get(_BYTES), str) else value
