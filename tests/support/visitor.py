"""A user's client: carries the token and the other cookies, and sends requests as the site's own pages do."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from session_store.settings import DEFAULT_COOKIE_NAME
from tests.support.reply import Reply

SAME_ORIGIN: Final = {"sec-fetch-site": "same-origin"}
_JSON: Final = {"content-type": "application/json"}


# Sends method, URL, headers and body.
Send = Callable[[str, str, Mapping[str, str], str], Reply]


@dataclass
class Visitor:
    """One user of a handler, the user routes, or what is deployed."""

    send: Send = field(repr=False)
    cookies: dict[str, str] = field(default_factory=dict, repr=False)  # name -> value, as the answers have left them
    bearer: bool = False  # whether the token goes into the header instead of the cookie
    from_own_page: bool = True  # whether the browser says that a page of the site sends the requests

    @property
    def token(self) -> str | None:
        """The session's; None after the cookie was cleared."""
        return self.cookies.get(DEFAULT_COOKIE_NAME)

    @token.setter
    def token(self, token: str) -> None:
        self.cookies[DEFAULT_COOKIE_NAME] = token

    def get(self, url: str = "/", **headers: str) -> Reply:
        return self.call("GET", url, headers=_named(headers))

    def post(self, url: str = "/", **headers: str) -> Reply:
        return self.call("POST", url, headers=_named(headers))

    def call(
        self,
        method: str,
        url: str = "/",
        json_body: Any = None,
        *,
        text: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send a request; a header that is given here wins, and an empty one is left out."""
        own = headers or {}
        page = SAME_ORIGIN if self.from_own_page and "origin" not in own else {}
        sent = {**_JSON, **self._identity(), **page, **own}
        body = text if json_body is None else json.dumps(json_body)
        reply = self.send(method, url, {name: value for name, value in sent.items() if value}, body)
        for cookie in reply.set_cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
            if "Max-Age=0" in cookie:
                del self.cookies[name]
        return reply

    def _identity(self) -> dict[str, str]:
        if self.bearer:
            return {"authorization": f"Bearer {self.token}"}
        pairs = [f"{name}={value}" for name, value in self.cookies.items()]
        return {"cookie": _among_others(pairs)} if pairs else {}


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def visitor_with(send: Send, token: str | None, *, bearer: bool = False) -> Visitor:
    """A user with a token."""
    return Visitor(send, {} if token is None else {DEFAULT_COOKIE_NAME: token}, bearer)


def cookie_header(*tokens: str) -> str:
    """The header of a request with these session cookies, between cookies of the application's own."""
    return _among_others([f"{DEFAULT_COOKIE_NAME}={token}" for token in tokens])


def _among_others(pairs: list[str]) -> str:
    return "; ".join(["theme=dark", *pairs, "lang=en"])
