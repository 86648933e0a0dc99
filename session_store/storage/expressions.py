"""Changes and conditions as DynamoDB's expressions, with just the names and values that they use."""

from __future__ import annotations

from itertools import chain, count
from typing import TYPE_CHECKING, Any, Final

from session_store.storage import items
from session_store.storage.attribute_values import binary, number, string
from session_store.storage.changes import CopyOf, FieldOr
from session_store.storage.conditions import Test
from session_store.storage.document import Document
from session_store.storage.records import CustomerKey

if TYPE_CHECKING:
    from session_store.storage.attribute_values import AttributeValue
    from session_store.storage.changes import Change, Value
    from session_store.storage.conditions import Clause, Condition

_TEXTS: Final = {
    Test.EXISTS: "attribute_exists({name})",
    Test.ABSENT: "attribute_not_exists({name})",
    Test.EQUAL: "{name} = {value}",
    Test.NOT_EQUAL: "{name} <> {value}",
    Test.LESS: "{name} < {value}",
    Test.AT_MOST: "{name} <= {value}",
    Test.GREATER: "{name} > {value}",
    Test.AT_LEAST: "{name} >= {value}",
    Test.ABSENT_OR_LESS: "(attribute_not_exists({name}) OR {name} < {value})",
}


def update_parameters(change: Change) -> dict[str, Any]:
    """Parameters of an UpdateItem, or of a transaction's update, but for the table's name."""
    return _Expressions().update(change)


class _Expressions:
    """The expressions of one request with their names and values."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, AttributeValue] = {}

    def update(self, change: Change) -> dict[str, Any]:
        sets, removes = [], []
        for field, value in _attributes(change).items():
            name = self._name(field)
            if value is None:
                removes.append(name)
            else:
                sets.append(f"{name} = {self._assigned(field, value)}")
        clauses = [f"{verb} {', '.join(parts)}" for verb, parts in (("SET", sets), ("REMOVE", removes)) if parts]
        parameters: dict[str, Any] = {
            "Key": items.key_item(change.key),
            "UpdateExpression": " ".join(clauses),
            "ConditionExpression": self._condition(change.condition),
            "ExpressionAttributeNames": self._names,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        return parameters | ({"ExpressionAttributeValues": self._values} if self._values else {})

    def _condition(self, condition: Condition) -> str:
        return " AND ".join(map(self._clause, condition.clauses))

    def _clause(self, clause: Clause) -> str:
        value = "" if clause.value is None else self._value(clause.field, _attribute(clause.value))
        return _TEXTS[clause.test].format(name=self._name(clause.field), value=value)

    def _assigned(self, field: str, value: AttributeValue | CopyOf | FieldOr) -> str:
        if isinstance(value, CopyOf):
            return self._name(value.field)
        if isinstance(value, FieldOr):
            otherwise = self._value(f"set_{field}", number(value.otherwise))
            return f"if_not_exists({self._name(value.field)}, {otherwise})"
        return self._value(f"set_{field}", value)

    def _name(self, field: str) -> str:
        self._names[f"#{field}"] = field
        return f"#{field}"

    def _value(self, name: str, value: AttributeValue) -> str:
        """A name for a value; a field that is compared twice gets two."""
        names = chain([f":{name}"], (f":{name}_{number}" for number in count(2)))
        free = next(each for each in names if self._values.get(each, value) == value)
        self._values[free] = value
        return free


def _attributes(change: Change) -> dict[str, AttributeValue | CopyOf | FieldOr | None]:
    """Fields of a record as attributes of the row: the same names, but that data brings its codec along."""
    attributes: dict[str, AttributeValue | CopyOf | FieldOr | None] = {}
    if isinstance(change.key, CustomerKey):  # a change creates this one where it is not there
        attributes |= items.customer_attributes(change.key)
    for field, value in change.values.items():
        if not isinstance(value, Document):
            attributes[field] = _assignment(value)
        elif value.codec is None and not value.drops_codec:
            attributes[field] = value.stored
        else:
            attributes |= items.data_attributes(value)
    return attributes


def _assignment(value: Value) -> AttributeValue | CopyOf | FieldOr | None:
    if value is None or isinstance(value, CopyOf | FieldOr):
        return value
    return _attribute(value)  # type: ignore[arg-type]  # documents were handled before


def _attribute(value: str | int | bytes) -> AttributeValue:
    if isinstance(value, str):
        return string(value)
    return number(value) if isinstance(value, int) else binary(value)
