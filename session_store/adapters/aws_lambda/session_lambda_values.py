"""Values as session-lambda takes them, as JSON text. Beside what JSON knows those are Decimals, sets and bytes.

Each of these stands as an object with one key, the mark. An object of the application's that has this very key is
marked itself, so that all values come back as they were.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MARK: Final = "$session_store"
_KINDS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "bytes": b64decode,
    "decimal": Decimal,
    "object": dict,
    "set": set,
}


def text_of(value: object) -> str:
    """The text of a value. Equal values have the same text, in any order of their sets.

    Raises:
        InvalidInputError: it has something else in it, a key that is no text, or a number that is none.
    """
    with suppress(TypeError, ValueError, RecursionError):  # from Python 3.14 on they come with notes that name the keys
        return json.dumps(_marked(value), separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    raise InvalidInputError("data", "must be made of JSON values, Decimals, sets and bytes", confidential=True)


def value_of(text: str) -> Any:  # noqa: ANN401 - callers know which
    """The value of such a text: a tuple as a list, a frozenset as a set, a bytearray as bytes."""
    return json.loads(text, object_hook=_unmarked)


def _marked(value: object) -> object:
    if isinstance(value, dict):
        marked = {_text(key): _marked(each) for key, each in value.items()}
        return {_MARK: ["object", list(marked.items())]} if _MARK in marked else marked
    if isinstance(value, list | tuple):
        return [_marked(each) for each in value]
    if isinstance(value, set | frozenset):
        return {_MARK: ["set", sorted(map(_member, value), key=json.dumps)]}
    if isinstance(value, Decimal):
        return {_MARK: ["decimal", _finite(value)]}
    if isinstance(value, bytes | bytearray):
        return {_MARK: ["bytes", b64encode(value).decode()]}
    return value


def _text(key: object) -> str:
    """JSON would make a text of a number: it would not come back as it was."""
    if isinstance(key, str):
        return key
    raise TypeError


def _member(value: object) -> object:
    """Of a set: what can be one again."""
    if isinstance(value, tuple | frozenset):
        raise TypeError
    return _marked(value)


def _finite(value: Decimal) -> str:
    if value.is_finite():
        return str(value)
    raise ValueError


def _unmarked(found: dict[str, Any]) -> Any:  # noqa: ANN401
    if _MARK not in found:
        return found
    kind, content = found[_MARK]
    return _KINDS[kind](content)
