"""One value encrypted: bound to its store, its row, its place in the row, and its form.

A sealed value is a byte for the form, the name of the data key, a nonce, the encrypted text and the tag. All but the
text are authenticated with it, and so are the store's id, both keys of the row and the place. So nothing that is sealed
can be moved to another row, place or store.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from session_store.encryption.data_keys import NAME_BYTES
from session_store.storage import schema

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from session_store.storage.attribute_values import Item

_TEXT: Final = b"\1"
_COMPRESSED: Final = b"\2"
_NONCE_BYTES: Final = 12
_HEADER_BYTES: Final = 1 + NAME_BYTES


class NotSealedError(Exception):
    """A value is not what was sealed in this place, or not by this key."""


class Place(NamedTuple):
    """A place in a row of a store.

    Attributes:
        path: the attribute, and in it the key of the data.
    """

    store_id: str
    partition_key: str
    sort_key: str
    path: tuple[str, ...]

    def bound(self, header: bytes) -> bytes:
        """The associated data: each part with its length before it, so that none can be taken for a part of another."""
        parts = [b"session-store 1", header, *(part.encode() for part in (*self[:3], *self.path))]
        return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def place_in(store_id: str, item: Item, *path: str) -> Place:
    """A place in a row."""
    return Place(store_id, item[schema.PARTITION_KEY]["S"], item[schema.SORT_KEY]["S"], path)


def seal(text: str, place: Place, name: bytes, key: AESGCM, *, packs: bool = False) -> bytes:
    """A text that only this place can hold.

    Args:
        text: the text.
        place: where it goes.
        name: of the data key.
        key: the data key.
        packs: whether to compress it, if it gets shorter.
    """
    form, content = _TEXT, text.encode()
    if packs:
        from session_store.storage.compression import compress  # noqa: PLC0415 - as of all compression

        packed = compress(text)
        if len(packed) < len(content):
            form, content = _COMPRESSED, packed
    header = form + name
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return header + nonce + key.encrypt(nonce, content, place.bound(header))


def key_name(sealed: object) -> bytes:
    """The name of the data key of a sealed value.

    Raises:
        NotSealedError: it is none.
    """
    if not isinstance(sealed, bytes) or len(sealed) <= _HEADER_BYTES + _NONCE_BYTES:
        raise NotSealedError
    return sealed[1:_HEADER_BYTES]


def unseal(sealed: object, place: Place, named: Callable[[bytes], AESGCM], limit: int) -> str:
    """The text of a sealed value.

    Args:
        sealed: the value.
        place: where it was found.
        named: the data key of a name.
        limit: bytes that the text of data can have.

    Raises:
        NotSealedError: it was not sealed for this place, by this key, in a form that this version knows.
    """
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - as of all of cryptography

    key = named(key_name(sealed))
    header, rest = sealed[:_HEADER_BYTES], sealed[_HEADER_BYTES:]  # type: ignore[index]  # `key_name` has looked at it
    with suppress(InvalidTag, ValueError):
        content = key.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], place.bound(header))
        if header[:1] == _TEXT:
            return content.decode()
        if header[:1] == _COMPRESSED:
            from session_store.storage.compression import decompress  # noqa: PLC0415

            return decompress(content, limit)
    raise NotSealedError
