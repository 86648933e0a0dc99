"""JSON as DynamoDB attribute values: what goes in comes out, and what it weighs."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer
from hypothesis import given
from hypothesis import strategies as st

from session_store.data.types import PlainValue
from session_store.storage.attribute_values import binary, item_bytes, number, read_values, string, write_values

numbers = st.integers(-(10**38) + 1, 10**38 - 1) | st.floats(allow_nan=False, allow_infinity=False).filter(
    lambda number: number == 0 or 1e-130 <= abs(number) <= 9.9e125
)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1), inner, max_size=3),
    max_leaves=10,
)


def from_json(value: PlainValue) -> Any:
    return write_values([value])[0]


def to_json(value: Any) -> Any:
    return read_values([value])[0]


@given(json_values)
def test_a_json_value_comes_back_equal(value: PlainValue) -> None:
    assert to_json(from_json(value)) == value


def as_json(value: Any) -> Any:
    """The value that boto3 read, its decimals as numbers of JSON."""
    if isinstance(value, dict):
        return {key: as_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_json(inner) for inner in value]
    if isinstance(value, Decimal):
        return int(value) if value == int(value) and value.copy_abs() < 10**38 else float(value)
    return value


@given(json_values)
def test_boto3_reads_what_is_stored(value: PlainValue) -> None:
    assert as_json(TypeDeserializer().deserialize(from_json(value))) == value


@pytest.mark.parametrize("value", [3.0, -0.0, 1e20, 5])
def test_a_number_without_a_fraction_comes_back_as_int(value: float) -> None:
    read = to_json(from_json(value))

    assert read == value
    assert type(read) is int


@pytest.mark.parametrize("value", [0.1, 2.5, 1e100, 1e-100, -1.5e-7])
def test_a_float_comes_back_exactly(value: float) -> None:
    read = to_json(from_json(value))

    assert (read, type(read)) == (value, float)


# Sizes by the rules that AWS publishes ("Item sizes and formats").
@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({"PK": string("abc")}, 2 + 3),
        ({"PK": string("ä東")}, 2 + 5),
        ({"hash": binary(b"x" * 32)}, 4 + 32),
        ({"no": from_json(None), "yes": from_json(True)}, 2 + 1 + 3 + 1),
        ({"list": from_json([])}, 4 + 3),
        ({"map": from_json({"a": "bc"})}, 3 + 3 + 1 + 1 + 2),
        ({"list": from_json(["a", "b"])}, 4 + 3 + 2 * (1 + 1)),
    ],
)
def test_an_item_weighs_what_dynamodb_counts(item: Any, size: int) -> None:
    assert item_bytes(item) == size


@given(st.integers(-(10**38) + 1, 10**38 - 1))
def test_a_number_is_never_counted_too_light(value: int) -> None:
    significant = len(str(abs(value)).rstrip("0")) or 1

    assert item_bytes({"": number(value)}) >= (significant + 1) // 2 + 1 + (value < 0)


class Grade(int, Enum):
    """Prints as `Grade.BEST`."""

    BEST = 1


class Ratio(float):
    """Prints as numpy's numbers do."""

    def __repr__(self) -> str:
        return f"Ratio({float(self)})"


@pytest.mark.parametrize(("value", "digits"), [(Grade.BEST, "1"), (Ratio(1.5), "1.5"), (Ratio(2.0), "2")])
def test_a_number_of_a_class_of_its_own_is_stored_as_its_digits(value: float, digits: str) -> None:
    assert from_json(value) == {"N": digits}
