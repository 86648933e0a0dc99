"""The parameters of a login or of a provider's answer. A name may stand once (RFC 6749, section 3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable

_MAX_CHARACTERS: Final = 16 * 1024
_MAX_NAMES: Final = 30


def parameters_in(text: str) -> dict[str, str]:
    """Those of a query, or of a form in a body.

    Raises:
        InvalidInputError: it is too long, or a name stands twice: two readers of it could believe different ones.
    """
    if len(text) > _MAX_CHARACTERS:
        raise InvalidInputError("parameters", f"must have at most {_MAX_CHARACTERS} characters", confidential=True)
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_NAMES)
    except ValueError:
        pairs = None
    if pairs is None:  # out here: as its context it would carry an error that may quote them
        raise InvalidInputError("parameters", f"must be at most {_MAX_NAMES}", confidential=True)
    return once(pairs)


def once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The pairs by name.

    Raises:
        InvalidInputError: a name stands twice.
    """
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise InvalidInputError("parameters", "must not have a name twice", confidential=True)
        found[name] = value
    return found
