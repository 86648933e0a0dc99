"""The difference between two JSON objects, as a merge patch (RFC 7396).

Equality is JSON's: unlike in Python, true is not 1, however deep. Numbers, texts, booleans and nulls are copied and
compared in the loops. A call for each of them would cost more than all the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from session_store.data.json_data import STORED_NULL, plain

if TYPE_CHECKING:
    from session_store.data.types import JSONObject

_ABSENT: Final = object()
_SCALARS: Final = frozenset({str, int, float, bool, type(None)})


def difference(before: JSONObject, after: JSONObject) -> JSONObject:
    """The smallest merge patch that turns one object into the other, empty when they are the same.

    A new null, which RFC 7396 cannot express, is `STORED_NULL` in it.
    """
    patch: JSONObject = {key: None for key in before if key not in after}
    for key, now in after.items():
        earlier = before.get(key, _ABSENT)
        if isinstance(now, dict) and isinstance(earlier, dict):
            if inner := difference(earlier, now):
                patch[key] = inner
        elif isinstance(now, list) and isinstance(earlier, list):
            if not same(earlier, now):
                patch[key] = now
        elif isinstance(now, bool) is not isinstance(earlier, bool) or now != earlier:
            patch[key] = _added(now) if now is None or isinstance(now, dict) else now
    return patch


def _added(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return {key: _added(item) for key, item in value.items()}
    return STORED_NULL if value is None else value


def same(one: object, other: object) -> bool:
    """Whether two JSON values are equal."""
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys():
            return False
        pairs: Any = [(value, other[key]) for key, value in one.items()]
    elif isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return False
        pairs = zip(one, other, strict=True)
    else:
        return isinstance(one, bool) is isinstance(other, bool) and one == other
    for left, right in pairs:
        if isinstance(left, dict | list):
            if not same(left, right):
                return False
        elif isinstance(left, bool) is not isinstance(right, bool) or left != right:
            return False
    return True


def private_copy(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A deep copy in dicts and lists alone: a tuple becomes an array, any other mapping an object."""
    if type(value) in _SCALARS:
        return value
    if type(value) is dict:
        return {key: item if type(item) in _SCALARS else private_copy(item) for key, item in value.items()}
    if type(value) is list:
        return [item if type(item) in _SCALARS else private_copy(item) for item in value]
    return private_copy(dict(value)) if isinstance(value, Mapping) else plain(value)
