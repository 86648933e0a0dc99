"""The forms of a store with large data: what is too large for a row is an object, in the form that it has in rows."""

from __future__ import annotations

import base64
import hashlib
import json
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, cast

from session_store.data.weights import MAX_LARGE_BYTES
from session_store.errors import DataTooLargeError, SessionStoreError, UnreadableDataError
from session_store.large_data.objects import NoObjectError
from session_store.large_data.pointers import Pointer, new_key, pointer_of, prefix_of_session, version_of
from session_store.log import logger
from session_store.model import SessionState
from session_store.storage.attribute_values import item_bytes, read_map, read_number, write_map
from session_store.storage.changes import ConditionFailedError
from session_store.storage.document import CHOSEN, IN_S3, Codecs, Document, json_text, session_id_of
from session_store.storage.items import data_attributes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from session_store.data.types import JSONObject
    from session_store.large_data.objects import Objects
    from session_store.storage.attribute_values import AttributeValue, Item
    from session_store.storage.records import ChildRecord, Key, Record, SessionRecord
    from session_store.storage.requests import Requests

# What a form has more than the text: the header, nonce and tag of something encrypted, base64 and quotes of each of
# the chosen values.
_MAX_BODY_BYTES: Final = 2 * MAX_LARGE_BYTES
_NOT_IN_THIS_FORM: Final = (AttributeError, LookupError, TypeError, ValueError, RecursionError)
# Characters of JSON text that a row has a byte for at least: `\u0000` is one.
_MOST_TEXT: Final = 6
_DAMAGED: Final = "its object in S3 is not the one that was stored"


class LargeCodecs(Codecs):
    """The forms of a store with large data.

    Args:
        inner: those of a store without it.
        objects: of the bucket.
        threshold: bytes of a row above which its data becomes an object.
    """

    max_data_bytes = MAX_LARGE_BYTES
    binds = True
    large = True

    def __init__(self, inner: Codecs, objects: Objects, threshold: int) -> None:
        super().__init__()
        inner.max_text_bytes = MAX_LARGE_BYTES
        self.encrypts = inner.encrypts
        self._inner = inner
        self._objects = objects
        self._threshold = threshold

    def bound(self, requests: Requests) -> BoundLargeCodecs:
        """The same as a part of a public method, with its requests and its deadline."""
        inner = self._inner.bound(requests) if self._inner.binds else self._inner
        return BoundLargeCodecs(inner, self._objects, self._threshold, requests)


class BoundLargeCodecs(Codecs):
    """The same as a part of a public method. It holds the objects that the method makes and has read."""

    binds = True
    large = True

    def __init__(self, inner: Codecs, objects: Objects, threshold: int, requests: Requests) -> None:
        super().__init__()
        self.encrypts = inner.encrypts
        self._inner = inner
        self._objects = objects
        self._threshold = threshold
        self._requests = requests
        self._bodies: dict[str, bytes] = {}  # of objects that were made, and not yet put
        self._texts: dict[str, str] = {}  # of objects that were made or read
        self._writes_plain = not inner.encrypts and not inner.compresses
        self.client = inner.client  # type: ignore[method-assign]
        if inner.encrypts:
            self.sealed = inner.sealed

    # Writing

    def document(self, data: JSONObject, replacing: Document, row: Callable[[Document], Item]) -> Document:
        """Data to be stored. That of an object is put with the row, see `storing`.

        Raises:
            DataTooLargeError: it has more than 16 MB as JSON text, or the row is too large without it.
        """
        empty = row(Document({"M": {}}))

        def with_data(document: Document) -> Item:
            attributes = {name: value for name, value in data_attributes(document).items() if value is not None}
            return empty | attributes  # of any size

        text = ""
        if self._writes_plain and len(text := json_text(data)) > _MOST_TEXT * self._threshold:
            return self._in_s3(Document({"M": {}}), _checked(text), empty)  # attribute values would be made for nothing
        document = self._inner.document(data, replacing, with_data)
        if document.codec is not None:
            text = _checked(str(document.text))  # also of what fits into the row
        if item_bytes(with_data(document)) <= self._threshold:
            return document
        return self._in_s3(document, text or json_text(data), empty)

    def _in_s3(self, document: Document, text: str, row: Item) -> Document:
        key, body = new_key(row, int(row["version"]["N"])), _body(document, text)
        self._bodies[key], self._texts[key] = body, text
        pointer = Pointer(key, len(body), hashlib.sha256(body).digest())
        return Document(pointer.stored(), IN_S3 + (document.codec or ""), text=text)

    @contextmanager
    def storing(self, documents: Sequence[tuple[int, Document]]) -> Iterator[None]:
        """Put the objects of documents, before the block writes their rows.

        An object is deleted when the write was refused, and no row can come to point to it any more. After any other
        error it stays: the write may have been done.

        Args:
            documents: with the number of the part of the write that has it.
        """
        put = [(part, document) for part, document in documents if _key(document) in self._bodies]
        for _, document in put:
            self._put(document)
        try:
            yield
        except ConditionFailedError as refusal:
            for part, document in put:
                if _has_lost(_key(document), refusal.records[part], uncertain=refusal.uncertain):
                    self._delete(_key(document))
            raise

    def _put(self, document: Document) -> None:
        key, digest = _key(document), cast("Item", document.stored)["M"]["sha256"]["B"]
        self._objects.put(key, self._bodies.pop(key), digest, self._requests)

    def _delete(self, key: str) -> None:
        """Delete an object that no row points to. One that cannot be deleted is left to `session-store verify`."""
        self._texts.pop(key, None)
        try:
            self._objects.delete(key, self._requests)
        except SessionStoreError as error:
            logger().warning("an object of no session stays in S3, key=%s %s", key, type(error).__name__)

    def erase(self, session_id: str) -> None:
        """Delete all objects of a session and its child sessions."""
        self._objects.delete_all(prefix_of_session(session_id), self._requests)

    # Reading

    def stored(self, item: Item, codec: str | None) -> Document:
        """Data of a row. An object is read when it is."""
        if codec is None or not codec.startswith(IN_S3):
            return self._inner.stored(item, codec)
        return Document(item.get("data", {}), codec, text=_Reading(self, item, codec))

    def with_data(self, record: SessionRecord | ChildRecord, again: Callable[[Key], Record | None]) -> Any:  # noqa: ANN401 - of the record's kind
        """A record with its data. If the object is gone because it was replaced, the record as it is now.

        Args:
            record: as it was read.
            again: reads the record anew.

        Returns:
            None where the record is gone.

        Raises:
            UnreadableDataError: there is no such object, and the record still points to it.
            StoreConfigurationError: or it may not be read.
        """
        while True:
            reading = record.data.text
            if isinstance(reading, str) or not record.data.is_in_s3:
                return record
            try:
                text = reading.by(self) if isinstance(reading, _Reading) else reading()
                return record._replace(data=record.data._replace(text=text))
            except NoObjectError as error:
                now = again(record.key)
                if now is None:
                    return None
                stored, record = record.data.stored, cast("SessionRecord | ChildRecord", now)
                if record.data.stored == stored:
                    raise error.fault or _gone(record.session_id) from None

    def text(self, item: Item, codec: str) -> str:
        """The text of the object that a row points to.

        Raises:
            NoObjectError: there is none.
            UnreadableDataError: it is another one, or not in a form that this store can read.
        """
        key = pointer_of(item).key
        if key not in self._texts:
            self._texts[key] = self._text(item, codec.removeprefix(IN_S3))
        return self._texts[key]

    def _text(self, item: Item, codec: str) -> str:
        body = self._body_of(item)
        with suppress(*_NOT_IN_THIS_FORM):  # which quote it
            if codec:
                return str(self._inner.stored(_with_body(item, codec, body), codec).opened().text)
            self._inner.stored(_with_body(item, codec, b"{}"), None).read()  # refuses what has to be encrypted
            text = body.decode()
            if isinstance(json.loads(text), dict):
                return text
        raise UnreadableDataError(session_id_of(item), _DAMAGED)

    def _body_of(self, item: Item) -> bytes:
        """The content of the object that a row points to."""
        pointer = pointer_of(item)
        body = b"" if pointer.length > _MAX_BODY_BYTES else self._objects.get(*pointer[:2], self._requests)
        if len(body) != pointer.length or hashlib.sha256(body).digest() != pointer.digest:
            raise UnreadableDataError(session_id_of(item), _DAMAGED)
        return body

    # Whole rows, for operators

    def joined(self, item: Item) -> Item:
        """A row that points to an object as it would be if it had the data in it, of any size.

        Raises:
            NoObjectError: there is no such object.
            UnreadableDataError: it is another one.
        """
        body = self._body_of(item)
        with suppress(*_NOT_IN_THIS_FORM):
            return _with_body(item, item["data_codec"]["S"].removeprefix(IN_S3), body)
        raise UnreadableDataError(session_id_of(item), _DAMAGED)

    def parted(self, item: Item) -> tuple[Item, Document | None]:
        """A row of any size as it is stored, and its data if that has to be put first, see `storing`."""
        if "data" not in item or item_bytes(item) <= self._threshold:
            return item, None
        codec = item.get("data_codec", {}).get("S")
        text = json_text(read_map(item["data"]["M"])) if codec is None else ""
        document = self._in_s3(Document(item["data"], codec), text, item)
        return item | {"data": document.stored or {}, "data_codec": {"S": str(document.codec)}}, document


class _Reading:
    """The text of a row's object, when it is needed."""

    def __init__(self, codecs: BoundLargeCodecs, item: Item, codec: str) -> None:
        self._codecs = codecs
        self._item = item
        self._codec = codec

    def by(self, codecs: BoundLargeCodecs) -> str:
        """The text as a part of another method."""
        return codecs.text(self._item, self._codec)

    def __call__(self) -> str:
        """The text, where no newer row can be looked for."""
        try:
            return self.by(self._codecs)
        except NoObjectError as error:
            fault = error.fault
        raise fault or _gone(session_id_of(self._item))


def _checked(text: str) -> str:
    size = len(text.encode())
    if size > MAX_LARGE_BYTES:
        raise DataTooLargeError(size, MAX_LARGE_BYTES, of="data")
    return text


def _gone(session_id: str) -> UnreadableDataError:
    return UnreadableDataError(session_id, "its object is not in the bucket")


def _key(document: Document) -> str:
    return str(document.stored["M"]["key"]["S"]) if document.stored and document.is_in_s3 else ""


def _has_lost(key: str, record: Any, *, uncertain: bool) -> bool:  # noqa: ANN401 - a record of any kind
    """Whether no row points to an object, and none can come to do so.

    After an attempt without a reply that is so once the row is seen at another version, or has ended.
    """
    if record is not None and getattr(record, "data", None) is not None and _key(record.data) == key:
        return False
    if not uncertain:
        return True
    return record is not None and (record.session_state is SessionState.ENDED or record.version != version_of(key))


def _body(document: Document, text: str) -> bytes:
    """The content of an object."""
    if document.codec is None:
        return text.encode()
    stored = document.stored or {}
    if "B" in stored:
        return bytes(stored["B"])
    members: dict[str, Any] = {
        key: {"B": base64.b64encode(value["B"]).decode()} if "B" in value else value
        for key, value in stored["M"].items()
    }
    return json_text(members).encode()


def _with_body(item: Item, codec: str, body: bytes) -> Item:
    if not codec:
        row = {name: value for name, value in item.items() if name != "data_codec"}
        return row | {"data": {"M": write_map(json.loads(body, parse_float=read_number))}}
    stored: AttributeValue = {"M": _read_chosen(body)} if codec == CHOSEN else {"B": body}
    return item | {"data": stored, "data_codec": {"S": codec}}


def _read_chosen(body: bytes) -> dict[str, AttributeValue]:
    members: dict[str, AttributeValue] = json.loads(body)
    return {
        key: {"B": base64.b64decode(value["B"], validate=True)} if "B" in value else value
        for key, value in members.items()
    }
