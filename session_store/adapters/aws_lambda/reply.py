"""A handler's result with the headers that its session adds, in the form that the event's payload version takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from session_store.adapters.aws_lambda.result_headers import TOKEN_HEADERS, ResultHeaders

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
        fields = result if isinstance(result, Mapping) and "statusCode" in result else _as_body(result)
        self._headers = ResultHeaders(fields)
        self._multi_value = multi_value
        self._cookies: list[str] = []

    def keep_private(self, *, hands_out_token: bool) -> None:
        """Keep caches from giving this answer to anybody else: to nobody at all if it hands out (or takes) a token."""
        if hands_out_token or not self._headers.values("Cache-Control"):
            self._headers.forbid_storing()
        self._headers.vary_by(*TOKEN_HEADERS)

    def add_cookie(self, cookie: str) -> None:
        """Add a Set-Cookie header beside the handler's own."""
        if self._multi_value:
            self._headers.add_to_list("Set-Cookie", cookie)
        else:
            self._cookies.append(cookie)

    def render(self) -> dict[str, Any]:
        """The result to return."""
        result = self._headers.result()
        return result | {"cookies": [*(result.get("cookies") or []), *self._cookies]} if self._cookies else result


def _as_body(result: object) -> dict[str, Any]:
    body = result if isinstance(result, str) else json.dumps(result, default=_plain)
    return {"statusCode": _OK, "headers": {"Content-Type": _JSON}, "body": body}


def _plain(value: object) -> object:
    """What Lambda's own encoder adds to JSON: a decimal as a number."""
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"a {type(value).__name__} is not JSON")
