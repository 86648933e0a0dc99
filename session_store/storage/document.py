"""A session's data between record and row, and the codecs that it can be stored with.

Without a codec the row's `data` is a map of attribute values. A codec turns each top-level value, or the document as a
whole, into one attribute value. The row names it in `data_codec`. Per value, saves of single keys stay possible.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from session_store.errors import StoreConfigurationError
from session_store.storage import attribute_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.data.types import JSONObject, PlainValue
    from session_store.storage.attribute_values import AttributeValue


class Scope(Enum):
    """The part of a session's data that a codec converts."""

    VALUE = auto()  # each top-level value by itself
    DOCUMENT = auto()  # all of the data


class Codec(Protocol):
    """Turns data into an attribute value and back: compression, encryption, another place.

    Attributes:
        name: what the row says, at most a few characters. It is stored with every session. Never reuse one.
        scope: what it works on.
    """

    name: str
    scope: Scope

    def encode(self, content: PlainValue) -> AttributeValue:
        """The stored form of a top-level value, or of the document."""

    def decode(self, stored: AttributeValue) -> PlainValue:
        """The inverse of `encode`."""


class Document(NamedTuple):
    """A session's data as it is stored. It never changes. `read` makes a new object each time.

    Attributes:
        stored: the attribute `data`, None for no data.
        codec: it was encoded with it, None for attribute values as they are.
        drops_codec: whether it goes into a row whose data has a codec, and it has none.
    """

    stored: AttributeValue | None
    codec: Codec | None = None
    drops_codec: bool = False

    def __repr__(self) -> str:
        return "Document(...)"  # data never shows in one

    def read(self) -> JSONObject:
        """The data as a new JSON object, which its caller may change."""
        if self.stored is None:
            return {}
        if self.codec is not None:
            return _decoded(self.stored, self.codec)
        return attribute_values.read_map(self.stored["M"])


NO_DATA: Final = Document(None)


class Codecs:
    """The codecs of one store.

    Args:
        writing: what new data is encoded with, None for attribute values as they are.
        reading: further ones that rows may have been written with.
    """

    def __init__(self, writing: Codec | None = None, reading: tuple[Codec, ...] = ()) -> None:
        self._writing = writing
        self._known: Mapping[str, Codec] = {codec.name: codec for codec in (writing, *reading) if codec}

    def document(self, data: JSONObject, *, replacing: Document | None = None) -> Document:
        """Data to be stored: checked JSON, in dicts and lists.

        Args:
            data: the data.
            replacing: the row's data until now.
        """
        codec = self._writing
        if codec is None:
            had_codec = replacing is not None and replacing.codec is not None
            return Document({"M": attribute_values.write_map(data)}, drops_codec=had_codec)
        if codec.scope is Scope.DOCUMENT:
            return Document(codec.encode(data), codec)
        return Document({"M": {key: codec.encode(value) for key, value in data.items()}}, codec)

    def stored(self, stored: AttributeValue | None, name: str | None) -> Document:
        """Data of a row.

        Args:
            stored: its attribute `data`.
            name: its attribute `data_codec`.

        Raises:
            StoreConfigurationError: the store does not know the codec.
        """
        if name is None:
            return Document(stored)
        if name not in self._known:
            raise StoreConfigurationError(f"session data is stored with the codec {name!r}: give the store this codec")
        return Document(stored, self._known[name])


def _decoded(stored: AttributeValue, codec: Codec) -> JSONObject:
    if codec.scope is Scope.DOCUMENT:
        return codec.decode(stored)  # type: ignore[return-value]  # what was encoded was an object
    return {key: codec.decode(value) for key, value in stored["M"].items()}


NO_CODECS: Final = Codecs()
