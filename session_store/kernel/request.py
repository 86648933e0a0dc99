"""A request as the kernel sees it, however it was carried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from session_store.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Request:
    """The parts of a request that the session needs.

    Attributes:
        method: in capitals.
        headers: by name in lower case. Several of one name are joined.
        cookies: the `name=value` pairs as they came, in order.
    """

    method: str
    headers: Mapping[str, str]
    cookies: tuple[str, ...] = ()

    @classmethod
    def of(cls, method: str, fields: Iterable[tuple[str, str]], cookies: Iterable[str] = ()) -> Request:
        """A request from its header fields.

        Args:
            method: of HTTP.
            fields: names, in any case, with values, in the order in which they came. A name may stand several times.
            cookies: lines of cookies that the carrier has taken out of the header. Then the header does not count:
                the same cookie is never read from both.
        """
        headers: dict[str, str] = {}
        for name, value in fields:
            lower = name.lower()
            separator = "; " if lower == "cookie" else ", "
            headers[lower] = f"{headers[lower]}{separator}{value}" if lower in headers else value
        lines = tuple(cookies)
        if not lines and "cookie" in headers:
            lines = (headers["cookie"],)
        pairs: list[str] = []
        for line in lines:
            pairs += line.split(";")
        return cls(method.upper(), headers, tuple(pairs))
