"""Holds real answers against the OpenAPI document."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from session_store.api.backend_openapi import BACKEND, build
from session_store.api.user_openapi import USER


@cache
def documents() -> tuple[dict[str, Any], ...]:
    return build(BACKEND), build(USER)


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
