"""The headers that a response gets because a session had a part in it: its cookie, and what caches are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from session_store.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

# The headers that `find_credentials` reads, on which a response about a session depends.
TOKEN_HEADERS: Final = ("Authorization", "Cookie")
# Fields that shared caches obey before `Cache-Control`: targeted ones like `CDN-Cache-Control` (RFC 9213), and older
# ones.
_TO_CACHES: Final = ("cache-control", "-cache-control", "surrogate-control", "edge-control", "x-accel-expires")
_CACHE_CONTROL: Final = "cache-control"
_VARY: Final = "vary"


@dataclass(frozen=True, slots=True)
class SessionHeaders:
    """The session's additions to the headers of a response.

    Attributes:
        hands_out_token: whether a token goes along or is taken away. Then no cache may store the response, even if the
            application says so. Otherwise the application's own `Cache-Control` stays, and with it what the application
            tells certain caches.
        cookies: values of `Set-Cookie`.
        vary: the request headers that the response depends on.
    """

    hands_out_token: bool
    cookies: tuple[str, ...] = ()
    vary: tuple[str, ...] = TOKEN_HEADERS

    def added_to(self, fields: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """The application's header fields with the session's. Fields that are not about caches stay as they are.

        Args:
            fields: names, in any case, with values, in order. A name may stand several times.
        """
        own = [(name.lower(), name, value) for name, value in fields]
        forbids = self.hands_out_token or not [lower for lower, _, _ in own if lower == _CACHE_CONTROL]
        kept: list[tuple[str, str]] = []
        varies: list[tuple[str, str]] = []
        for lower, name, value in own:
            if lower == _VARY:
                varies.append((name, value))
            elif not (forbids and lower.endswith(_TO_CACHES)):
                kept.append((name, value))
        if forbids:
            kept.append(("Cache-Control", "no-store"))
        kept += self._varied(varies)
        for cookie in self.cookies:
            kept.append(("Set-Cookie", cookie))
        return kept

    def _varied(self, own: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """The application's `Vary`, in one field where names have to be added to it."""
        names: list[str] = []
        for _, value in own:
            names += filter(None, map(str.strip, str(value).split(",")))
        known = set(map(str.lower, names))
        missing = [] if "*" in known else [name for name in self.vary if name.lower() not in known]
        return [("Vary", ", ".join([*names, *missing]))] if missing else own
