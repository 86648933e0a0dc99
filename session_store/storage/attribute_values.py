"""JSON values as DynamoDB attribute values and back, and what they weigh.

boto3's own (de)serializer is not used: it turns numbers into `Decimal`, refuses floats and costs boto3's import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from session_store.model import JSONObject

AttributeValue: TypeAlias = dict[str, Any]
Item: TypeAlias = dict[str, AttributeValue]
PlainValue: TypeAlias = "bool | int | float | str | list[PlainValue] | dict[str, PlainValue] | None"

MAX_ITEM_BYTES: Final = 400 * 1024
NESTED_OVERHEAD: Final = 3  # bytes that a list or map takes, plus one for each member
MEMBER_OVERHEAD: Final = 1
_INTEGER_DIGITS: Final = 38
_INTEGER_LIMIT: Final = 10**_INTEGER_DIGITS


def string(value: str) -> AttributeValue:
    """A string attribute."""
    return {"S": str(value)}


def number(value: int) -> AttributeValue:
    """A number attribute."""
    return {"N": str(value)}


def binary(value: bytes) -> AttributeValue:
    """A binary attribute."""
    return {"B": value}


def from_json(value: PlainValue) -> AttributeValue:
    """A JSON value as an attribute value. An integral float becomes a whole number, as DynamoDB would store it."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int() | float():
            return {"N": digits(value)}
        case list():
            return {"L": [from_json(item) for item in value]}
        case dict():
            return {"M": {key: from_json(item) for key, item in value.items()}}


def to_json(value: AttributeValue) -> PlainValue:
    """An attribute value as a JSON value; numbers without a fraction come back as int."""
    ((kind, content),) = value.items()
    match kind:
        case "S" | "BOOL":
            return content  # type: ignore[no-any-return]
        case "N":
            return _number(content)
        case "M":
            return {key: to_json(item) for key, item in content.items()}
        case "L":
            return [to_json(item) for item in content]
        case _:
            return None


def to_object(value: AttributeValue | None) -> JSONObject:
    """A map attribute as a JSON object; empty when it is not there."""
    return {key: to_json(item) for key, item in value["M"].items()} if value else {}


def item_bytes(item: Item) -> int:
    """Size of an item as DynamoDB counts it, to within the rounding of numbers (never too small)."""
    return sum(len(name.encode()) + _bytes(value) for name, value in item.items())


def _bytes(value: AttributeValue) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "B":
            return len(content)
        case "N":
            return number_bytes(content)
        case "M":
            members = sum(len(key.encode()) + _bytes(item) + MEMBER_OVERHEAD for key, item in content.items())
            return NESTED_OVERHEAD + members
        case "L":
            return NESTED_OVERHEAD + sum(_bytes(item) + MEMBER_OVERHEAD for item in content)
        case _:
            return 1


def digits(value: float) -> str:
    """A number as it is stored; of an enum's member, or another library's number, the digits alone."""
    if isinstance(value, int):
        return int.__repr__(value)
    return str(int(value)) if value.is_integer() and abs(value) < _INTEGER_LIMIT else float.__repr__(value)


def number_bytes(text: str) -> int:
    """Size of a number, given as it is stored."""
    return len(text) // 2 + 2


def _number(digits: str) -> int | float:
    if len(digits) > _INTEGER_DIGITS + 1:  # only a float can have been stored: an integer keeps to 38 digits
        return float(digits)
    try:
        return int(digits)
    except ValueError:
        number = float(digits)
        return int(number) if number.is_integer() and abs(number) < _INTEGER_LIMIT else number
