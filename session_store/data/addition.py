"""Addition to a number in session data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from session_store.data.json_data import number_problem
from session_store.data.json_pointer import pointer_to
from session_store.errors import ConflictError, InvalidInputError

if TYPE_CHECKING:
    from session_store.data.types import JSONObject


def add(data: JSONObject, key: str, by: float) -> int | float:
    """The number under a top-level key with `by` added; a missing key counts as 0.

    Raises:
        ConflictError: what the key holds is not a number.
        InvalidInputError: the table cannot hold the sum.
    """
    before = data.get(key, 0)
    if isinstance(before, bool) or not isinstance(before, int | float):
        raise ConflictError("what the key holds is not a number", keys=(pointer_to((key,)),))
    total: int | float = before + by
    if problem := number_problem(total):
        raise InvalidInputError("by", problem, confidential=True)
    return total
