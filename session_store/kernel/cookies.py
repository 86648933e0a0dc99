"""The session cookie: reading it strictly (RFC 6265) and writing it with the attributes that keep it in its place."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from session_store.settings import COOKIE_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable

    from session_store.clock import Clock
    from session_store.model import Session

_ATTRIBUTES: Final = "Path=/; Secure; HttpOnly; SameSite=Lax"
_WHITESPACE: Final = " \t"  # and nothing else: with Unicode's spaces, another name could pass for the prefixed one


def host_cookies(pairs: Iterable[str]) -> list[tuple[str, str]]:
    """Names and values of the cookies that may be the session's, among `name=value` pairs: those with the prefix."""
    cookies = []
    for pair in pairs:
        name, _, value = pair.strip(_WHITESPACE).partition("=")
        if name.startswith(COOKIE_PREFIX):
            cookies.append((name, value))
    return cookies


def cookie_of(name: str, token: str, session: Session, clock: Clock) -> str:
    """The value of a Set-Cookie header that hands out a session's token, to be kept until its absolute end.

    Without `Max-Age` if the session was made with `ends_with_browser`. Browsers then forget the cookie when they are
    closed.

    Args:
        name: the cookie's.
        token: the token. Its characters need no quoting.
        session: whose.
        clock: the store's.
    """
    if session.ends_with_browser:
        return _set_cookie(name, token)
    max_age = math.ceil(session.absolute_expires_at.timestamp() - clock.now())
    return _set_cookie(name, token, f"Max-Age={max(max_age, 0)}; ")


def clear_cookie(name: str) -> str:
    """The value of a Set-Cookie header that takes the token away."""
    return _set_cookie(name, "", "Max-Age=0; ")


def _set_cookie(name: str, value: str, max_age: str = "") -> str:
    return f"{name}={value}; {max_age}{_ATTRIBUTES}"
