"""Checks session data and weighs it in one walk, which stops at the first value that is wrong or too large."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from session_store.data import weights
from session_store.data.json_pointer import pointer_to
from session_store.data.weights import MAX_CONTENT_BYTES
from session_store.errors import DataTooLargeError, InvalidInputError

if TYPE_CHECKING:
    from session_store.data.types import JSONObject

MAX_DEPTH: Final = 30
# In a merge patch of our own: a null that is stored, where None deletes. JSON has no word for it.
STORED_NULL: Final = object()
# The range of a DynamoDB number. A float outside of it would be refused or rounded to zero.
_MAX_MAGNITUDE: Final = 9.9e125
_MIN_MAGNITUDE: Final = 1e-130
_BINARY: Final = bytes | bytearray | memoryview


def check_object(
    value: Mapping[str, object], *, field: str, is_patch: bool, limit: int = MAX_CONTENT_BYTES
) -> JSONObject:
    """Refuse what is not a JSON object that the table can hold. Returns it in dicts and lists.

    Args:
        value: the object.
        field: the argument that it was given as.
        is_patch: it is a merge patch: a null in it deletes a key, and so weighs nothing.
        limit: bytes that it may take. All of an item's content by default.

    Raises:
        InvalidInputError: with a pointer to the place, which the message leaves out: it quotes keys.
        DataTooLargeError: it alone is over the limit.
    """
    walk = _Walk(field, limit, is_patch=is_patch)
    walk.check(value)
    return value if walk.is_plain else plain(value)  # type: ignore[return-value]  # plain means a dict


def plain(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A copy in dicts and lists alone, as it comes back from the table. A tuple is an array, any mapping an object."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | _BINARY):
        return [plain(item) for item in value]
    return value


def number_problem(value: float) -> str | None:
    """The reason why a number cannot be stored, None if it can."""
    if isinstance(value, int):
        return "whole numbers may have at most 38 digits" if abs(value) >= weights.INTEGER_LIMIT else None
    if not math.isfinite(value):
        return "must be a finite number, not NaN or infinity"
    if value and not _MIN_MAGNITUDE <= abs(value) <= _MAX_MAGNITUDE:
        return "is outside of what DynamoDB stores, 1e-130 to 9.9e125"
    return None


class _Walk:
    """One walk through a value. Time and memory grow with what is looked at, not with how it is nested or named.

    Attributes:
        is_plain: whether all that was looked at is in dicts and lists.
    """

    def __init__(self, field: str, limit: int, *, is_patch: bool) -> None:
        self._field = field
        self._limit = limit
        self._is_patch = is_patch
        self._path: list[str | int] = []
        self._bytes = 0
        self.is_plain = True

    def check(self, value: object) -> None:
        if value is None or isinstance(value, bool) or value is STORED_NULL:
            self._weigh(1)
        elif isinstance(value, str):
            self._weigh(self._text_bytes(value))
        elif isinstance(value, int | float):
            self._check_number(value)
        elif isinstance(value, dict):
            self._check_object(value)
        elif isinstance(value, list):
            self._check_array(value)
        else:
            self._check_foreign(value)

    def _check_foreign(self, value: object) -> None:
        """Accept mappings and sequences that are no dicts and lists. JSON has no types for them."""
        self.is_plain = False
        if isinstance(value, Mapping):
            self._check_object(value)
        elif isinstance(value, Sequence) and not isinstance(value, _BINARY):
            self._check_array(value)
        else:
            kind = type(value).__name__
            raise self._refusal(f"must be a JSON value (dict, list, str, int, float, bool, None), not {kind}")

    def _check_object(self, value: Mapping[Any, object]) -> None:
        self._go_deeper()
        for key, item in value.items():
            if not isinstance(key, str) or not key:
                raise self._refusal("keys must be strings that are not empty")
            key_bytes = self._text_bytes(key)
            if item is not None or not self._is_patch:
                self._weigh(key_bytes + weights.MEMBER_OVERHEAD)
                self._check_member(key, item)

    def _check_array(self, value: Sequence[object]) -> None:
        self._go_deeper()
        self._weigh(self._length(value) * weights.MEMBER_OVERHEAD)
        for number, item in enumerate(value):
            self._check_member(number, item)

    def _go_deeper(self) -> None:
        if len(self._path) >= MAX_DEPTH:
            raise self._refusal(f"is nested deeper than {MAX_DEPTH} levels")
        self._weigh(weights.NESTED_OVERHEAD)

    def _check_member(self, step: str | int, item: object) -> None:
        self._path.append(step)
        self.check(item)
        self._path.pop()

    def _check_number(self, value: float) -> None:
        problem = number_problem(value)
        if problem is not None:
            raise self._refusal(problem)
        self._weigh(weights.number_bytes(weights.digits(value)))

    def _text_bytes(self, text: str) -> int:
        if text.isascii():
            return len(text)
        with suppress(UnicodeEncodeError):  # which holds the text: ours is not to have it as its context
            return len(text.encode())
        raise self._refusal("must be valid Unicode, it contains a lone surrogate")

    def _weigh(self, size: int) -> None:
        self._bytes += size
        if self._bytes > self._limit:
            raise DataTooLargeError(self._bytes, self._limit)

    def _length(self, value: Sequence[object]) -> int:
        try:
            return len(value)
        except OverflowError:  # of a range, which may be longer than `len` can say
            raise DataTooLargeError(sys.maxsize, self._limit) from None

    def _refusal(self, problem: str) -> InvalidInputError:
        level = f" (at level {len(self._path)})" if self._path else ""
        return InvalidInputError(self._field, f"{problem}{level}", confidential=True, pointer=pointer_to(self._path))
