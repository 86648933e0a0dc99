"""The values of the options that say where the table is."""

from __future__ import annotations

from typing import NamedTuple


class Chosen(NamedTuple):
    """The values that were given. None: not given."""

    profile: str | None = None
    region: str | None = None
    role: str | None = None
    account: str | None = None
    table: str | None = None
    env: str | None = None
