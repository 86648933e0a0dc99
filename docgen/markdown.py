"""The bits of Markdown that generated blocks are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table. A cell's text is not escaped."""
    lines = (" | ".join(cells) for cells in (headings, ["---"] * len(headings), *rows))
    return "\n".join(f"| {line} |" for line in lines)


def code(texts: Iterable[str]) -> str:
    """Code spans, with commas between them."""
    return ", ".join(f"`{text}`" for text in texts)


def fenced(language: str, text: str) -> str:
    """A code block in the given language, without blank lines at its end."""
    return f"```{language}\n{text.rstrip()}\n```"
