"""The events that API Gateway (payload format 2.0 and 1.0) and function URLs deliver, as requests."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

from session_store.errors import UnsupportedEventError, shorten
from session_store.kernel.request import Request


class Payload(Enum):
    """The payload format of an event, and so of its result."""

    V1 = auto()  # lists of header values in `multiValueHeaders`
    V2 = auto()  # a list of `cookies`, and one text for each other header


def payload_of(event: Mapping[str, Any]) -> Payload:
    """The payload format of a request."""
    return Payload.V1 if "httpMethod" in event or event.get("version") == "1.0" else Payload.V2


def method_of(event: Mapping[str, Any]) -> str:
    """The method of a request, empty for an event that is none."""
    http = _mapping(_mapping(event.get("requestContext")).get("http"))
    return str(http.get("method") or event.get("httpMethod") or "")


def names_of(event: object) -> dict[str, str]:
    """The id and the route of a request, for logs. Its path is not among them: it may hold a customer's id.

    Payload format 1.0 has a resource in place of the route's key. An event that is no request has none of them.
    """
    fields = _mapping(event)
    route = fields.get("routeKey") or f"{fields.get('httpMethod') or ''} {fields.get('resource') or ''}".strip()
    request_id = _mapping(fields.get("requestContext")).get("requestId") or ""
    return {"request_id": shorten(str(request_id)), "route": shorten(str(route))}


def request_of(event: object) -> Request:
    """Read an event. Headers and cookies that are not there count as empty. The event itself is left alone.

    Raises:
        UnsupportedEventError: it is no request, or one in another form. Taken for a request without headers it would
            be a visitor's whom no check concerns. Half read, it could be taken for another visitor's, and its response
            would lose the cookie.
    """
    if not isinstance(event, Mapping):
        raise UnsupportedEventError(problem=f"an object of type {type(event).__name__} is not an event")
    _check_supported(event, _mapping(event.get("requestContext")))
    method = method_of(event)
    if not method:
        raise UnsupportedEventError(problem="the event is not a request: it has no HTTP method")
    return Request.of(method, _header_fields(event), list(map(str, _part(event, "cookies", list, []))))


def _check_supported(fields: Mapping[str, Any], context: Mapping[str, Any]) -> None:
    if "elb" in context:  # otherwise like payload format 1.0, but for where it looks for a response's headers
        raise UnsupportedEventError("a load balancer")
    if "connectionId" in context:
        raise UnsupportedEventError("a WebSocket API")
    if "serviceNetworkArn" in context or "raw_path" in fields:
        raise UnsupportedEventError("VPC Lattice")
    if context and "http" not in context and "httpMethod" not in fields:
        raise UnsupportedEventError


def _header_fields(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Payload format 1.0 has each header twice. The lists alone have all of its values."""
    if many := _part(fields, "multiValueHeaders", Mapping, {}):
        if not all(isinstance(values, list) for values in many.values()):
            raise UnsupportedEventError(problem="multiValueHeaders of the event are no lists")
        return [(str(name), str(value)) for name, values in many.items() for value in values]
    return [(str(name), str(value)) for name, value in _part(fields, "headers", Mapping, {}).items()]


def _part(fields: Mapping[str, Any], name: str, kind: type[Any], missing: Any) -> Any:  # noqa: ANN401 - as it came
    """A part of an event that may be missing, or null. Of another type it holds what is not understood."""
    value = fields.get(name)
    if value is None:
        return missing
    if not isinstance(value, kind):
        raise UnsupportedEventError(problem=f"{name} of the event is an object of type {type(value).__name__}")
    return value


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
