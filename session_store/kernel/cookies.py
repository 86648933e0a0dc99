"""The session cookie: reading it strictly (RFC 6265) and writing it with the attributes that keep it in its place."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from session_store.clock import Clock
    from session_store.model import Session

# The prefix makes browsers refuse the cookie unless it is Secure, for Path=/ and without Domain: no other host, not
# even a subdomain, can set or read it.
COOKIE_NAME: Final = "__Host-session"
_ATTRIBUTES: Final = "Path=/; Secure; HttpOnly; SameSite=Lax"
_WHITESPACE: Final = " \t"  # and nothing else: with Unicode's spaces, another name could pass for the prefixed one


def session_cookies(pairs: Iterable[str]) -> list[str]:
    """Values of the session cookie among `name=value` pairs; a browser sends at most one."""
    values = []
    for pair in pairs:
        name, _, value = pair.strip(_WHITESPACE).partition("=")
        if name == COOKIE_NAME:
            values.append(value)
    return values


def cookie_of(token: str, session: Session, clock: Clock) -> str:
    """The value of a Set-Cookie header that hands out a session's token, to be kept until its absolute end.

    Args:
        token: the token; its characters need no quoting.
        session: whose.
        clock: the store's.
    """
    return _set_cookie(token, math.ceil(session.absolute_expires_at.timestamp() - clock.now()))


def clear_cookie() -> str:
    """The value of a Set-Cookie header that takes the token away."""
    return _set_cookie("", 0)


def _set_cookie(value: str, max_age: int) -> str:
    """The value of a Set-Cookie header; `max_age` in seconds."""
    return f"{COOKIE_NAME}={value}; Max-Age={max(max_age, 0)}; {_ATTRIBUTES}"
