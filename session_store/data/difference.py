"""The difference between two JSON objects, as a merge patch (RFC 7396)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from session_store.data.types import JSONObject

_ABSENT: Final = object()


def difference(before: JSONObject, after: JSONObject) -> JSONObject:
    """The smallest merge patch that turns one object into the other; empty when they are the same."""
    patch: JSONObject = {key: None for key in before if key not in after}
    for key, now in after.items():
        earlier = before.get(key, _ABSENT)
        if isinstance(earlier, dict) and isinstance(now, dict):
            if inner := difference(earlier, now):
                patch[key] = inner
        elif not same(earlier, now):
            patch[key] = now
    return patch


def same(one: object, other: object) -> bool:
    """Equality of JSON values: unlike in Python, true is not 1, however deep."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) is isinstance(other, bool) and one == other
