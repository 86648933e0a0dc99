"""JSON merge patch (RFC 7396), and where two changes meet in the same place."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from session_store.data.difference import same
from session_store.data.json_data import STORED_NULL
from session_store.data.json_pointer import pointer_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from session_store.data.types import JSONObject

_ABSENT: Final = object()
_MAX_CLASHES: Final = 32


def merge(target: JSONObject, patch: JSONObject) -> JSONObject:
    """A new object: the target with the patch merged into it. Null deletes a key."""
    merged = dict(target)
    for key, change in patch.items():
        if change is None:
            merged.pop(key, None)
        elif isinstance(change, dict):
            before = merged.get(key)
            merged[key] = merge(before if isinstance(before, dict) else {}, change)
        else:
            merged[key] = None if change is STORED_NULL else change
    return merged


def clashes(patch: JSONObject, base: JSONObject, current: JSONObject) -> list[str]:
    """JSON pointers of the places, the first 32, that the patch touches and that differ between base and current."""
    found = islice(_clashing(patch, base, current, ()), _MAX_CLASHES)
    return list(dict.fromkeys(map(pointer_to, found)))


def _clashing(
    patch: JSONObject, base: JSONObject, current: JSONObject, path: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    for key, change in patch.items():
        before, now = base.get(key, _ABSENT), current.get(key, _ABSENT)
        if before is _ABSENT and isinstance(change, dict) and isinstance(now, dict):
            before = {}  # both made the same object: what is in it counts
        if isinstance(change, dict) and isinstance(before, dict) and isinstance(now, dict):
            yield from _clashing(change, before, now, (*path, key))
        elif not same(before, now):
            yield (*path, key)
