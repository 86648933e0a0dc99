"""Requests for additions to a number and for values that are taken once. No function of the service needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from session_store.data.weights import text_bytes
from session_store.storage.conditions import Clause, Test
from session_store.storage.document import Document
from session_store.storage.places import under_codec

if TYPE_CHECKING:
    from session_store.storage.conditions import Condition

_MAX_ADDED: Final = 48  # bytes that a sum takes at most, with what is around it


def number_within(path: tuple[str, ...], limit: int, codec: str | None) -> Condition:
    """A place in data with this codec holds nothing, or a number between minus and plus the limit."""
    return under_codec(
        codec,
        [
            Clause(path, Test.ABSENT_OR_OF_TYPE, "N"),
            Clause(path, Test.ABSENT_OR_LESS, limit),
            Clause(path, Test.ABSENT_OR_GREATER, -limit),
        ],
    )


def growth_by_sum(key: str) -> int:
    """Bytes that the data grows by at most when a number is added to, as it is stored or as JSON text."""
    return text_bytes(key) + _MAX_ADDED


def with_member(document: Document, key: str, newer: Document | None) -> Document:
    """A document but for one top-level value: that is as in a newer one, or left out. It has no codec.

    A save from it writes places. If the row has a codec, that is refused once and then done on the row as it is.
    """
    members = {name: value for name, value in document.members().items() if name != key}
    if newer and key in newer.members():
        members[key] = newer.members()[key]
    return Document({"M": members})
