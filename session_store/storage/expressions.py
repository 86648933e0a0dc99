"""Changes and conditions as DynamoDB's expressions, with just the names and values that they use."""

from __future__ import annotations

from itertools import chain, count, pairwise
from typing import TYPE_CHECKING, Any, Final

from session_store.data.weights import digits
from session_store.storage import items
from session_store.storage.attribute_values import binary, number, string
from session_store.storage.changes import CopyOf, FieldOr, Member, Plus
from session_store.storage.conditions import Test
from session_store.storage.document import Document
from session_store.storage.records import WRITE_IDS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from session_store.storage.attribute_values import AttributeValue
    from session_store.storage.changes import Change, Value
    from session_store.storage.conditions import Clause, Condition, Field

    Assigned: TypeAlias = AttributeValue | CopyOf | FieldOr | Plus

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
    Test.ABSENT_OR_GREATER: "(attribute_not_exists({name}) OR {name} > {value})",
    Test.ABSENT_OR_OF_TYPE: "(attribute_not_exists({name}) OR attribute_type({name}, {value}))",
    Test.OF_TYPE: "attribute_type({name}, {value})",
    Test.ABSENT_OR_FEWER: "(attribute_not_exists({name}) OR size({name}) < {value})",
}
# Each id moves to the place of the one before it; the oldest falls out. From the end on, so that each is copied before
# it is overwritten, whether or not an engine takes all of them from before the update.
_REMEMBERING: Final = ", ".join(
    [f"#{later} = if_not_exists(#{earlier}, :write_id)" for earlier, later in tuple(pairwise(WRITE_IDS))[::-1]]
    + [f"#{WRITE_IDS[0]} = :write_id"]
)
_NOT_WRITTEN: Final = " AND ".join(f"#{name} <> :write_id" for name in WRITE_IDS)
_WRITE_ID_NAMES: Final = {f"#{name}": name for name in WRITE_IDS}


def update_parameters(change: Change) -> dict[str, Any]:
    """Parameters of an UpdateItem, or of a transaction's update, but for the table's name."""
    return _Expressions().update(change)


class _Expressions:
    """The expressions of one request with their names and values."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, AttributeValue] = {}
        self._keys: dict[str, str] = {}  # of the data -> their names

    def update(self, change: Change) -> dict[str, Any]:
        sets, removes, adds = [], [], []
        for field, value in _attributes(change).items():
            name = self._name(field)
            if value is None:
                removes.append(name)
            elif isinstance(value, Member):
                adds.append(f"{name} {self._new(field, {'SS': [value.text]})}")
            else:
                sets.append(f"{name} = {self._assigned(field, value)}")
        condition = self._condition(change.condition)
        if change.write_id is not None:
            sets.append(_REMEMBERING)
            condition = f"{condition} AND {_NOT_WRITTEN}"
            self._names |= _WRITE_ID_NAMES
            self._values[":write_id"] = binary(change.write_id)
        verbs = (("SET", sets), ("REMOVE", removes), ("ADD", adds))
        clauses = [f"{verb} {', '.join(parts)}" for verb, parts in verbs if parts]
        parameters: dict[str, Any] = {
            "Key": items.key_item(change.key),
            **({"UpdateExpression": " ".join(clauses)} if clauses else {}),
            "ConditionExpression": condition,
            "ExpressionAttributeNames": self._names,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        return parameters | ({"ExpressionAttributeValues": self._values} if self._values else {})

    def _condition(self, condition: Condition) -> str:
        return " AND ".join(map(self._clause, condition.clauses))

    def _clause(self, clause: Clause) -> str:
        value = "" if clause.value is None else self._value(_value_name(clause), _attribute(clause.value))
        return _TEXTS[clause.test].format(name=self._name(clause.field), value=value)

    def _assigned(self, field: Field, value: Assigned) -> str:
        if isinstance(value, CopyOf):
            return self._name(value.field)
        if isinstance(value, FieldOr):
            return f"if_not_exists({self._name(value.field)}, {self._new(field, _attribute(value.otherwise))})"
        if isinstance(value, Plus):
            added = self._new(field, {"N": digits(value.by)})
            return f"if_not_exists({self._name(field)}, {self._value('nothing', number(0))}) + {added}"
        return self._new(field, value)

    def _name(self, field: Field) -> str:
        if isinstance(field, tuple):
            first, *keys = field
            return ".".join([self._name(first), *map(self._key, keys)])
        self._names[f"#{field}"] = field
        return f"#{field}"

    def _key(self, key: str) -> str:
        """A name for a key of the data."""
        if key not in self._keys:
            self._keys[key] = f"#data_{len(self._keys)}"
            self._names[self._keys[key]] = key
        return self._keys[key]

    def _new(self, field: Field, value: AttributeValue) -> str:
        return self._value(field if isinstance(field, tuple) else f"set_{field}", value)

    def _value(self, name: Field, value: AttributeValue) -> str:
        """A name for a value. A field that is compared twice gets two."""
        if isinstance(name, tuple):
            names: Iterable[str] = [f":data_{len(self._values)}"]
        else:
            names = chain([f":{name}"], (f":{name}_{number}" for number in count(2)))
        free = next(each for each in names if self._values.get(each, value) == value)
        self._values[free] = value
        return free


def _value_name(clause: Clause) -> Field:
    """A type's name is no data."""
    return f"type_{clause.value!s}" if clause.test in {Test.OF_TYPE, Test.ABSENT_OR_OF_TYPE} else clause.field


def _attributes(change: Change) -> dict[Field, Assigned | Member | None]:
    """Fields of a record as attributes of the row: the same names, but that data brings its codec along."""
    attributes: dict[Field, Assigned | Member | None] = {}
    attributes.update(items.attributes_of_key(change.key))
    for field, value in change.values.items():
        if not isinstance(value, Document):
            attributes[field] = _assignment(value)
        elif value.codec is None and not value.drops_codec:
            attributes[field] = value.stored
        else:
            attributes.update(items.data_attributes(value))
    return attributes


def _assignment(value: Value) -> Assigned | Member | None:
    if value is None or isinstance(value, CopyOf | FieldOr | Plus | Member):
        return value
    return _attribute(value)  # type: ignore[arg-type]  # documents were handled before


def _attribute(value: str | int | bytes | AttributeValue) -> AttributeValue:
    if isinstance(value, dict):
        return value
    if isinstance(value, str):
        return string(value)
    return number(value) if isinstance(value, int) else binary(value)
