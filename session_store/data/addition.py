"""Addition to a number in session data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from session_store.data.json_data import number_problem
from session_store.data.json_pointer import pointer_to
from session_store.data.weights import INTEGER_DIGITS, INTEGER_LIMIT, digits
from session_store.errors import ConflictError, InvalidInputError

if TYPE_CHECKING:
    from session_store.data.types import JSONObject

# The table adds decimals, and refuses a sum of more than 38 digits. Below this there are 15 before the point, and
# where a number is written without an exponent at most 21 behind it.
EXACT_BELOW: Final = 10**15


def add(data: JSONObject, key: str, by: float) -> int | float:
    """The number under a top-level key with `by` added, as decimals. A missing key counts as 0.

    Raises:
        ConflictError: the key does not hold a number.
        InvalidInputError: the table cannot hold the sum.
    """
    before = data.get(key, 0)
    if isinstance(before, bool) or not isinstance(before, int | float):
        raise ConflictError("the key does not hold a number", keys=(pointer_to((key,)),))
    total = before + by if isinstance(before, int) and isinstance(by, int) else _sum(before, by)
    if problem := number_problem(total):
        raise InvalidInputError("by", problem, confidential=True)
    return total


def adds_exactly(number: float) -> bool:
    """Whether the table can add it to another such number."""
    return abs(number) < EXACT_BELOW and "e" not in digits(number)


def _sum(one: float, other: float) -> int | float:
    from decimal import Context, Decimal  # noqa: PLC0415 - whole numbers do without

    total = Context(prec=INTEGER_DIGITS).add(Decimal(digits(one)), Decimal(digits(other)))
    number = float(total)
    return int(total) if number.is_integer() and abs(number) < INTEGER_LIMIT and total == int(total) else number
