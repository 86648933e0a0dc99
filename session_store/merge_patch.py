"""JSON merge patch (RFC 7396), and where two changes meet in the same place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from session_store.attribute_values import from_json

if TYPE_CHECKING:
    from session_store.model import JSONObject, JSONValue

_ABSENT: Final = object()


def merge(target: JSONObject, patch: JSONObject) -> JSONObject:
    """A new object: the target with the patch merged into it; null deletes a key."""
    merged = dict(target)
    for key, change in patch.items():
        if change is None:
            merged.pop(key, None)
        elif isinstance(change, dict):
            before = merged.get(key)
            merged[key] = merge(before if isinstance(before, dict) else {}, change)
        else:
            merged[key] = change
    return merged


def clashes(patch: JSONObject, base: JSONObject, current: JSONObject, pointer: str = "") -> list[str]:
    """JSON pointers (RFC 6901) of the places that the patch touches and that differ between base and current."""
    found: list[str] = []
    for key, change in patch.items():
        place = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
        before, now = base.get(key, _ABSENT), current.get(key, _ABSENT)
        if isinstance(change, dict) and isinstance(before, dict) and isinstance(now, dict):
            found += clashes(change, before, now, place)
        elif not _same(before, now):
            found.append(place)
    return found


def _same(one: JSONValue | object, other: JSONValue | object) -> bool:
    """Equality as the table sees it: 1 and 1.0 are the same number, 1 and true are not the same value."""
    if one is _ABSENT or other is _ABSENT:
        return one is other
    return from_json(one) == from_json(other)  # type: ignore[arg-type]
