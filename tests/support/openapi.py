"""Holds real answers against the OpenAPI documents, more strictly than the documents themselves.

They leave answers open, so that a new field breaks no client of today. Ours have the fields of today and no others.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from session_store.api.backend_openapi import BACKEND, build
from session_store.api.issuer_openapi import ISSUER
from session_store.api.user_openapi import USER


@cache
def documents() -> tuple[dict[str, Any], ...]:
    return closed(build(BACKEND)), closed(build(USER)), closed(build(ISSUER))


def closed(part: Any) -> Any:
    """A document, or a part of one: times are in UTC, objects have no other fields unless it allows them."""
    if isinstance(part, list):
        return [closed(each) for each in part]
    if not isinstance(part, dict):
        return part
    stricter: dict[str, Any] = {}
    if part.get("type") == "object" and "properties" in part:
        stricter = {"additionalProperties": False}
    elif part.get("format") == "date-time":
        stricter = {"pattern": "Z$"}
    return stricter | {name: closed(value) for name, value in part.items()}


def find_operation(method: str, url: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The operation that a request is for, and its document; the path may hold a percent-encoded slash."""
    path = url.partition("?")[0]
    for document in documents():
        for template, operations in document["paths"].items():
            if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path) and method.lower() in operations:
                return operations[method.lower()], document
    raise LookupError(f"no operation for {method} {path}")


def check_answer(method: str, url: str, status: int, content_type: str | None, body: Any) -> None:
    """Fail unless the document has this status for the operation, with this media type and a schema that fits."""
    operation, document = find_operation(method, url)
    response = operation["responses"][str(status)]
    if "content" not in response:
        assert body is None
        return
    media_type = (content_type or "").partition(";")[0].strip()
    assert media_type in response["content"], f"{status} with media type {media_type!r}"
    schema = response["content"][media_type]["schema"] | {"components": document["components"]}
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(body)
