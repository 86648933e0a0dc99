"""The attributes of `SessionHandle`, from its properties and their docstrings."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from docgen.markdown import table
from session_store.web import SessionHandle

if TYPE_CHECKING:
    from collections.abc import Iterator


def attributes() -> str:
    """The attributes of the handle, one per row, each with its docstring."""
    return table(("attribute", "is"), ((f"`{name}`", text) for name, text in _properties()))


def _properties() -> Iterator[tuple[str, str]]:
    for name, member in vars(SessionHandle).items():
        if isinstance(member, property):
            yield name, " ".join((inspect.getdoc(member) or "").split())
