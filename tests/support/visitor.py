"""A user's client of the user routes: carries the token, and holds every answer against the OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from session_store.kernel.cookies import COOKIE_NAME
from tests.support.openapi import check_answer
from tests.support.reply import Reply

SAME_ORIGIN: Final = {"sec-fetch-site": "same-origin"}
_JSON: Final = {"content-type": "application/json"}


# Sends method, URL, headers and body.
Send = Callable[[str, str, Mapping[str, str], str], Reply]


@dataclass
class Visitor:
    """One user with one token."""

    send: Send = field(repr=False)
    token: str | None = None  # as the last answer has left it; None after the cookie was cleared
    bearer: bool = False  # whether the token goes into the header instead of the cookie

    def get(self, url: str, **headers: str) -> Reply:
        return self.call("GET", url, headers=headers)

    def call(
        self, method: str, url: str, json_body: Any = None, *, text: str = "", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send a request as the API's own pages do, unless other headers are given for that."""
        sent = {**_JSON, **({} if headers and "origin" in headers else SAME_ORIGIN), **(headers or {})}
        if self.token is not None:
            value = {"authorization": f"Bearer {self.token}"} if self.bearer else {"cookie": cookie_header(self.token)}
            sent = {**value, **sent}
        body = text if json_body is None else json.dumps(json_body)
        reply = self.send(method, url, {name: value for name, value in sent.items() if value}, body)
        self._check(method, url, reply)
        for cookie in reply.set_cookies:
            self.token = cookie.partition(";")[0].partition("=")[2] or None
        return reply

    def _check(self, method: str, url: str, reply: Reply) -> None:
        check_answer(method, url, reply.status, reply.headers.get("content-type"), reply.json)
        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["vary"] == "Authorization, Cookie"
        assert reply.status != 401 or reply.headers["www-authenticate"].startswith("Bearer")


def cookie_header(*tokens: str) -> str:
    """The header of a request with these session cookies, between cookies of the application's own."""
    session = "; ".join(f"{COOKIE_NAME}={token}" for token in tokens)
    return f"theme=dark; {session}; lang=en"
