"""OpenAPI 3.1 documents, generated from routes and schemas. Nothing at run time imports this module.

`python -m session_store.api.backend_openapi` prints the back end's. `session_store.api.user_openapi` has the users',
`session_store.api.issuer_openapi` that of an issuer of access tokens.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import session_store
from session_store.api import schemas
from session_store.catalog.children import CHILD_ROUTES
from session_store.catalog.cost_texts import units
from session_store.catalog.customers import CUSTOMER_ROUTES
from session_store.catalog.sessions import SESSION_ROUTES
from session_store.kernel.problems import PROBLEM_JSON
from session_store.kernel.response import JSON

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from session_store.api.schemas import Schema
    from session_store.catalog.route import Route

_PATH_PARAMETER: Final = re.compile(r"{(\w+)}")
_REFERENCE: Final = re.compile('"#/components/schemas/(\\w+)"')
_DESCRIPTION: Final = """\
Sessions for serverless applications. For back ends: every request is signed with SigV4 (service `execute-api`).

Times are RFC 3339 in UTC. Errors are problem details (RFC 9457). No response may be cached. Unknown parameters and
fields are refused."""


@dataclass(frozen=True, slots=True)
class Group:
    """Operations that belong together. Generators make a module or a class of them.

    Attributes:
        name: the tag of its operations.
        description: what they are about.
        routes: the operations.
        security: the document's security schemes of which a caller uses one, None for any of them.
    """

    name: str
    description: str
    routes: Sequence[Route]
    security: Sequence[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The parts of a document.

    Attributes:
        groups: the operations.
        security: the security schemes by name, of which a caller uses one.
        gateway_answers: the responses that API Gateway gives by itself, by status.
    """

    title: str
    description: str
    groups: Sequence[Group]
    security: Mapping[str, Mapping[str, str]]
    gateway_answers: Mapping[int, str]


SIGV4: Final = {
    "type": "apiKey",
    "in": "header",
    "name": "Authorization",
    "description": "AWS Signature Version 4, service `execute-api`. The caller's IAM policy decides about each route.",
    "x-amazon-apigateway-authtype": "awsSigv4",
}
_SERVER: Final = {
    "url": "https://{api_id}.execute-api.{region}.amazonaws.com",
    "variables": {"api_id": {"default": "api-id"}, "region": {"default": "us-east-1"}},
}
OF_ALL: Final = {
    400: "A parameter or a field is not acceptable. `errors` names it.",
    500: "The service failed. Its log has the reason.",
    503: "DynamoDB cannot be reached, throttles (try again after `Retry-After` seconds), or is not set up right.",
}
_PROBLEM_HEADERS: Final = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}, "description": "The credentials that the request lacks."}},
    503: {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds. Missing if waiting does not help."}},
}
_OF_BODIES: Final = {413: "The body, or the session made of it, is too large.", 415: "The body is not JSON in UTF-8."}
_OF_THE_GATEWAY: Final = {403: "The request is not signed, or not allowed.", 429: "Too many requests."}

BACKEND: Final = Document(
    title="Session store",
    description=_DESCRIPTION,
    groups=(
        Group("Sessions", "One session, and the introspection of its token.", SESSION_ROUTES),
        Group("Child sessions", "Sessions of single applications under a session (single sign-on).", CHILD_ROUTES),
        Group("Customers", "All sessions and data of one customer.", CUSTOMER_ROUTES),
    ),
    security={"sigv4": SIGV4},
    gateway_answers=_OF_THE_GATEWAY,
)


def build(document: Document = BACKEND) -> dict[str, Any]:
    """The document as indented JSON text, as it is committed in `docs`."""
    paths: dict[str, dict[str, Any]] = {}
    for group in document.groups:
        for route in group.routes:
            operation = {"tags": [group.name], **_operation(route, document)}
            if group.security is not None:
                operation["security"] = [{name: []} for name in group.security]
            paths.setdefault(route.path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": document.title,
            "version": session_store.__version__,
            "description": document.description,
            "contact": {"name": "The maintainers"},
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [_SERVER],
        "tags": [{"name": group.name, "description": group.description} for group in document.groups],
        "security": [{name: []} for name in document.security],
        "paths": paths,
        "components": {"schemas": _components(paths, document), "securitySchemes": dict(document.security)},
    }


def render(document: Document = BACKEND) -> str:
    """The document as text, the same at each run."""
    return json.dumps(build(document), indent=2, ensure_ascii=False) + "\n"


def _operation(route: Route, document: Document) -> dict[str, Any]:
    described = (f"{pattern.summary} Costs: {units(pattern.costs)}." for pattern in route.patterns)
    operation: dict[str, Any] = {
        "operationId": route.operation_id,
        "summary": route.summary,
        "description": " ".join(described) or f"{route.summary}. Costs nothing of the table.",
    }
    if parameters := _parameters(route):
        operation["parameters"] = parameters
    if route.takes_body:
        operation["requestBody"] = _request_body(route)
    operation["responses"] = _responses(route, document)
    return operation


def _components(paths: Mapping[str, Any], document: Document) -> dict[str, Schema]:
    """The schemas that the document refers to, those of requests first."""
    requests = {
        _request_name(route): _request(route) for group in document.groups for route in group.routes if route.body
    }
    known = {**requests, **schemas.COMPONENTS}
    used: set[str] = set()
    text = json.dumps(paths)
    while found := set(_REFERENCE.findall(text)) - used:
        used |= found
        text = json.dumps([known[name] for name in found])
    return {name: schema for name, schema in known.items() if name in used}


def _parameters(route: Route) -> list[dict[str, Any]]:
    in_path = _PATH_PARAMETER.findall(route.path)
    return [
        *(_parameter(name, "path", _named(name, route, schemas.PATH_PARAMETERS), required=True) for name in in_path),
        *(
            _parameter(name, "query", _named(name, route, schemas.QUERY_PARAMETERS), required=False)
            for name in route.query
        ),
        *(
            _parameter(name, "header", _named(name, route, schemas.HEADERS), required=name in route.headers)
            for name in (*route.headers, *route.optional_headers)
        ),
    ]


def _parameter(name: str, place: str, schema: Schema, *, required: bool) -> dict[str, Any]:
    return {"name": name, "in": place, "required": required, "schema": schema}


def _named(name: str, route: Route, known: Mapping[str, Schema]) -> Schema:
    """The schema of a parameter or a field: that of its own name, unless the route says another."""
    return known[route.schemas.get(name, name)]


def _request_body(route: Route) -> dict[str, Any]:
    schema = schemas.reference(schemas.ANY_BODY if route.any_body else _request_name(route))
    required = bool(route.any_body or route.required or route.body_rule)
    return {"required": required, "content": {JSON: {"schema": schema}}}


def _request_name(route: Route) -> str:
    """The name of the body's schema. `createSession` takes a `CreateSessionRequest`."""
    return f"{route.operation_id[0].upper()}{route.operation_id[1:]}Request"


def _request(route: Route) -> Schema:
    """The schema of a body of known fields. A spelling mistake is refused."""
    schema: Schema = {
        "type": "object",
        "properties": {name: _named(name, route, schemas.FIELDS) for name in route.body},
        "additionalProperties": False,
    }
    if route.required:
        schema["required"] = list(route.required)
    if route.body_rule:
        schema |= schemas.BODY_RULES[route.body_rule]
    return schema


def _responses(route: Route, document: Document) -> dict[str, Any]:
    of_bodies = _OF_BODIES if route.takes_body else {}
    problems = {**OF_ALL, **of_bodies, **route.problems}
    responses = {route.success: _success(route)}
    responses |= {status: _problem(status, text) for status, text in problems.items()}
    responses |= {status: _gateway(text) for status, text in document.gateway_answers.items()}
    return {str(status): responses[status] for status in sorted(responses)}


def _success(route: Route) -> dict[str, Any]:
    headers = {name: schemas.ANSWER_HEADERS[name] for name in route.answer_headers}
    with_headers = {"headers": headers} if headers else {}
    if not route.answer:
        return {"description": "Done, or there was nothing to do.", **with_headers}
    content = {JSON: {"schema": schemas.reference(route.answer)}}
    return {"description": route.summary, **with_headers, "content": content}


def _problem(status: int, description: str) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": description,
        "content": {PROBLEM_JSON: {"schema": schemas.reference("Problem")}},
    }
    if status in _PROBLEM_HEADERS:
        response["headers"] = _PROBLEM_HEADERS[status]
    return response


def _gateway(description: str) -> dict[str, Any]:
    return {"description": description, "content": {JSON: {"schema": schemas.reference("GatewayMessage")}}}


if __name__ == "__main__":
    sys.stdout.write(render())
