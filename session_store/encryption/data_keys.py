"""Data keys: one for each week and wrapping key. The table holds them wrapped, the process as they are."""

from __future__ import annotations

import hmac
import threading
from typing import TYPE_CHECKING, Any, Final

from session_store.encryption.keyrings import MARK_BYTES, ForeignKeyError
from session_store.storage import schema
from session_store.storage.attribute_values import binary, number, string
from session_store.storage.requests import RefusedError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from session_store.clock import Clock
    from session_store.encryption.keyrings import Keyring
    from session_store.storage.attribute_values import Item
    from session_store.storage.requests import Requests

# A random nonce of 96 bits is good for 2^32 values under one key: 7,000 writes a second for a week.
PERIOD_SECONDS: Final = 7 * 24 * 60 * 60
_PERIOD_BYTES: Final = 4
NAME_BYTES: Final = _PERIOD_BYTES + MARK_BYTES
# The week of 3 December 2026. There are rows that keys of weeks before have encrypted as they are.
_BOUND_SINCE: Final = 2970


class DataKeys:
    """The data keys of one store in one process. Safe to share between threads.

    Args:
        keyring: wraps them.
        store_id: of the store.
        clock: says which week it is.
    """

    def __init__(self, keyring: Keyring, store_id: str, clock: Clock) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - here, not in a request's time

        self._cipher = AESGCM
        self._keyring = keyring
        self._store_id = store_id
        self._clock = clock
        self._keys: dict[bytes, AESGCM] = {}
        self._lock = threading.Lock()

    def current(self, requests: Requests) -> tuple[bytes, AESGCM]:
        """The name and the key for new values. The first process of a week makes it.

        GetItem, and for a new one KMS and PutItem on condition of no such key. Once for each process and week.

        Args:
            requests: of the public method.

        Raises:
            StoreUnavailableError: a fault outlasted the deadline.
            StoreConfigurationError: the key, or a permission, is not right.
        """
        period = int(self._clock.now()) // PERIOD_SECONDS
        name = period.to_bytes(_PERIOD_BYTES, "big") + self._keyring.mark
        return name, self._known(name) or self._fetched(name, requests, makes=True)

    def named(self, name: bytes, requests: Requests) -> AESGCM:
        """The key of this name.

        GetItem and one call of KMS, once for each process and key.

        Args:
            name: as a stored value has it.
            requests: of the public method.

        Raises:
            ForeignKeyError: there is no such key, or the keyring cannot unwrap it.
            StoreUnavailableError: a fault outlasted the deadline.
            StoreConfigurationError: the key, or a permission, is not right.
        """
        return self._known(name) or self._fetched(name, requests, makes=False)

    def is_current(self, name: bytes) -> bool:
        """Whether a value under this key needs no other one: the keyring's first key has wrapped it."""
        return name[_PERIOD_BYTES:] == self._keyring.mark

    def _known(self, name: bytes) -> AESGCM | None:
        return self._keys.get(name)

    def _fetched(self, name: bytes, requests: Requests, *, makes: bool) -> AESGCM:
        with self._lock:  # one call of KMS, however many threads meet the key at once
            known = self._known(name)
            if known:
                return known
            parameters = {"TableName": requests.table_name, "Key": _key(name), "ConsistentRead": True}
            item = requests.send("GetItem", parameters).get("Item")
            if item is None and not makes:
                raise ForeignKeyError
            key = self._unwrapped(name, item, requests) if item else self._made(name, requests)
            self._keys[name] = made = self._cipher(_bound(key, name))
        return made

    def _made(self, name: bytes, requests: Requests) -> bytes:
        """A new key, or that of the process that was first."""
        new = self._keyring.generate(self._store_id, requests.deadline)
        try:
            requests.send("PutItem", self._put(requests.table_name, name, new.wrapped))
        except RefusedError as refusal:
            (item,) = refusal.items
        else:
            return new.key
        return self._unwrapped(name, item or {}, requests)

    def _unwrapped(self, name: bytes, item: Item, requests: Requests) -> bytes:
        wrapped = item.get("wrapped", {}).get("B")
        if not isinstance(wrapped, bytes):
            raise ForeignKeyError
        return self._keyring.unwrap(wrapped, name[_PERIOD_BYTES:], self._store_id, requests.deadline)

    def _put(self, table_name: str, name: bytes, wrapped: bytes) -> dict[str, Any]:
        attributes = {
            "entity_type": string(schema.EntityType.DATA_KEY),
            "wrapped": binary(wrapped),
            "created_at": number(int(self._clock.now())),
        }
        return {
            "TableName": table_name,
            "Item": _key(name) | attributes,
            "ConditionExpression": "attribute_not_exists(#pk)",
            "ExpressionAttributeNames": {"#pk": schema.PARTITION_KEY},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }


def _bound(key: bytes, name: bytes) -> bytes:
    """A data key for its week: in a later week's row, one that has leaked is another key."""
    if int.from_bytes(name[:_PERIOD_BYTES]) < _BOUND_SINCE:
        return key
    return hmac.digest(key, b"session-store data key " + name, "sha256")


def _key(name: bytes) -> Item:
    return dict.fromkeys((schema.PARTITION_KEY, schema.SORT_KEY), string(schema.data_key(name.hex())))
