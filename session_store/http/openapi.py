"""The OpenAPI 3.1 document, generated from routes and schemas. `python -m session_store.http.openapi` prints it.

Nothing at run time imports this module.
"""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any, Final

import session_store
from session_store.http import schemas
from session_store.http.answers import JSON
from session_store.http.problems import PROBLEM_JSON
from session_store.http.routes import BACKEND_ROUTES

if TYPE_CHECKING:
    from session_store.http.routes import Route

_PATH_PARAMETER: Final = re.compile(r"{(\w+)}")
_DESCRIPTION: Final = """\
Sessions for serverless applications. For back ends: every request is signed with SigV4 (service `execute-api`).

Times are RFC 3339 in UTC. Errors are problem details (RFC 9457). No answer may be cached. Parameters and fields that
are not known are refused."""
_SIGV4: Final = {
    "type": "apiKey",
    "in": "header",
    "name": "Authorization",
    "description": "AWS Signature Version 4, service `execute-api`; the caller's IAM policy decides about each route.",
    "x-amazon-apigateway-authtype": "awsSigv4",
}
_SERVER: Final = {
    "url": "https://{api_id}.execute-api.{region}.amazonaws.com",
    "variables": {"api_id": {"default": "api-id"}, "region": {"default": "us-east-1"}},
}
# Problems that only some operations have, beside those that all have.
_NOT_FOUND: Final = "There is no such live session."
_CONFLICT: Final = "Somebody else changed the session meanwhile; nothing was written."
_SPECIFIC: Final = {
    "createSession": {409: _CONFLICT},
    "getSession": {404: _NOT_FOUND},
    "updateSession": {404: _NOT_FOUND, 409: _CONFLICT},
    "createChildSession": {404: _NOT_FOUND, 409: _CONFLICT},
    "getChildSessions": {404: _NOT_FOUND},
    "getSessionByChildSession": {404: _NOT_FOUND},
    "getSessionOfCustomer": {404: _NOT_FOUND},
    "expireCustomerSessions": {404: "The session to keep is not a live one of this customer; nothing was ended."},
}
_OF_ALL: Final = {
    400: "A parameter or a field is not acceptable; `errors` names it.",
    500: "The service failed; its log says why.",
    503: "DynamoDB could not be reached, throttles (try again after `Retry-After` seconds), or is not set up right.",
}
_OF_BODIES: Final = {413: "The body, or the session made of it, is too large.", 415: "The body is not JSON in UTF-8."}
_OF_THE_GATEWAY: Final = {403: "The request is not signed, or not allowed.", 429: "Too many requests."}
_NO_CONTENT: Final = 204


def build() -> dict[str, Any]:
    """The document."""
    paths: dict[str, dict[str, Any]] = {}
    for route in BACKEND_ROUTES:
        if not route.stands_for:
            paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Session store",
            "version": session_store.__version__,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [_SERVER],
        "security": [{"sigv4": []}],
        "paths": paths,
        "components": {"schemas": dict(schemas.COMPONENTS), "securitySchemes": {"sigv4": _SIGV4}},
    }


def render() -> str:
    """The document as text, the same at each run."""
    return json.dumps(build(), indent=2, ensure_ascii=False) + "\n"


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.operation_id,
        "summary": route.summary,
        "description": " ".join(f"{pattern.summary} Costs: {pattern.units}." for pattern in route.patterns),
    }
    if parameters := _parameters(route):
        operation["parameters"] = parameters
    if route.body:
        operation["requestBody"] = _request_body(route)
    operation["responses"] = _responses(route)
    return operation


def _parameters(route: Route) -> list[dict[str, Any]]:
    in_path = [
        _parameter(name, "path", schemas.PATH_PARAMETERS[name], required=True)
        for name in _PATH_PARAMETER.findall(route.path)
    ]
    return in_path + [_parameter(name, "query", schemas.QUERY_PARAMETERS[name], required=False) for name in route.query]


def _parameter(name: str, place: str, schema: schemas.Schema, *, required: bool) -> dict[str, Any]:
    return {"name": name, "in": place, "required": required, "schema": schema}


def _request_body(route: Route) -> dict[str, Any]:
    fields = schemas.BODY_FIELDS[route.operation_id]
    required = schemas.REQUIRED_BODY_FIELDS.get(route.operation_id, ())
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: fields[name] for name in route.body},
        "additionalProperties": False,
    }
    if required:
        schema["required"] = list(required)
    return {"required": bool(required), "content": {JSON: {"schema": schema}}}


def _responses(route: Route) -> dict[str, Any]:
    problems = _OF_ALL | (_OF_BODIES if route.body else {}) | _SPECIFIC.get(route.operation_id, {})
    responses = {route.success: _success(route)}
    responses |= {status: _problem(status, text) for status, text in problems.items()}
    responses |= {status: _gateway(text) for status, text in _OF_THE_GATEWAY.items()}
    return {str(status): responses[status] for status in sorted(responses)}


def _success(route: Route) -> dict[str, Any]:
    if route.success == _NO_CONTENT:
        return {"description": "Done, or there was nothing to do."}
    return {"description": route.summary, "content": {JSON: {"schema": schemas.ANSWERS[route.operation_id]}}}


def _problem(status: int, description: str) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": description,
        "content": {PROBLEM_JSON: {"schema": schemas.reference("Problem")}},
    }
    if status == 503:  # noqa: PLR2004 - reads better than a name
        response["headers"] = {
            "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds; missing where waiting is no help."}
        }
    return response


def _gateway(description: str) -> dict[str, Any]:
    return {"description": description, "content": {JSON: {"schema": schemas.reference("GatewayMessage")}}}


if __name__ == "__main__":
    sys.stdout.write(render())
