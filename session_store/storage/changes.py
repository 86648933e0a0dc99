"""Changes of records as plain data. The storage behind the port turns them into its own language."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias, Union

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from session_store.storage.attribute_values import AttributeValue
    from session_store.storage.conditions import Condition, Field
    from session_store.storage.document import Document
    from session_store.storage.records import Key, Record


class ConditionFailedError(Exception):
    """A write's condition did not hold.

    Attributes:
        records: the current records, one per part of the write, None where there is no row or the part was not refused.
        uncertain: an attempt before this one may have taken effect without a reply.
    """

    def __init__(self, records: Sequence[Record | None], *, uncertain: bool) -> None:
        super().__init__("condition failed")
        self.records = tuple(records)
        self.uncertain = uncertain


class CopyOf(NamedTuple):
    """A new value of a field: the value of another field from before the change."""

    field: str


class FieldOr(NamedTuple):
    """A new value of a field: the value of another field, or this one where the record does not have that field."""

    field: str
    otherwise: int


class Plus(NamedTuple):
    """A new value of a field: this much more than the table has there. A missing field counts as 0."""

    by: float


class Member(NamedTuple):
    """A new value of a field: the set of texts that the table has there, with this one among them."""

    text: str


Value: TypeAlias = Union["str | int | bytes | Document | AttributeValue | CopyOf | FieldOr | Plus | Member", None]


class Change(NamedTuple):
    """A conditional change of one record, by itself or as part of a transaction.

    Attributes:
        key: the record. It is created where it is not there and the condition holds.
        values: field, or place in the data, -> new value, None removes it. In a transaction there may be none. Then the
            condition has to hold, and nothing is written.
        condition: has to hold for the record as it is stored.
        write_id: of a save. The row keeps the last eight, and refuses one that it has.
        repeated: has to hold besides, once an attempt without a reply may have taken effect.
    """

    key: Key
    values: Mapping[str, Value] | Mapping[Field, Value]
    condition: Condition
    write_id: bytes | None = None
    repeated: Condition | None = None
