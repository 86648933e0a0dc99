"""The JSON schema of lifecycle events, generated from the types that consumers read them as."""

from __future__ import annotations

import inspect
import json
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, Final

from docgen.docstrings import entries
from session_store.events.types import EVENTS, ORDER_DIGITS, SOURCE
from session_store.model import EndReason

if TYPE_CHECKING:
    from dataclasses import Field

    Schema = dict[str, Any]

_BY_NAME: Final[dict[str, Schema]] = {
    "sequence_number": {"type": "string", "pattern": f"^[0-9]{{1,{ORDER_DIGITS}}}$"},
    "reason": {"type": "string", "examples": [reason.value for reason in EndReason]},
}
_BY_TYPE: Final[dict[str, Schema]] = {
    "str": {"type": "string"},
    "int": {"type": "integer", "minimum": 0},
    "datetime": {"type": "string", "format": "date-time"},
}


def render() -> str:
    """The schema as text, the same at every call."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def schema() -> Schema:
    """The schema of an event as EventBridge hands it to a target. Later versions may add fields and types."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Lifecycle events of sessions",
        "type": "object",
        "properties": {"source": {"const": SOURCE}, "detail-type": {"enum": list(EVENTS)}},
        "required": ["source", "detail-type", "detail"],
        "oneOf": [
            {"properties": {"detail-type": {"const": name}, "detail": {"$ref": f"#/$defs/{kind.__name__}"}}}
            for name, kind in EVENTS.items()
        ],
        "$defs": {kind.__name__: _detail(kind) for kind in EVENTS.values()},
    }


def _detail(kind: type[Any]) -> Schema:
    """The detail of one type. A None of Python is left out of the JSON."""
    wanted = [field for field in fields(kind) if field.name != "child_session_id" or field.default is MISSING]
    said = {name: text for base in reversed(kind.__mro__[:-1]) for name, text in _said(base).items()}
    return {
        "description": _first_paragraph(kind),
        "type": "object",
        "properties": {field.name: _of(field) | {"description": _sentence(said[field.name])} for field in wanted},
        "required": [field.name for field in wanted if field.default is MISSING],
    }


def _of(field: Field[Any]) -> Schema:
    return _BY_NAME.get(field.name) or _BY_TYPE[str(field.type).removesuffix(" | None")]


def _said(kind: type[Any]) -> dict[str, str]:
    return entries(inspect.cleandoc(kind.__doc__ or ""), "Attributes")


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _first_paragraph(kind: type[Any]) -> str:
    return " ".join(inspect.cleandoc(kind.__doc__ or "").partition("\n\n")[0].split())
