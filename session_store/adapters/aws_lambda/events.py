"""The events that API Gateway (payload format 2.0 and 1.0) and function URLs deliver, as requests."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

from session_store.errors import UnsupportedEventError
from session_store.kernel.request import Request


class Payload(Enum):
    """The payload format of an event, and so of its result."""

    V1 = auto()  # lists of header values in `multiValueHeaders`
    V2 = auto()  # a list of `cookies`, and one text for each other header


def payload_of(event: object) -> Payload:
    """The payload format. What is no event of HTTP counts as 2.0."""
    fields = _mapping(event)
    return Payload.V1 if "httpMethod" in fields or fields.get("version") == "1.0" else Payload.V2


def request_of(event: object) -> Request:
    """Read an event. What is not there, or not of HTTP, counts as empty. The event itself is left alone.

    Raises:
        UnsupportedEventError: it is a request in another form. Half read, it could be taken for another visitor's,
            and its response would lose the cookie.
    """
    fields = _mapping(event)
    context = _mapping(fields.get("requestContext"))
    _check_supported(fields, context)
    method = _mapping(context.get("http")).get("method") or fields.get("httpMethod") or ""
    cookies = fields.get("cookies")
    lines = list(map(str, cookies)) if isinstance(cookies, list) else ()
    return Request.of(str(method), _header_fields(fields), lines)


def _check_supported(fields: Mapping[str, Any], context: Mapping[str, Any]) -> None:
    if "elb" in context:  # otherwise like payload format 1.0, but for where it looks for a response's headers
        raise UnsupportedEventError("a load balancer")
    if "connectionId" in context:
        raise UnsupportedEventError("a WebSocket API")
    if "serviceNetworkArn" in context or "raw_path" in fields:
        raise UnsupportedEventError("VPC Lattice")
    if context and "http" not in context and "httpMethod" not in fields:
        raise UnsupportedEventError("an unknown service")


def _header_fields(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Payload format 1.0 has each header twice: the lists alone have all of its values."""
    if many := _mapping(fields.get("multiValueHeaders")):
        return [(str(name), str(value)) for name, values in many.items() for value in values]
    return [(str(name), str(value)) for name, value in _mapping(fields.get("headers")).items()]


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
