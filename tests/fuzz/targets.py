"""What the fuzzer feeds: the parsers of what comes from outside. Each takes bytes and raises only what it documents."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from session_store import InvalidInputError, InvalidTokenError, inputs, tokens
from session_store.web.cookies import COOKIE_NAME, session_cookies
from session_store.web.credentials import find_credentials
from session_store.web.request import Request

if TYPE_CHECKING:
    from collections.abc import Callable


def token(data: bytes) -> None:
    """A token is refused, or it is spelt as this library spells it."""
    text = _text(data)
    with suppress(InvalidTokenError):
        parsed = tokens.parse(text)
        assert parsed.encode() == text
        assert len(parsed.family_hash) == len(parsed.token_hash) == 32
        assert tokens.is_session_id(parsed.session_id)
        assert parsed.secret not in repr(parsed)


def cookie(data: bytes) -> None:
    """A cookie header gives the session cookie's value only under its exact name, however it is delivered."""
    text = _text(data)
    values = session_cookies(text.split(";"))
    assert not values or COOKIE_NAME in text
    for delivered in ({"cookies": text.split("; ")}, {"headers": {"cookie": text}}):
        credentials = find_credentials(Request.from_event({"version": "2.0", **delivered}))
        if credentials is not None:
            assert COOKIE_NAME in text
            assert credentials.token in text
            token(credentials.token.encode("utf-8", "surrogatepass"))


def cursor(data: bytes) -> None:
    """A cursor is refused, or it is a session's id."""
    text = _text(data)
    with suppress(InvalidInputError):
        assert inputs.check_cursor(text) == text
        assert inputs.check_id("session_id", text) == text


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {"token": token, "cookie": cookie, "cursor": cursor}


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
