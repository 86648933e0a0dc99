"""Condition expressions over rows in memory: those that the library emits. Any other is an error."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from session_store.storage.attribute_values import AttributeValue, Item

Clause: TypeAlias = tuple[str, str, str | None]  # function or operator, place, value

_COMPARISON: Final = re.compile(r"(#?[\w.#]+) (=|<>|<|>|<=|>=) (:\w+)")
_SIZE: Final = re.compile(r"size\((#?[\w.#]+)\) < (:\w+)")
_FUNCTION: Final = re.compile(r"(attribute_exists|attribute_not_exists|attribute_type)\((#?[\w.#]+)(?:, (:\w+))?\)")
_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": lambda one, other: one == other,
    "<>": lambda one, other: one != other,
    "<": lambda one, other: one < other,
    ">": lambda one, other: one > other,
    "<=": lambda one, other: one <= other,
    ">=": lambda one, other: one >= other,
}


def holds(expression: str, parameters: Mapping[str, Any], row: Item) -> bool:
    """Whether a condition holds for a row.

    Args:
        expression: clauses joined by AND, each by itself or several in parentheses joined by OR.
        parameters: of the request: the names and values of its expressions.
        row: as it is stored, empty when there is none.

    Raises:
        NotImplementedError: the expression is in another form.
    """
    return all(any(_holds(clause, parameters, row) for clause in group) for group in _parsed(expression))


def attribute_name(name: str, parameters: Mapping[str, Any]) -> str:
    """The attribute that a name in an expression stands for."""
    return parameters["ExpressionAttributeNames"][name] if name.startswith("#") else name


def path_of(name: str, parameters: Mapping[str, Any]) -> list[str]:
    """The place that a name, or a path of names, stands for: an attribute, and the keys of the maps in it."""
    return [attribute_name(step, parameters) for step in name.split(".")]


def value_at(path: Sequence[str], row: Item) -> AttributeValue | None:
    """The value at a place, None for none."""
    members: Mapping[str, AttributeValue] = row
    for step in path[:-1]:
        members = members.get(step, {}).get("M", {})
    return members.get(path[-1])


@cache
def _parsed(expression: str) -> tuple[tuple[Clause, ...], ...]:
    groups = expression.split(" AND ")
    return tuple(
        tuple(map(_clause, (group[1:-1] if group.startswith("(") else group).split(" OR "))) for group in groups
    )


def _clause(text: str) -> Clause:
    if function := _FUNCTION.fullmatch(text):
        return function[1], function[2], function[3]
    if size := _SIZE.fullmatch(text):
        return "size", size[1], size[2]
    comparison = _COMPARISON.fullmatch(text)
    if comparison is None:
        raise NotImplementedError(text)
    attribute, operator, argument = comparison.groups()
    return operator, attribute, argument


def _holds(clause: Clause, parameters: Mapping[str, Any], row: Item) -> bool:
    operator, attribute, argument = clause
    value = value_at(path_of(attribute, parameters), row)
    if operator == "attribute_exists":
        return value is not None
    if operator == "attribute_not_exists":
        return value is None
    if value is None or argument is None:
        return operator == "<>"
    other = parameters["ExpressionAttributeValues"][argument]
    if operator == "attribute_type":
        return other["S"] in value
    if operator == "size":  # of a set
        return len(value["SS"]) < int(other["N"])
    if operator in {"=", "<>"} or value.keys() == other.keys():
        return _COMPARE[operator](_operand(value), _operand(other))
    return False


def _operand(value: AttributeValue) -> Any:  # noqa: ANN401 - comparable with others of its kind
    """The value. A number however it is written, and so wherever it is inside."""
    ((kind, content),) = value.items()
    if kind == "N":
        return kind, Decimal(content)
    if kind == "M":
        return kind, {key: _operand(inner) for key, inner in content.items()}
    return kind, [_operand(inner) for inner in content] if kind == "L" else content
