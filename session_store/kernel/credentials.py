"""The token of a request, in its header or its cookie."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from session_store.kernel.cookies import session_cookies

if TYPE_CHECKING:
    from session_store.kernel.request import Request

_NO_TOKEN: Final = ""  # what is no token is refused like a bad one, without a call to AWS
_SCHEME: Final = "bearer"


class Source(Enum):
    """How the token came, and so how a new one goes back."""

    BEARER = auto()  # `Authorization: Bearer`: the client hands it out itself
    COOKIE = auto()  # the browser sends it along with every request: needs proof against CSRF


@dataclass(frozen=True, slots=True)
class Credentials:
    """A token as it was presented; whether it is good is for the store to say."""

    source: Source
    token: str = field(repr=False)


def find_credentials(request: Request) -> Credentials | None:
    """The request's token, None when it carries none. The header wins over the cookie.

    Two session cookies are no token at all: a browser never sends two, and it cannot be told which of them to believe.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == _SCHEME:
        return Credentials(Source.BEARER, token.strip(" "))
    values = session_cookies(request.cookies)
    if not values:
        return None
    return Credentials(Source.COOKIE, values[0] if len(values) == 1 else _NO_TOKEN)
