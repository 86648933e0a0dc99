"""Results of functions, in the form that the event's payload format takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from session_store.adapters.aws_lambda.events import Payload

if TYPE_CHECKING:
    from collections.abc import Iterable

    from session_store.kernel.response import Response

_OK: Final = 200
_BAD_GATEWAY: Final = 502
_JSON: Final = "application/json"
_SET_COOKIE: Final = "set-cookie"
_SINGLE: Final = "headers"
_LISTS: Final = "multiValueHeaders"
_HEADERS: Final = frozenset({_SINGLE, _LISTS})


def render(response: Response, payload: Payload = Payload.V2) -> dict[str, Any]:
    """A response of our own as a result."""
    result: dict[str, Any] = {"statusCode": response.status, **_placed(response.headers, payload, {})}
    return result if response.body is None else result | {"body": response.body}


class Result:
    """A handler's result, to be returned with other headers. The handler's own object is left alone.

    A result without `statusCode` is what API Gateway takes it for in payload format 2.0: the body of a 200, a string as
    it is and anything else as JSON.

    Args:
        result: what the handler returned.

    Attributes:
        status: its status. 502 for one that is no number, which is what API Gateway answers to it.
        headers: names and values in order. A name may stand several times.

    Raises:
        TypeError: the result is not JSON. Lambda could not return it either.
    """

    def __init__(self, result: object) -> None:
        self._fields = result if isinstance(result, Mapping) and "statusCode" in result else _as_body(result)
        self.status = _status(self._fields["statusCode"])
        self.headers = header_fields(self._fields)

    def with_headers(self, headers: Iterable[tuple[str, str]], payload: Payload) -> dict[str, Any]:
        """The handler's result with these headers in place of its own."""
        return with_headers(self._fields, headers, payload)


def header_fields(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A result's headers, wherever it keeps them. A pair that stands in both places counts once."""
    listed = [(name, value) for name, values in (result.get(_LISTS) or {}).items() for value in values]
    single = list((result.get(_SINGLE) or {}).items())
    if not listed:
        return single
    known = {(name.lower(), value) for name, value in listed}
    return [(name, value) for name, value in single if (name.lower(), value) not in known] + listed


def with_headers(result: Mapping[str, Any], headers: Iterable[tuple[str, str]], payload: Payload) -> dict[str, Any]:
    """A result with these headers in place of its own."""
    others = {key: value for key, value in result.items() if key not in _HEADERS}
    return others | _placed(headers, payload, others)


def _placed(headers: Iterable[tuple[str, str]], payload: Payload, others: Mapping[str, Any]) -> dict[str, Any]:
    """The headers where the payload format looks for them: of a name that stands several times all values reach it."""
    names: dict[str, str] = {}
    values: dict[str, list[str]] = {}
    for name, value in headers:
        lower = name.lower()
        names.setdefault(lower, name)
        values.setdefault(lower, []).append(value)
    placed: dict[str, Any] = {_SINGLE: {}}
    for lower, name in names.items():
        if payload is Payload.V2 and lower == _SET_COOKIE:
            placed["cookies"] = [*(others.get("cookies") or []), *values[lower]]
        elif len(values[lower]) == 1 and lower != _SET_COOKIE:
            placed[_SINGLE][name] = values[lower][0]
        elif payload is Payload.V2:
            placed[_SINGLE][name] = ", ".join(map(str, values[lower]))
        else:
            placed.setdefault(_LISTS, {})[name] = values[lower]
    return placed


def _status(value: object) -> int:
    try:
        return int(value)  # type: ignore[call-overload,no-any-return]  # what is none raises
    except (TypeError, ValueError):
        return _BAD_GATEWAY


def _as_body(result: object) -> dict[str, Any]:
    body = result if isinstance(result, str) else json.dumps(result, default=_plain)
    return {"statusCode": _OK, "headers": {"Content-Type": _JSON}, "body": body}


def _plain(value: object) -> object:
    """A decimal as a number, as Lambda's own encoder writes it."""
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"a {type(value).__name__} is not JSON")
