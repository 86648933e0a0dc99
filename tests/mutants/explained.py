"""Mutants that no test can notice, each with the reason: module, line of code, change."""

from __future__ import annotations

from typing import Final

_AHEAD: Final = (
    "_MAX_AHEAD: Final = 1000  # milliseconds that ids may be ahead of the clock, after borrowing or a small step back"
)
_NOT_REFRESHED: Final = (
    '"#last_seen_at < :now AND #expires_at <= :expires", {"now": number(now), "expires": number(expires_at)}'
)
EXPLAINED: Final[dict[tuple[str, str, str], str]] = {
    ("tokens", _AHEAD, "1000 -> 1001"): "nobody relies on the exact length of about a second",
    ("tokens", "self._millisecond = -1", "1 -> 2"): "any number before every possible time does",
    ("tokens", "self._counter = 0", "0 -> 1"): "the first id sets it before it is read",
    ("conditions", _NOT_REFRESHED, "'now' changed"): "`live`, which it is always joined with, brings the same value",
}
