"""The encrypted forms of data: all of it as one value, or chosen top-level values by themselves."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from session_store.encryption.data_keys import DataKeys
from session_store.encryption.keyrings import ForeignKeyError
from session_store.encryption.sealing import NotSealedError, key_name, place_in, seal, unseal
from session_store.errors import StoreConfigurationError, UnreadableDataError
from session_store.model import SessionState
from session_store.storage import document as forms
from session_store.storage.attribute_values import read_map, write_map
from session_store.storage.document import (
    CHOSEN,
    COMPRESSED,
    ENCRYPTED,
    NO_DATA,
    Codecs,
    Document,
    json_text,
    session_id_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.clock import Clock
    from session_store.data.types import JSONObject
    from session_store.encryption.keyrings import Keyring
    from session_store.storage.attribute_values import AttributeValue, Item
    from session_store.storage.requests import Requests

_NOT_ENCRYPTED: Final = "it is not encrypted, and the store accepts no such data (accepts_plain)"


class Rules(NamedTuple):
    """The rules that a store encrypts by, see `Encryption`."""

    store_id: str
    keys: frozenset[str] | None
    accepts_plain: bool


class EncryptedCodecs(Codecs):
    """The forms of a store that encrypts.

    Args:
        rules: the store's.
        keyring: wraps the data keys.
        clock: says which week it is.
        compresses: whether it compresses what it encrypts, where that saves a unit to write.
    """

    binds = True
    encrypts = True

    def __init__(self, rules: Rules, keyring: Keyring, clock: Clock, *, compresses: bool) -> None:
        super().__init__(compresses=compresses)
        self._rules = rules
        self._keys = DataKeys(keyring, rules.store_id, clock)

    def bound(self, requests: Requests) -> BoundCodecs:
        """The same as a part of a public method, with its requests and its deadline."""
        bound = BoundCodecs(self._rules, self._keys, requests, compresses=self.compresses)
        bound.max_text_bytes = self.max_text_bytes
        return bound

    def is_current(self, item: Item) -> bool:
        """Whether a row is encrypted as a new one would be, under a data key of any week that the first key wraps."""
        codec, data = item.get("data_codec", {}).get("S"), item.get("data", {})
        if self._rules.keys is None:
            sealed = [data.get("B"), *([item["client"].get("B")] if "client" in item else [])]
            return codec == ENCRYPTED and all(map(self._is_current, sealed))
        members = data.get("M", {})
        sealed_keys = {key for key, value in members.items() if "B" in value}
        return (
            codec == CHOSEN
            and "B" not in item.get("client", {})
            and sealed_keys == self._rules.keys & members.keys()
            and all(self._is_current(members[key]["B"]) for key in sealed_keys)
        )

    def _is_current(self, value: object) -> bool:
        with suppress(NotSealedError):
            return self._keys.is_current(key_name(value))
        return False


class BoundCodecs(Codecs):
    """The same as a part of a public method: with its requests it gets the data keys, under its deadline."""

    encrypts = True

    def __init__(self, rules: Rules, keys: DataKeys, requests: Requests, *, compresses: bool) -> None:
        super().__init__(compresses=compresses)
        self._rules = rules
        self._keys = keys
        self._requests = requests

    # Writing

    def document(self, data: JSONObject, replacing: Document, row: Callable[[Document], Item]) -> Document:  # noqa: ARG002 - the codec is said in any case
        """Data to be stored, encrypted under this week's key."""
        keys = row(Document({"M": {}}))
        document = self._sealed(data, keys, packs=False)
        if not self.compresses or (taken := forms.units(row(document))) == 1:
            return document
        packed = self._sealed(data, keys, packs=True)
        return packed if forms.units(row(packed)) < taken else document

    def _sealed(self, data: JSONObject, keys: Item, *, packs: bool) -> Document:
        text, chosen = json_text(data), self._rules.keys
        if chosen is None:
            return Document(self._seal(text, keys, "data", packs=packs), ENCRYPTED, text=text)
        members = write_map({key: value for key, value in data.items() if key not in chosen})
        for key in chosen & data.keys():
            members[key] = self._seal(json_text(data[key]), keys, "data", key, packs=packs)
        return Document({"M": members}, CHOSEN, text=text)

    def sealed(self, item: Item) -> Item:
        """A new row, with the description of its client encrypted where all is."""
        if self._rules.keys is not None or "client" not in item:
            return item
        return item | {"client": self._seal(item["client"]["S"], item, "client")}

    def sealed_client(self, item: Item) -> AttributeValue:
        """The description of a stored row's client as a new row would have it."""
        client = self.client(item)
        text = str(client.opened().text) if isinstance(client, Document) else str(client)
        return {"S": text} if self._rules.keys is not None else self._seal(text, item, "client")

    def _seal(self, text: str, keys: Item, *path: str, packs: bool = False) -> AttributeValue:
        name, key = self._current()
        return {"B": seal(text, place_in(self._rules.store_id, keys, *path), name, key, packs=packs)}

    def _current(self) -> tuple[bytes, Any]:
        with suppress(ForeignKeyError):
            return self._keys.current(self._requests)
        problem = "this week's data key was wrapped by another key, or for another store: check keyring and store_id"
        raise StoreConfigurationError(problem)

    # Reading

    def stored(self, item: Item, codec: str | None) -> Document:
        """Data of a row. Plain data is refused when it is read, unless the store accepts it."""
        if codec in {ENCRYPTED, CHOSEN}:
            return Document(item.get("data", {}), codec, text=partial(self._text, item, codec))
        if "data" not in item and item["session_state"]["S"] == SessionState.ENDED:
            return NO_DATA
        if codec in {None, COMPRESSED} and not self._rules.accepts_plain:
            return Document({"M": {}}, "", text=partial(_refuse, item, _NOT_ENCRYPTED))
        return super().stored(item, codec)

    def client(self, item: Item) -> str | Document | None:
        """The description of a row's client."""
        client = item.get("client")
        if client is None:
            return None
        if "B" in client:
            return Document(client, ENCRYPTED, text=partial(self._unseal, item, client["B"], "client"))
        if self._rules.keys is None and not self._rules.accepts_plain:
            return Document(client, "", text=partial(_refuse, item, _NOT_ENCRYPTED))
        return str(client["S"])

    def _text(self, item: Item, codec: str) -> str:
        client = self.client(item)
        if isinstance(client, Document):
            client.opened()  # before anything is written to such a row
        if codec == ENCRYPTED:
            return self._unseal(item, item.get("data", {}).get("B"), "data")
        members = item.get("data", {}).get("M")
        if not isinstance(members, dict):
            _refuse(item, _DAMAGED)
        if not members and self._rules.keys is None and not self._rules.accepts_plain:
            _refuse(item, _NOT_ENCRYPTED)
        return json_text({key: self._value(item, key, value) for key, value in members.items()})

    def _value(self, item: Item, key: str, value: AttributeValue) -> Any:  # noqa: ANN401 - any JSON value
        if "B" in value:
            return json.loads(self._unseal(item, value["B"], "data", key))
        if self._encrypts(key) and not self._rules.accepts_plain:
            _refuse(item, _NOT_ENCRYPTED)
        return read_map({key: value})[key]

    def _encrypts(self, key: str) -> bool:
        return self._rules.keys is None or key in self._rules.keys

    def _unseal(self, item: Item, value: object, *path: str) -> str:
        place = place_in(self._rules.store_id, item, *path)
        try:
            return unseal(value, place, lambda name: self._keys.named(name, self._requests), self.max_text_bytes)
        except ForeignKeyError:
            problem = "the keyring has no key for it"
        except NotSealedError:
            problem = _DAMAGED
        raise UnreadableDataError(session_id_of(item), problem)


_DAMAGED: Final = "it was changed, moved here, or encrypted for another store"


def _refuse(item: Item, problem: str) -> NoReturn:
    raise UnreadableDataError(session_id_of(item), problem)
