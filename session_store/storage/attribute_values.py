"""JSON values as DynamoDB attribute values and back, and what they weigh.

boto3's own (de)serializer is not used. It turns numbers into `Decimal`, refuses floats and costs boto3's import. Each
function is called once for each list or object, never for a single value. A call costs more than what it would do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from session_store.data.weights import INTEGER_DIGITS, INTEGER_LIMIT, MEMBER_OVERHEAD, NESTED_OVERHEAD
from session_store.data.weights import digits as digits_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from session_store.data.types import JSONObject, PlainValue

AttributeValue: TypeAlias = dict[str, Any]
Item: TypeAlias = dict[str, AttributeValue]


def string(value: str) -> AttributeValue:
    """A string attribute. Of an enum's member its text."""
    return {"S": str(value)}


def number(value: int) -> AttributeValue:
    """A number attribute. DynamoDB takes its digits as text."""
    return {"N": str(value)}


def binary(value: bytes) -> AttributeValue:
    """A binary attribute. The SDK adds base64."""
    return {"B": value}


def write_map(data: Mapping[str, PlainValue]) -> dict[str, AttributeValue]:
    """The members of a JSON object as attribute values."""
    return dict(zip(data, write_values(data.values()), strict=True))


def write_values(values: Iterable[PlainValue]) -> list[AttributeValue]:
    """JSON values as attribute values. An integral float becomes a whole number, as DynamoDB would store it."""
    written: list[AttributeValue] = []
    for value in values:
        if isinstance(value, str):
            written.append({"S": value})
        elif value is None:
            written.append({"NULL": True})
        elif isinstance(value, bool):
            written.append({"BOOL": value})
        elif isinstance(value, int | float):
            written.append({"N": repr(value) if type(value) is int else digits_of(value)})
        elif isinstance(value, dict):
            written.append({"M": dict(zip(value, write_values(value.values()), strict=True))})
        else:
            written.append({"L": write_values(value)})
    return written


def read_map(members: Mapping[str, AttributeValue]) -> JSONObject:
    """The members of a map attribute as a JSON object."""
    return dict(zip(members, read_values(members.values()), strict=True))


def read_values(values: Iterable[AttributeValue]) -> list[Any]:
    """Attribute values as JSON values. Numbers without a fraction come back as int."""
    read: list[Any] = []
    for value in values:
        ((kind, content),) = value.items()
        if kind in {"S", "BOOL"}:
            read.append(content)
        elif kind == "N":
            short = len(content) <= INTEGER_DIGITS and content.isdecimal()
            read.append(int(content) if short else read_number(content))
        elif kind == "M":
            read.append(dict(zip(content, read_values(content.values()), strict=True)))
        else:
            read.append(read_values(content) if kind == "L" else None)
    return read


def read_number(text: str) -> int | float:
    """A number by its text. Without a fraction it is an int."""
    if len(text) > INTEGER_DIGITS + 1:  # only a float can have been stored: an integer keeps to 38 digits
        return float(text)
    try:
        return int(text)
    except ValueError:
        number = float(text)
        return int(number) if number.is_integer() and abs(number) < INTEGER_LIMIT else number


def item_bytes(item: Item) -> int:
    """Size of an item as DynamoDB counts it, to within the rounding of numbers (never too small)."""
    return _names_bytes(item) + values_bytes(item.values())


def values_bytes(values: Iterable[AttributeValue]) -> int:
    """Size of values, without the names or places that they have."""
    size = 0
    for value in values:
        ((kind, content),) = value.items()
        if kind == "S":
            size += len(content) if content.isascii() else len(content.encode())
        elif kind == "B":
            size += len(content)
        elif kind == "N":
            size += len(content) // 2 + 2
        elif kind == "M":
            members = MEMBER_OVERHEAD * len(content) + values_bytes(content.values())
            size += NESTED_OVERHEAD + members + _names_bytes(content)
        elif kind == "L":
            size += NESTED_OVERHEAD + MEMBER_OVERHEAD * len(content) + values_bytes(content)
        elif kind == "SS":
            size += len("".join(content).encode())
        else:
            size += 1
    return size


def _names_bytes(members: Iterable[str]) -> int:
    return len("".join(members).encode())
