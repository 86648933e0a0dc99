"""A browser in front of a handler: makes events as API Gateway and function URLs do, keeps cookies, reads results."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from session_store.kernel.cookies import COOKIE_NAME
from tests.support.reply import Reply
from tests.support.visitor import SAME_ORIGIN

Handler = Callable[[dict[str, Any], object], Any]


class Payload(StrEnum):
    """How the request reaches the function."""

    HTTP_API = "HTTP API, payload 2.0"
    EMBEDDED = "HTTP API of the embedded AWS"  # cookies in the header
    REST_API = "REST API, payload 1.0"
    FUNCTION_URL = "function URL"


@dataclass
class Browser:
    """One visitor."""

    handler: Handler
    payload: Payload = Payload.HTTP_API
    cookies: dict[str, str] = field(default_factory=dict)  # name -> value, as the answers have set them

    @property
    def token(self) -> str | None:
        return self.cookies.get(COOKIE_NAME)

    @token.setter
    def token(self, token: str) -> None:
        self.cookies[COOKIE_NAME] = token

    def get(self, **headers: str) -> Reply:
        return self.send("GET", headers)

    def post(self, **headers: str) -> Reply:
        """As a form on the site's own page does."""
        return self.send("POST", SAME_ORIGIN | headers)

    def send(self, method: str, headers: dict[str, str]) -> Reply:
        cookies = [f"{name}={value}" for name, value in self.cookies.items()]
        result = self.handler(event(method, headers, cookies, self.payload), None)
        page = read(result, self.payload)
        for cookie in page.set_cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
            if "Max-Age=0" in cookie:
                del self.cookies[name]
        return page


def event(method: str, headers: dict[str, str], cookies: list[str], payload: Payload) -> dict[str, Any]:
    """A request as the function gets it."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if payload is Payload.REST_API:
        sent = {name.title(): [value] for name, value in headers.items()}
        if cookies:
            sent["Cookie"] = ["; ".join(cookies)]
        last = {name: values[-1] for name, values in sent.items()}
        return {"httpMethod": method, "path": "/", "headers": last, "multiValueHeaders": sent, "body": None}
    if payload is Payload.EMBEDDED and cookies:
        headers["cookie"] = "; ".join(cookies)
    made: dict[str, Any] = {"version": "2.0", "rawPath": "/", "headers": {k.lower(): v for k, v in headers.items()}}
    made["requestContext"] = {"http": {"method": method, "path": "/"}}
    return made | {"cookies": [] if payload is Payload.EMBEDDED else cookies}


def read(result: Any, payload: Payload) -> Reply:
    """A result as API Gateway takes it; what it would answer 502 to fails the test."""
    if not isinstance(result, dict) or "statusCode" not in result:
        assert payload is not Payload.REST_API, "a REST API answers 502 to a result without statusCode"
        text = result if isinstance(result, str) else json.dumps(result)
        return Reply(200, {"content-type": "application/json"}, [], text, result)
    headers = {name.lower(): str(value) for name, value in (result.get("headers") or {}).items()}
    lists = {name.lower(): values for name, values in result.get("multiValueHeaders", {}).items()}
    if payload is Payload.REST_API:
        assert "cookies" not in result, "a REST API takes no list of cookies"
        cookies = lists.pop("set-cookie", [])
    else:
        assert not lists, "payload format 2.0 takes no lists of header values"
        cookies = result.get("cookies", [])
    json.dumps(result)  # what Lambda does with it
    return Reply(int(result["statusCode"]), headers, cookies, result.get("body") or "", result)
