"""What belongs where: tokens with their clients, hashes in the hashes' attributes, data in the attribute `data`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

HASHES: Final = ("family_hash", "token_hash", "previous_token_hash")
DATA: Final = "data"


def without_hashes(value: Any) -> Any:
    """A row, or the parameters of a call that writes one, without what may hold a hash."""
    return _without(value, {*HASHES, *(f":{name}" for name in HASHES), *(f":set_{name}" for name in HASHES)})


def without_data(value: Any) -> Any:
    """Likewise without what may hold data."""
    return _without(value, {DATA, f":set_{DATA}"})


def _without(value: Any, names: set[str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _without(inner, names) for name, inner in value.items() if name not in names}
    return [_without(inner, names) for inner in value] if isinstance(value, list | tuple) else value
