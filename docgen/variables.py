"""Tables about the declared settings: what each does, and the environment variables that functions read."""

from __future__ import annotations

import inspect
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from docgen.docstrings import entries
from docgen.markdown import code, table
from session_store.encryption.settings import EncryptionSettings
from session_store.kernel.authorizer_settings import AuthorizerSettings
from session_store.kernel.web_settings import UserRouteSettings
from session_store.large_data.settings import LargeDataSettings
from session_store.model import show_duration
from session_store.settings import REQUEST_LINES, TABLE_NAME, TRANSPORT, SessionSettings, Transport
from session_store.validation_cache.settings import ValidationCacheSettings

if TYPE_CHECKING:
    from session_store.catalog.declared import Kind, Settings

_STORE: Final = "a store"
READERS: Final[dict[type[Settings], str]] = {
    SessionSettings: _STORE,
    EncryptionSettings: f"{_STORE}'s encryption",
    LargeDataSettings: f"{_STORE}'s large data",
    ValidationCacheSettings: f"{_STORE}'s cache",
    UserRouteSettings: "user routes",
    AuthorizerSettings: "authorizer",
}


def variables() -> str:
    """Every variable once, with all that read it."""
    rows = {
        TABLE_NAME: [TABLE_NAME, "name or ARN of the table", "required", "", _STORE],
        TRANSPORT: [TRANSPORT, code(Transport), f"`{Transport.AUTO}`", "", _STORE],
        REQUEST_LINES: [REQUEST_LINES, "JSON boolean", "`false`", "", "`@session`"],
    }
    for family, reader in READERS.items():
        for name, kind in family.kinds().items():
            shown = str if kind.unit == "port" else _number
            row = rows.setdefault(
                kind.variable, [kind.variable, kind.unit, shown(family.default(name)), _range(kind, shown), ""]
            )
            row[-1] = f"{row[-1]}, {reader}".removeprefix(", ")
    return table(
        ("variable", "unit", "default", "range", "read by"), ([f"`{name}`", *row] for name, *row in rows.values())
    )


def settings() -> str:
    """The rules of sessions, as people give them."""
    said = sentences(SessionSettings)
    return table(
        ("setting", "default", "range", "is"),
        (
            (f"`{name}`", _shown(SessionSettings.default(name)), _range(kind, _shown), said[name])
            for name, kind in SessionSettings.kinds().items()
        ),
    )


def sentences(family: type[Settings]) -> dict[str, str]:
    """The sentence of each setting in its family's docstring."""
    return entries(inspect.getdoc(family) or "", "Attributes")


def _range(kind: Kind[Any], shown: Any) -> str:  # noqa: ANN401 - one of the two functions below
    return "" if kind.minimum is None else f"{shown(kind.minimum)} to {shown(kind.maximum)}"


def _number(value: object) -> str:
    """A value as a variable has it, with its thousands apart."""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, timedelta):
        value = value // timedelta(seconds=1)
    if isinstance(value, str):
        return f"`{value}`"
    return f"{value:,}" if isinstance(value, int) else "none"


def _shown(value: object) -> str:
    """A value as people say it."""
    if isinstance(value, timedelta):
        return show_duration(value)
    return "none" if value is None else str(value)
