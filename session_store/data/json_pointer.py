"""JSON pointers (RFC 6901) to places in session data, for the one whose data it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from session_store.errors import conceal_tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_POINTER_CHARACTERS: Final = 256


def pointer_to(path: Sequence[str | int]) -> str:
    """A pointer of at most 256 characters. If the path needs more, it points to the nearest place around it.

    It quotes keys of the data, so it belongs into no message and no log.

    Args:
        path: keys and indexes, from the top, empty for the whole.
    """
    pointer = ""
    for step in path:
        text = str(step)
        if len(pointer) + len(text) >= MAX_POINTER_CHARACTERS:
            break
        longer = f"{pointer}/{text.replace('~', '~0').replace('/', '~1')}"
        if len(longer) > MAX_POINTER_CHARACTERS:
            break
        pointer = longer
    return conceal_tokens(pointer)
