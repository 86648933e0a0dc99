"""OpenAPI 3.1 documents, generated from routes and schemas. Nothing at run time imports this module.

`python -m session_store.api.backend_openapi` prints the back end's; `session_store.api.user_openapi` has the users'.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import session_store
from session_store.api import schemas
from session_store.catalog.routes import BACKEND_ROUTES
from session_store.kernel.problems import PROBLEM_JSON
from session_store.kernel.response import JSON

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from session_store.api.schemas import Schema
    from session_store.catalog.routes import Route

_PATH_PARAMETER: Final = re.compile(r"{(\w+)}")
_DESCRIPTION: Final = """\
Sessions for serverless applications. For back ends: every request is signed with SigV4 (service `execute-api`).

Times are RFC 3339 in UTC. Errors are problem details (RFC 9457). No answer may be cached. Parameters and fields that
are not known are refused."""
_NO_CONTENT: Final = 204


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a document is made of.

    Attributes:
        security: the security schemes by name; any one of them will do.
        components: the schemas by name.
        body_fields: by operation id, the fields of its body.
        required_body_fields: by operation id, those that have to be there.
        whole_bodies: by operation id, the schema of a body that may have any fields.
        answers: by operation id, the body of a successful answer; 204 has none.
        answer_headers: by operation id, headers of a successful answer.
        problems: by operation id, what its problems by status mean, beside those of all operations.
        problems_of_all: the same for all operations.
        gateway_answers: what API Gateway answers by itself, by status.
    """

    title: str
    description: str
    routes: Sequence[Route]
    security: Mapping[str, Mapping[str, str]]
    components: Mapping[str, Schema]
    body_fields: Mapping[str, Mapping[str, Schema]]
    required_body_fields: Mapping[str, Sequence[str]]
    whole_bodies: Mapping[str, Schema] = field(default_factory=dict)
    answers: Mapping[str, Schema]
    answer_headers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    query_parameters: Mapping[str, Mapping[str, Schema]] = field(default_factory=dict)
    problems: Mapping[str, Mapping[int, str]]
    problems_of_all: Mapping[int, str]
    gateway_answers: Mapping[int, str]


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
    "getSessionByChild": {404: _NOT_FOUND},
    "getCustomerSession": {404: _NOT_FOUND},
    "endCustomerSessions": {404: "The session to keep is not a live one of this customer; nothing was ended."},
}
OF_ALL: Final = {
    400: "A parameter or a field is not acceptable; `errors` names it.",
    500: "The service failed; its log says why.",
    503: "DynamoDB could not be reached, throttles (try again after `Retry-After` seconds), or is not set up right.",
}
_PROBLEM_HEADERS: Final = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}, "description": "What the caller lacks."}},
    503: {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds; missing where waiting is no help."}},
}
_OF_BODIES: Final = {413: "The body, or the session made of it, is too large.", 415: "The body is not JSON in UTF-8."}
_OF_THE_GATEWAY: Final = {403: "The request is not signed, or not allowed.", 429: "Too many requests."}

BACKEND: Final = Document(
    title="Session store",
    description=_DESCRIPTION,
    routes=BACKEND_ROUTES,
    security={"sigv4": _SIGV4},
    components=schemas.COMPONENTS,
    body_fields=schemas.BODY_FIELDS,
    required_body_fields=schemas.REQUIRED_BODY_FIELDS,
    answers=schemas.ANSWERS,
    problems=_SPECIFIC,
    problems_of_all=OF_ALL,
    gateway_answers=_OF_THE_GATEWAY,
)


def build(document: Document = BACKEND) -> dict[str, Any]:
    """The document as JSON."""
    paths: dict[str, dict[str, Any]] = {}
    for route in document.routes:
        if not route.stands_for:
            paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, document)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": document.title,
            "version": session_store.__version__,
            "description": document.description,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [_SERVER],
        "security": [{name: []} for name in document.security],
        "paths": paths,
        "components": {"schemas": dict(document.components), "securitySchemes": dict(document.security)},
    }


def render(document: Document = BACKEND) -> str:
    """The document as text, the same at each run."""
    return json.dumps(build(document), indent=2, ensure_ascii=False) + "\n"


def _operation(route: Route, document: Document) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.operation_id,
        "summary": route.summary,
        "description": " ".join(f"{pattern.summary} Costs: {pattern.units}." for pattern in route.patterns),
    }
    if parameters := _parameters(route, document.query_parameters.get(route.operation_id, {})):
        operation["parameters"] = parameters
    if route.body or route.any_body:
        operation["requestBody"] = _request_body(route, document)
    operation["responses"] = _responses(route, document)
    return operation


def _parameters(route: Route, query: Mapping[str, Schema]) -> list[dict[str, Any]]:
    in_path = [
        _parameter(name, "path", schemas.PATH_PARAMETERS[name], required=True)
        for name in _PATH_PARAMETER.findall(route.path)
    ]
    known = {**schemas.QUERY_PARAMETERS, **query}
    in_query = [_parameter(name, "query", known[name], required=False) for name in route.query]
    in_header = [_parameter(name, "header", schemas.HEADERS[name], required=True) for name in route.headers]
    return in_path + in_query + in_header


def _parameter(name: str, place: str, schema: Schema, *, required: bool) -> dict[str, Any]:
    return {"name": name, "in": place, "required": required, "schema": schema}


def _request_body(route: Route, document: Document) -> dict[str, Any]:
    if route.any_body:
        return {"required": True, "content": {JSON: {"schema": document.whole_bodies[route.operation_id]}}}
    fields = document.body_fields[route.operation_id]
    required = document.required_body_fields.get(route.operation_id, ())
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: fields[name] for name in route.body},
        "additionalProperties": False,
    }
    if required:
        schema["required"] = list(required)
    return {"required": bool(required), "content": {JSON: {"schema": schema}}}


def _responses(route: Route, document: Document) -> dict[str, Any]:
    of_bodies = _OF_BODIES if route.body or route.any_body else {}
    problems = {**document.problems_of_all, **of_bodies, **document.problems.get(route.operation_id, {})}
    responses = {route.success: _success(route, document)}
    responses |= {status: _problem(status, text) for status, text in problems.items()}
    responses |= {status: _gateway(text) for status, text in document.gateway_answers.items()}
    return {str(status): responses[status] for status in sorted(responses)}


def _success(route: Route, document: Document) -> dict[str, Any]:
    headers = document.answer_headers.get(route.operation_id)
    with_headers = {"headers": dict(headers)} if headers else {}
    if route.success == _NO_CONTENT:
        return {"description": "Done, or there was nothing to do.", **with_headers}
    content = {JSON: {"schema": document.answers[route.operation_id]}}
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
