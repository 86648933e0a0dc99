"""Reads the entries of docstrings in Google's style, name by name."""

from __future__ import annotations

import re
from typing import Final

_ENTRY: Final = re.compile(r"^    (\w+): (.+(?:\n {8,}.+)*)", re.MULTILINE)
_NEXT_SECTION: Final = re.compile(r"\n\n\w+:\n")


def entries(docstring: str, section: str) -> dict[str, str]:
    """The names in a section with what is said of them, each on one line.

    Args:
        docstring: cleaned of its indentation.
        section: its heading, for instance `Attributes`.
    """
    _, _, after = docstring.partition(f"\n{section}:\n")
    return {name: " ".join(text.split()) for name, text in _ENTRY.findall(_NEXT_SECTION.split(after)[0])}
