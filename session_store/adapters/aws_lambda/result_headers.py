"""The headers of a handler's result, wherever the result keeps them, and what keeps an answer out of shared caches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# What `find_credentials` reads, and so what an answer about somebody's session depends on.
TOKEN_HEADERS: Final = ("Authorization", "Cookie")
_SINGLE: Final = "headers"
_LISTS: Final = "multiValueHeaders"  # payload format 1.0 alone reads it; a name in both is read from here
# What shared caches go by before `Cache-Control`: targeted fields like `CDN-Cache-Control` (RFC 9213) and older ones.
_TO_CACHES: Final = ("-cache-control", "surrogate-control", "edge-control", "x-accel-expires")


class ResultHeaders:
    """A copy of a result's headers, to be changed; names compare without case.

    Args:
        result: with `headers` and `multiValueHeaders`, or without.
    """

    def __init__(self, result: Mapping[str, Any]) -> None:
        self._others = {key: value for key, value in result.items() if key not in {_SINGLE, _LISTS}}
        self._single: dict[str, Any] = dict(result.get(_SINGLE) or {})
        self._lists: dict[str, Any] = dict(result.get(_LISTS) or {})

    def values(self, name: str) -> list[str]:
        """All values of a header."""
        single = [str(value) for key, value in self._single.items() if _same(key, name)]
        return single + [str(value) for key, many in self._lists.items() if _same(key, name) for value in many]

    def replace(self, name: str, value: str) -> None:
        """Give a header one value."""
        self._remove(name)
        self._single[name] = value

    def add_to_list(self, name: str, value: str) -> None:
        """Add a value to a header that stands once for each of its values."""
        values = [*self.values(name), value]
        self._remove(name)
        self._lists[name] = values

    def forbid_storing(self) -> None:
        """Keep every cache from storing the answer, whatever the handler has set."""
        for name in {*self._single, *self._lists}:
            if name.lower().endswith(_TO_CACHES):
                self._remove(name)
        self.replace("Cache-Control", "no-store")

    def vary_by(self, *names: str) -> None:
        """Tell caches which request headers the answer depends on, beside those that the handler has named."""
        vary = [part.strip() for value in self.values("Vary") for part in value.split(",") if part.strip()]
        known = {part.lower() for part in vary}
        missing = [] if "*" in known else [name for name in names if name.lower() not in known]
        if missing:
            self.replace("Vary", ", ".join([*vary, *missing]))

    def result(self) -> dict[str, Any]:
        """The result with these headers."""
        lists = {_LISTS: self._lists} if self._lists else {}
        return {**self._others, _SINGLE: self._single, **lists}

    def _remove(self, name: str) -> None:
        for headers in (self._single, self._lists):
            for key in [key for key in headers if _same(key, name)]:
                del headers[key]


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower()
