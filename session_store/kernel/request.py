"""One view of the events that API Gateway (payload format 2.0 and 1.0) and function URLs deliver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from session_store.errors import UnsupportedEventError


@dataclass(frozen=True, slots=True)
class Request:
    """What the session needs to know of a request. The event itself is left alone.

    Attributes:
        method: in capitals; empty when the event does not come from HTTP.
        headers: by name in lower case; several of one name are joined by a comma.
        cookies: the `name=value` pairs as they came, in order.
        multi_value: whether the answer takes lists of header values (payload format 1.0) instead of a list of cookies.
    """

    method: str
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    multi_value: bool

    @classmethod
    def from_event(cls, event: object) -> Request:
        """Read an event. What is not there, or not of HTTP, counts as empty.

        Raises:
            UnsupportedEventError: it is a request in another form. Half read, it could be taken for somebody else's,
                and its answer would lose the cookie.
        """
        fields: Mapping[str, Any] = event if isinstance(event, Mapping) else {}
        context = _mapping(fields.get("requestContext"))
        _check_supported(fields, context)
        headers = _headers(fields)
        http = _mapping(context.get("http"))
        return cls(
            method=str(http.get("method") or fields.get("httpMethod") or "").upper(),
            headers=headers,
            cookies=_cookies(fields, headers),
            multi_value="httpMethod" in fields or fields.get("version") == "1.0",
        )


def _check_supported(fields: Mapping[str, Any], context: Mapping[str, Any]) -> None:
    if "elb" in context:  # otherwise like payload format 1.0, but for where it looks for an answer's headers
        raise UnsupportedEventError("a load balancer")
    if "connectionId" in context:
        raise UnsupportedEventError("a WebSocket API")
    if "serviceNetworkArn" in context or "raw_path" in fields:
        raise UnsupportedEventError("VPC Lattice")
    if context and "http" not in context and "httpMethod" not in fields:
        raise UnsupportedEventError("an unknown service")


def _headers(fields: Mapping[str, Any]) -> dict[str, str]:
    """Names compare without case, so two spellings of one name are two values of it."""
    many = _mapping(fields.get("multiValueHeaders"))
    found: dict[str, str] = {}
    for name, value in (many or _mapping(fields.get("headers"))).items():
        lower = str(name).lower()
        separator = "; " if lower == "cookie" else ", "
        text = separator.join(map(str, value)) if many else str(value)
        found[lower] = f"{found[lower]}{separator}{text}" if lower in found else text
    return found


def _cookies(fields: Mapping[str, Any], headers: Mapping[str, str]) -> tuple[str, ...]:
    """From the list that payload format 2.0 has, or else from the header: never the same cookie from both."""
    listed = fields.get("cookies")
    if isinstance(listed, list) and listed:
        return tuple(pair for line in listed for pair in str(line).split(";"))
    line = headers.get("cookie")
    return tuple(line.split(";")) if line else ()


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
