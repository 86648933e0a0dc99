"""A handler's result with the headers that its session adds, in the form that the event's payload version takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

_OK: Final = 200
_SERVER_ERROR: Final = 500
_JSON: Final = "application/json"


def has_succeeded(result: object) -> bool:
    """Whether a handler's result is a success to the session: any but a status of 500 or above."""
    status = result.get("statusCode", _OK) if isinstance(result, Mapping) else _OK
    try:
        return int(status) < _SERVER_ERROR
    except (TypeError, ValueError):  # API Gateway answers 502
        return False


class Reply:
    """A copy of a result that headers can be added to; the handler's own object is left alone.

    A result without `statusCode` is what API Gateway takes it for in payload format 2.0: the body of a 200, a string as
    it is and anything else as JSON.

    Args:
        result: what the handler returned.
        multi_value: whether cookies go into `multiValueHeaders` (payload format 1.0) instead of `cookies`.

    Raises:
        TypeError: the result is not JSON. Lambda could not return it either.
    """

    def __init__(self, result: object, *, multi_value: bool) -> None:
        whole = isinstance(result, Mapping) and "statusCode" in result
        self._fields: dict[str, Any] = dict(result) if whole else _as_body(result)  # type: ignore[call-overload]
        self._multi_value = multi_value
        self._headers: dict[str, Any] = dict(self._fields.get("headers") or {})
        self._lists: dict[str, Any] = dict(self._fields.get("multiValueHeaders") or {})

    def keep_private(self, *, sets_cookie: bool) -> None:
        """Keep caches from giving this answer to anybody else: to nobody at all if it hands out a cookie."""
        if sets_cookie or not self._values("cache-control"):
            self._replace("Cache-Control", "no-store")
        vary = [part.strip() for value in self._values("vary") for part in value.split(",")]
        if not {"cookie", "*"} & {part.lower() for part in vary}:
            self._replace("Vary", ", ".join([*vary, "Cookie"]))

    def add_cookie(self, cookie: str) -> None:
        """Add a Set-Cookie header beside the handler's own."""
        if self._multi_value:
            own = self._values("set-cookie")
            self._remove("set-cookie")
            self._lists["Set-Cookie"] = [*own, cookie]
        else:
            self._fields["cookies"] = [*(self._fields.get("cookies") or []), cookie]

    def render(self) -> dict[str, Any]:
        """The result to return."""
        lists = {"multiValueHeaders": self._lists} if self._lists else {}
        return {**self._fields, "headers": self._headers, **lists}

    def _values(self, name: str) -> list[str]:
        single = [str(value) for key, value in self._headers.items() if key.lower() == name]
        return single + [str(value) for key, many in self._lists.items() if key.lower() == name for value in many]

    def _remove(self, name: str) -> None:
        for headers in (self._headers, self._lists):
            for key in [key for key in headers if key.lower() == name]:
                del headers[key]

    def _replace(self, name: str, value: str) -> None:
        self._remove(name.lower())
        self._headers[name] = value


def _as_body(result: object) -> dict[str, Any]:
    body = result if isinstance(result, str) else json.dumps(result, default=_plain)
    return {"statusCode": _OK, "headers": {"Content-Type": _JSON}, "body": body}


def _plain(value: object) -> object:
    """What Lambda's own encoder adds to JSON: a decimal as a number."""
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"a {type(value).__name__} is not JSON")
