"""Mutants that no test can notice, each with the reason: module, line of code, change."""

from __future__ import annotations

from typing import Final

_AHEAD: Final = (
    "_MAX_AHEAD: Final = 1000  # milliseconds that ids may be ahead of the clock, after borrowing or a small step back"
)
_FULL: Final = "elif self._counter + 1 < 1 << _COUNTER_BITS:"
_BORROWED: Final = "self._millisecond, self._counter = self._millisecond + 1, _first_count()"
_WITHIN: Final = "if not 0 <= self._millisecond - millisecond <= _MAX_AHEAD:"
_CAST: Final = 'return self._replace(root=cast("SessionRecord", record))'
_OVER: Final = "if now >= root.expires_at or (child and now >= child.absolute_expires_at):"
EXPLAINED: Final[dict[tuple[str, str, str], str]] = {
    ("tokens", _AHEAD, "1000 -> 1001"): "no caller relies on the exact length of about a second",
    ("tokens", "self._millisecond = -1", "1 -> 2"): "any number before every possible time does",
    ("tokens", "self._counter = 0", "0 -> 1"): "the first id sets it before it is read",
    ("tokens", _WITHIN, "LtE -> Lt (2)"): "no caller relies on the exact length of about a second",
    ("tokens", _FULL, "1 -> 2"): "the next millisecond is borrowed one id earlier: the order stays",
    ("tokens", _BORROWED, "1 -> 2"): "two milliseconds are borrowed: the order stays",
    ("tokens", "return secrets.randbits(_COUNTER_BITS - 1)", "1 -> 2"): "a quarter of the counter is a start as good",
    ("admission", _CAST, "'SessionRecord' changed"): "the name in a cast is for mypy alone",
    ("admission", _OVER, "GtE -> Gt (2)"): "a child's absolute end is its root's, which is judged before",
}
