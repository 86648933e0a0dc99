"""The layer between a visitor and a handler: events of API Gateway and function URLs, and their use of results."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from tests.support.reply import Reply
from tests.support.visitor import Send

Handler = Callable[[dict[str, Any], object], Any]


class Payload(StrEnum):
    """How the request reaches the function."""

    HTTP_API = "HTTP API, payload 2.0"
    EMBEDDED = "HTTP API of the embedded AWS"  # cookies in the header
    REST_API = "REST API, payload 1.0"
    FUNCTION_URL = "function URL"


def behind(handler: Handler, payload: Payload = Payload.HTTP_API) -> Send:
    """Sends requests to a function through API Gateway, or through its URL."""

    def send(method: str, url: str, headers: Mapping[str, str], body: str) -> Reply:
        sent = dict(headers)
        cookies = sent.pop("cookie").split("; ") if "cookie" in sent else []
        request = event(method, sent, cookies, payload, path=url, body=body or None)
        return read(handler(request, None), payload)

    return send


def event(
    method: str,
    headers: dict[str, str],
    cookies: list[str],
    payload: Payload,
    *,
    path: str = "/",
    body: str | None = None,
) -> dict[str, Any]:
    """A request as the function gets it."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if payload is Payload.REST_API:
        sent = {name.title(): [value] for name, value in headers.items()}
        if cookies:
            sent["Cookie"] = ["; ".join(cookies)]
        last = {name: values[-1] for name, values in sent.items()}
        return {"httpMethod": method, "path": path, "headers": last, "multiValueHeaders": sent, "body": body}
    if payload is Payload.EMBEDDED and cookies:
        headers["cookie"] = "; ".join(cookies)
    return {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "headers": {name.lower(): value for name, value in headers.items()},
        "cookies": [] if payload is Payload.EMBEDDED else cookies,
        "requestContext": {"http": {"method": method, "path": path}},
        "body": body,
    }


def get(**fields: Any) -> dict[str, Any]:
    """The least that a request consists of, with further fields of the event."""
    return {"requestContext": {"http": {"method": "GET"}}, **fields}


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
