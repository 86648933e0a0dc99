"""Places in a session's data that a change touches: written, and compared, by themselves and not with all the rest.

So writers of different places do not meet. A place is a member of the data, or of an object in it. A list is one value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from session_store.data.difference import same
from session_store.data.weights import MEMBER_OVERHEAD, text_bytes
from session_store.storage.attribute_values import read_values, values_bytes
from session_store.storage.conditions import Clause, Condition, Test
from session_store.storage.document import CHOSEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from session_store.data.types import JSONObject
    from session_store.storage.attribute_values import AttributeValue
    from session_store.storage.document import Document

DATA: Final = "data"
# DynamoDB takes 4 KB of text and 300 operators in one expression. A place takes so many characters of it at most, and
# each step on the way to it; with these as many places fit as leave room for the rest of the condition.
_MAX_CHARACTERS: Final = 3_500
_PLACE: Final = 32
_INNER_PLACE: Final = 28
_STEP: Final = 9
_MAX_KEY_BYTES: Final = 255  # of one name in an expression
_EMPTY: Final[AttributeValue] = {"M": {}}


class Place(NamedTuple):
    """One place with what is stored there, None for nothing.

    Attributes:
        path: the keys on the way, from `data` on.
    """

    path: tuple[str, ...]
    before: AttributeValue | None
    after: AttributeValue | None


def touched(patch: JSONObject, before: Document, after: Document) -> tuple[Place, ...] | None:
    """The places that a merge patch touches, None when they cannot be written by themselves.

    That is so where a codec has made one value of all, or changes, and where they are too many for an expression.

    Args:
        patch: the change.
        before: the data as it is stored.
        after: the same with the patch merged into it.
    """
    if (
        before.stored is None
        or after.stored is None
        or before.codec != after.codec
        or after.codec not in {None, CHOSEN}
    ):
        return None
    places = tuple(_touched((DATA,), patch, before.stored["M"], after.stored["M"]))
    return places if _fit(places) else None


def as_seen(places: Iterable[Place], codec: str | None) -> Condition:
    """Each place holds what it held, and can be written.

    Args:
        places: what is written.
        codec: of the data.
    """
    clauses = []
    for path, before, _ in places:
        if before is None:
            clauses += [*_inside_object(path), Clause(path, Test.ABSENT)]
        else:
            clauses.append(Clause(path, Test.EQUAL, before))
    return under_codec(codec, clauses)


def writable(places: Iterable[Place], codec: str | None) -> Condition:
    """Each place can be written, with any value in it."""
    return under_codec(codec, [clause for place in places for clause in _inside_object(place.path)])


def encrypted(places: Iterable[Place]) -> bool:
    """Whether a value among them is. Its content shows in the document alone."""
    return any("B" in (stored or ()) for _, *values in places for stored in values)


def written(places: Iterable[Place], data: JSONObject) -> bool:
    """Whether data has at each place what is there after the change."""
    return all(_holds(data, path, after) for path, _, after in places)


def unwritten(places: Iterable[Place], data: JSONObject) -> bool:
    """Whether data has at each place what was there before the change."""
    return all(_holds(data, path, before) for path, before, _ in places)


def growth(places: Iterable[Place], *, seen: bool) -> int:
    """Bytes that the data grows by at most, as it is stored or as JSON text.

    Args:
        places: what is written.
        seen: False when the places may hold anything else. Then what they held counts for nothing.
    """
    return sum(max(0, *_growth(path[-1], before if seen else None, after)) for path, before, after in places)


def growth_as_a_whole(before: Document, after: Document) -> int:
    """The same when all of it is replaced."""
    stored = values_bytes([after.stored or _EMPTY]) - values_bytes([before.stored or _EMPTY])
    return max(stored, after.text_bytes() - before.text_bytes())


def _touched(
    path: tuple[str, ...], patch: JSONObject, before: Mapping[str, AttributeValue], after: Mapping[str, AttributeValue]
) -> Iterator[Place]:
    for key, change in patch.items():
        old, new = before.get(key), after.get(key)
        if isinstance(change, dict) and old and new and "M" in old and "M" in new:
            yield from _touched((*path, key), change, old["M"], new["M"])
        else:
            yield Place((*path, key), old, new)


def _fit(places: Iterable[Place]) -> bool:
    characters = 0
    for path, *_ in places:
        steps = len(path) - 1
        characters += _PLACE + _STEP * steps
        if steps > 1:
            characters += _INNER_PLACE + _STEP * steps
        if any(len(key.encode()) > _MAX_KEY_BYTES for key in path):
            return False
    return characters <= _MAX_CHARACTERS


def _inside_object(path: tuple[str, ...]) -> list[Clause]:
    """The parent of a place is an object. The data itself always is one."""
    around = path[:-1]
    return [Clause(around, Test.OF_TYPE, "M")] if len(around) > 1 else []


def under_codec(codec: str | None, clauses: list[Clause]) -> Condition:
    """And no store has written the data with another codec meanwhile."""
    same_codec = Clause("data_codec", Test.EQUAL, codec) if codec else Clause("data_codec", Test.ABSENT)
    return Condition((same_codec, *clauses))


def _holds(data: JSONObject, path: tuple[str, ...], stored: AttributeValue | None) -> bool:
    value: Any = data
    for key in path[1:]:
        if not isinstance(value, dict) or key not in value:
            return stored is None
        value = value[key]
    return stored is not None and same(value, read_values([stored])[0])


def _growth(key: str, before: AttributeValue | None, after: AttributeValue | None) -> list[int]:
    """Bytes as it is stored, and as JSON text, with what is around the value."""
    return [new - old for old, new in zip(_sizes(key, before), _sizes(key, after), strict=True)]


def _sizes(key: str, stored: AttributeValue | None) -> tuple[int, int]:
    if stored is None:
        return 0, 0
    size = len(key.encode()) + MEMBER_OVERHEAD + values_bytes([stored])
    return size, text_bytes({key: read_values([stored])[0]})
