"""Tables about lifecycle events, from their types and from the filters of the stream's function."""

from __future__ import annotations

from dataclasses import fields
from inspect import cleandoc
from typing import TYPE_CHECKING, Final

from docgen.docstrings import entries
from docgen.markdown import code, table
from session_store.catalog.lifecycle import BY_ITS_CODE, BY_LAMBDA, EVENT_FILTERS
from session_store.catalog.object_deletion import BY_DELETER, BY_LAMBDA_FOR_DELETER
from session_store.events.types import EVENTS, SessionEvent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from session_store.catalog.pattern import Resource

    Permissions = frozenset[tuple[str, Resource]]

_OF_EVERY_EVENT: Final = ("session_id", "version", "sequence_number", "time")


def events() -> str:
    """Each event by the type that a rule names, and what its detail has besides that of every event."""
    rows = ((f"`{name}`", _sentence(kind), code(_besides(kind))) for name, kind in EVENTS.items())
    every = f"The detail of every event has {code(_OF_EVERY_EVENT)}."
    return f"{table(('detail-type', 'means', 'its detail besides'), rows)}\n\n{every}\n\n{_fields()}"


def wakes() -> str:
    """The changes of the table that wake the function."""
    return "\n".join(f"- {each.change}" for each in EVENT_FILTERS)


def permissions(by_its_code: Permissions = BY_ITS_CODE, by_lambda: Permissions = BY_LAMBDA) -> str:
    """The permissions of a function on the stream, and those of Lambda under its role."""
    resources = sorted({resource for _, resource in by_its_code | by_lambda})
    return table(
        ("on the", "its code may", "Lambda may, to call it"),
        (
            (
                str(resource),
                *(code(sorted(action for action, on in who if on == resource)) for who in (by_its_code, by_lambda)),
            )
            for resource in resources
        ),
    )


def permissions_on_objects() -> str:
    """The same of the function that deletes objects."""
    return permissions(BY_DELETER, BY_LAMBDA_FOR_DELETER)


def _sentence(kind: type[SessionEvent]) -> str:
    return (kind.__doc__ or "").partition("\n")[0]


def _besides(kind: type[SessionEvent]) -> list[str]:
    found = [each.name for each in fields(kind) if each.name not in _OF_EVERY_EVENT]
    return [name for name in found if name != "child_session_id" or kind.type.startswith("child")]


def _fields() -> str:
    said = {
        name: text for kind in _kinds() for name, text in entries(cleandoc(kind.__doc__ or ""), "Attributes").items()
    }
    return table(("field", "is"), ((f"`{name}`", text) for name, text in said.items()))


def _kinds() -> Iterator[type[SessionEvent]]:
    """The classes that describe fields, each before those that are made of it."""
    return (kind for last in EVENTS.values() for kind in reversed(last.__mro__) if issubclass(kind, SessionEvent))
