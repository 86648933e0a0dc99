"""The marks, in all families and secrets and in values and keys of the data; where they belong; and the search."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Final

from session_store import JSONObject
from tests.canary import forms

TOKEN: Final = "Kn4ryTkn"  # eight characters: six bytes, as long as anything that is found by chance is not
VALUE: Final = "canary-of-values"
KEY: Final = "canary-of-keys"
MARKED_DATA: Final[JSONObject] = {KEY: VALUE, "nested": {KEY: [VALUE, {KEY: VALUE}]}, "visits": 1}

Needles = Mapping[str, Collection[str]]  # what is looked for -> its forms
_FEW: Final = 100
DATA_NEEDLES: Final[Needles] = {"a value of the data": forms.of_text(VALUE), "a key of the data": forms.of_text(KEY)}
_TOKEN_NEEDLES: Final[Needles] = {"a token": forms.of_text(TOKEN) | forms.of_bytes(base64.urlsafe_b64decode(TOKEN))}
HASHES: Final = ("family_hash", "head", "first_used")  # the attributes of the table that hold them
_SECRETS: Final = (*HASHES, "rotation_key")  # the attributes that have a mark
_NONCE_BYTES: Final = 11
_KEY_BYTES: Final = 32


@dataclass
class MarkedTokens:
    """Makes what tokens consist of."""

    made: list[str] = field(default_factory=list)  # every family and secret, in order
    _forms: set[str] = field(default_factory=set)  # of the hashes of the first so many of them
    _hashed: int = 0

    def part(self, number_of_bytes: int) -> str:
        """In place of `secrets.token_urlsafe`: as long as that, with the mark at both ends, and random between."""
        between = ceil(number_of_bytes * 4 / 3) - 2 * len(TOKEN) - 1
        self.made.append(f"{TOKEN}{secrets.token_hex(between)[:between]}{TOKEN}A")
        return self.made[-1]

    def random_bytes(self, number: int) -> bytes:
        """In place of `secrets.token_bytes`: with the mark in a successor's nonce and in a rotation key."""
        if number not in {_NONCE_BYTES, _KEY_BYTES}:
            return os.urandom(number)
        mark = base64.urlsafe_b64decode(TOKEN)
        return os.urandom(1) + mark + os.urandom(number - 1 - len(mark))  # there it can be read in a successor's text

    @property
    def needles(self) -> Needles:
        """A token in any form."""
        return _TOKEN_NEEDLES

    @property
    def hash_needles(self) -> Needles:
        """The hash of any family or secret that was made."""
        new = self.made[self._hashed :]
        self._hashed += len(new)
        self._forms.update(form for part in new for form in forms.of_its_hash(part))
        return {"a hash": self._forms}


def found(needles: Needles, text: str) -> list[str]:
    """The parts of it that are in a text."""
    return [what for what, spelled in needles.items() if _occurs(spelled, text)]


def assert_absent(needles: Needles, texts: Sequence[tuple[str, str]]) -> None:
    """Texts, each with its place, do not hold it. The error does not quote them: they may hold real tokens."""
    if found(needles, "\n".join(text for _, text in texts)):
        what, where = next((what, where) for where, text in texts for what in found(needles, text))
        raise AssertionError(f"{what} in {where}")


def _occurs(spelled: Collection[str], text: str) -> bool:
    """Whether any of the forms is in a text; of many, in one pass that looks at the text's beginnings of forms."""
    if len(spelled) < _FEW:
        return any(form in text for form in spelled)
    length = min(map(len, spelled))
    beginnings = {form[:length] for form in spelled}
    return any(
        text[at : at + length] in beginnings and text.startswith(tuple(spelled), at)
        for at in range(len(text) - length + 1)
    )


def without_hashes(value: Any) -> Any:
    """A row, or the parameters of a call that writes one, without what may hold a hash or a rotation key."""
    return _without(value, {*_SECRETS, *(f":{name}" for name in _SECRETS), *(f":set_{name}" for name in _SECRETS)})


def without_data(value: Any) -> Any:
    """Likewise without what may hold data."""
    return _without(value, {"data", ":set_data"}, prefixes=("#data_", ":data_"))


def _without(value: Any, names: set[str], prefixes: tuple[str, ...] = ()) -> Any:
    if isinstance(value, Mapping):
        kept = {name: inner for name, inner in value.items() if name not in names and not name.startswith(prefixes)}
        return {name: _without(inner, names, prefixes) for name, inner in kept.items()}
    return [_without(inner, names, prefixes) for inner in value] if isinstance(value, list | tuple) else value
