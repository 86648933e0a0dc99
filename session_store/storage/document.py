"""A session's data between record and row, and the forms that it can be stored in.

Usually the row's `data` is a map of attribute values. Any other form is one value, and the row names it in
`data_codec`. A reader knows all of them. The store's settings are about writing alone.
"""

from __future__ import annotations

import json
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from session_store.data.weights import MAX_CONTENT_BYTES, STEP_BYTES, text_bytes
from session_store.errors import UnreadableDataError, shorten
from session_store.storage import attribute_values, schema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from session_store.data.types import JSONObject, PlainValue
    from session_store.storage.attribute_values import AttributeValue, Item

COMPRESSED: Final = "z"
ENCRYPTED: Final = "e"
IN_S3: Final = "s"  # before the codec of what is in the object, none for JSON text
CHOSEN: Final = "k"  # attribute values, of which chosen top-level ones are encrypted: each is a place for saves


class Document(NamedTuple):
    """A session's data as it is stored. It never changes. `read` makes a new object each time.

    Attributes:
        stored: the attribute `data`, None for no data.
        codec: the form of it, None for attribute values as they are.
        drops_codec: whether it goes into a row whose data has a codec, and it has none.
        text: its JSON where it has a codec, or gets it out of the stored form.
    """

    stored: AttributeValue | None
    codec: str | None = None
    drops_codec: bool = False
    text: str | Callable[[], str] = ""

    def __repr__(self) -> str:
        return "Document(...)"  # data never shows in one

    def read(self) -> JSONObject:
        """The data as a new JSON object, which its caller may change.

        Raises:
            UnreadableDataError: the stored form cannot be read.
        """
        if self.stored is None:
            return {}
        if self.codec is None:
            return attribute_values.read_map(self.stored["M"])
        text = self.text if isinstance(self.text, str) else self.text()
        # Numbers as they come back from attribute values: without a fraction as int.
        return json.loads(text, parse_float=attribute_values.read_number)  # type: ignore[no-any-return]

    def opened(self) -> Document:
        """The same with its text, so that reading it again takes less."""
        return self if self.at_hand else self._replace(text=self.text())  # type: ignore[operator]  # a text is at hand

    def members(self) -> Mapping[str, AttributeValue]:
        """The top-level values as attribute values, from any form that they are stored in."""
        if self.codec is not None:
            return attribute_values.write_map(self.read())
        return self.stored["M"] if self.stored else {}

    @property
    def at_hand(self) -> bool:
        """Whether reading it makes no request, and unpacks or decrypts nothing."""
        return isinstance(self.text, str)

    @property
    def is_in_s3(self) -> bool:
        """Whether the row has a pointer in place of it."""
        return self.codec is not None and self.codec.startswith(IN_S3)

    def text_bytes(self) -> int:
        """Its size as compact JSON text."""
        return text_bytes(self.read()) if self.codec is None else len(str(self.opened().text).encode())


NO_DATA: Final = Document(None)


class Codecs:
    """The forms that one store writes and reads.

    Args:
        compresses: whether it compresses data where that saves a unit to write.

    Attributes:
        compresses: the same.
        max_data_bytes: of a session's data.
        max_text_bytes: of the same as JSON text. More of a compressed form is not unpacked.
        binds: whether it takes part in a public method, and has to be bound.
        encrypts: whether it is that of `session_store.encryption`, which has the further methods.
        large: whether it is that of `session_store.large_data`, which has the further methods.
        bound: the same as a part of a public method, with its requests and its deadline.
        sealed: a new row, with what else in it is stored encrypted.
        storing: a block that writes rows with documents, once their objects are in S3.
        erase: deletes the objects of a session.
        with_data: a record with its data, read from its object.
    """

    max_data_bytes = MAX_CONTENT_BYTES
    # JSON text takes six bytes at most for one that the table counts: `\u0000` in a text. So more comes of no data.
    max_text_bytes = 6 * MAX_CONTENT_BYTES
    binds = False
    encrypts = False
    large = False
    bound: Callable[[Any], Codecs]
    sealed: Callable[[Item], Item]
    storing: Callable[..., AbstractContextManager[None]]
    erase: Callable[[str], None]
    with_data: Callable[..., Any]

    def __init__(self, *, compresses: bool = False) -> None:
        self.compresses = compresses

    def document(self, data: JSONObject, replacing: Document, row: Callable[[Document], Item]) -> Document:
        """Data to be stored.

        Args:
            data: checked JSON, in dicts and lists.
            replacing: the row's data until now.
            row: the row with a document.

        Raises:
            DataTooLargeError: the row would pass 399 KB, however well it could be compressed. So that stays possible
                to store where compression is off.
        """
        plain = Document({"M": attribute_values.write_map(data)}, drops_codec=replacing.codec is not None)
        if not self.compresses or (taken := units(row(plain))) == 1:
            return plain
        from session_store.storage.compression import compress  # noqa: PLC0415 - costs nothing where it is not used

        text = json_text(data)
        compressed = Document({"B": compress(text)}, COMPRESSED, text=text)
        return compressed if units(row(compressed)) < taken else plain

    def stored(self, item: Item, codec: str | None) -> Document:
        """Data of a row. Whether it can be read shows when it is read.

        Args:
            item: the row.
            codec: its attribute `data_codec`.
        """
        if codec is None:
            return Document(item.get("data"))
        return Document(item.get("data", {}), codec, text=partial(_text, item, codec, self.max_text_bytes))

    def client(self, item: Item) -> str | Document | None:
        """The description of a row's client. Of an encrypted one it shows when it is read that this store cannot."""
        client = item.get("client", {})
        return Document(client, "", text=partial(_text, item, ENCRYPTED, 0)) if "B" in client else client.get("S")


def session_id_of(item: Item) -> str:
    """The id of the session that a row belongs to."""
    return schema.session_id_of(item[schema.PARTITION_KEY]["S"])


def json_text(value: PlainValue) -> str:
    """A value as compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _text(item: Item, codec: str, limit: int) -> str:
    session_id = session_id_of(item)
    if codec.startswith(IN_S3):
        raise UnreadableDataError(session_id, "it is in S3: give the store large_data (SESSION_LARGE_DATA_BUCKET)")
    if codec != COMPRESSED:
        form = shorten(repr(codec))
        problem = f"its form is {form}: the store lacks encryption (SESSION_ENCRYPTION_KEYS), or is older"
        raise UnreadableDataError(session_id, problem)
    from session_store.storage.compression import decompress  # noqa: PLC0415 - most rows are plain

    # They quote it: ours is not to have them as its context.
    with suppress(LookupError, TypeError, ValueError, RecursionError):
        text = decompress(item["data"]["B"], limit)
        if isinstance(json.loads(text), dict):
            return text
    raise UnreadableDataError(session_id, "it is damaged, or larger than data of this store can be")


def units(item: Item) -> int:
    """Units that a write of a row takes."""
    return -(-attribute_values.item_bytes(item) // STEP_BYTES)


NO_CODECS: Final = Codecs()
