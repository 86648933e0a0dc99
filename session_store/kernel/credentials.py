"""The token of a request, in its header or its cookie."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from session_store.kernel.cookies import host_cookies
from session_store.values import dataclass, field

if TYPE_CHECKING:
    from session_store.kernel.request import Request
    from session_store.kernel.rules import Rules

_NO_TOKEN: Final = ""  # what is no token is refused like a bad one, without a call to AWS
_SCHEME: Final = "bearer"


class Source(Enum):
    """How the token came, and so how a new one goes back."""

    BEARER = auto()  # `Authorization: Bearer`: the client hands it out itself
    COOKIE = auto()  # the browser sends it along with every request: needs proof against CSRF


@dataclass(frozen=True, slots=True)
class Credentials:
    """A token as it was presented. Whether it is good is for the store to say."""

    source: Source
    token: str = field(repr=False)


def find_credentials(request: Request, rules: Rules) -> Credentials | None:
    """The request's token, None when it carries none. The header wins over the cookie, unless it does not count at all.

    Two session cookies are no token at all. A browser never sends two, and it cannot be told which of them to believe.
    The store, which knows the cookie's name, is made for it only where a cookie may be the session's.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == _SCHEME and not rules.cookie_only:
        return Credentials(Source.BEARER, token.strip(" "))
    cookies = host_cookies(request.cookies)
    if not cookies:
        return None
    own = rules.cookie_name
    values = [value for name, value in cookies if name == own]
    if not values:
        return None
    return Credentials(Source.COOKIE, values[0] if len(values) == 1 else _NO_TOKEN)
