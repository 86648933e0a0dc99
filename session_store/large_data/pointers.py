"""Pointers: what a row has in place of its data, when that is an object in S3.

The stream function and the operator's commands need no more than this of large data. A pointer names no bucket, and
its key has to begin with the ids of its row. So no pointer reaches another session's object, or another bucket.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Final, NamedTuple

from session_store.errors import UnreadableDataError
from session_store.storage import schema
from session_store.storage.document import IN_S3, session_id_of

if TYPE_CHECKING:
    from session_store.storage.attribute_values import AttributeValue, Item

_END_OF_KEY: Final = re.compile(r"(\d{1,15})-[0-9a-f]{32}")
_DIGEST_BYTES: Final = 32


class Pointer(NamedTuple):
    """A pointer.

    Attributes:
        key: of the object.
        length: its bytes.
        digest: its SHA-256.
    """

    key: str
    length: int
    digest: bytes

    def stored(self) -> AttributeValue:
        """The pointer as the attribute `data`."""
        return {"M": {"key": {"S": self.key}, "bytes": {"N": str(self.length)}, "sha256": {"B": self.digest}}}


def new_key(item: Item, version: int) -> str:
    """The key of a new object of a row.

    Args:
        item: the row.
        version: that the write is based on.
    """
    return f"{_prefix_of(item)}{version}-{secrets.token_hex(16)}"


def version_of(key: str) -> int:
    """The version that the write of an object was based on."""
    return int(key.rpartition("/")[2].partition("-")[0])


def pointer_of(item: Item) -> Pointer:
    """The pointer in a row.

    Raises:
        UnreadableDataError: it is damaged, or points to another session's object.
    """
    key = key_of(item)
    if key is not None:
        try:
            members = item["data"]["M"]
            pointer = Pointer(key, int(members["bytes"]["N"]), members["sha256"]["B"])
        except (LookupError, TypeError, ValueError):
            pass
        else:
            if isinstance(pointer.digest, bytes) and len(pointer.digest) == _DIGEST_BYTES:
                return pointer
    raise UnreadableDataError(session_id_of(item), "its pointer is damaged, or points to another session's object")


def key_of(item: Item) -> str | None:
    """The key of the object that a row points to.

    None for a row without one, and for a pointer to another session's object.
    """
    try:
        if not item["data_codec"]["S"].startswith(IN_S3):
            return None
        key, prefix = item["data"]["M"]["key"]["S"], _prefix_of(item)
        return key if key.startswith(prefix) and _END_OF_KEY.fullmatch(key[len(prefix) :]) else None
    except (AttributeError, LookupError, TypeError, ValueError):
        return None


def replaced_keys(old: Item | None, new: Item | None) -> list[str]:
    """The keys of the objects that a row does not point to any more: no row will ever again.

    Args:
        old: the row before a change, None for none.
        new: the row after it, None where it was deleted.
    """
    before, after = (None if image is None else key_of(image) for image in (old, new))
    return [] if before is None or before == after else [before]


def prefix_of_session(session_id: str) -> str:
    """The beginning of the keys of all objects of a session and its child sessions."""
    return f"{session_id}/"


def _prefix_of(item: Item) -> str:
    """The beginning of the keys of a row's objects."""
    prefix, sort_key = prefix_of_session(session_id_of(item)), item[schema.SORT_KEY]["S"]
    return prefix if sort_key < schema.CHILDREN_SORT_KEYS else f"{prefix}{schema.child_session_id_of(sort_key)}/"
