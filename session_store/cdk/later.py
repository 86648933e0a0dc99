"""Texts that only the deployment knows, in part or as a whole: what they are checked as at synthesis."""

from __future__ import annotations

import re
from typing import Final

_TOKEN: Final = re.compile(r"\$\{Token\[[\w.-]+\]\}")  # how CDK writes a text that it does not know yet
_ANY_PART: Final = "1"  # of a host's name, a port, or an id


def is_known(text: str) -> bool:
    """Whether there is no token in a text."""
    return not _TOKEN.search(text)


def known_part(text: str) -> str:
    """The text without its tokens."""
    return _TOKEN.sub("", text)


def stand_in(text: str, first: str = _ANY_PART) -> str:
    """An acceptable text in place of one with tokens, as far as the rest of it is acceptable.

    Args:
        text: with tokens.
        first: what stands for a token that it begins with.
    """
    found = _TOKEN.match(text)
    return _TOKEN.sub(_ANY_PART, f"{first}{text[found.end() :]}" if found else text)
