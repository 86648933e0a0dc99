"""HTML from templates in files: every value is escaped, unless it is HTML already."""

from __future__ import annotations

import string
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_FOLDER: Final = Path(__file__).with_name("templates")


class Html(str):
    """Text that is HTML already. Only templates, and what joins their results, make it."""

    __slots__ = ()


NOTHING: Final = Html("")


class Template:
    """A file with `$name` where a value belongs.

    Args:
        name: of the file, without its suffix.
        folder: where it is.
    """

    def __init__(self, name: str, folder: Path = _FOLDER) -> None:
        self._template = string.Template((folder / f"{name}.html").read_text(encoding="utf-8"))

    def fill(self, **values: object) -> Html:
        """The text with the values in it.

        Raises:
            KeyError: a value is missing.
        """
        return Html(self._template.substitute({name: _safe(value) for name, value in values.items()}))


def join(parts: Iterable[Html]) -> Html:
    """Several pieces of HTML as one."""
    return Html("\n".join(parts))


def _safe(value: object) -> str:
    return value if isinstance(value, Html) else escape(str(value))
