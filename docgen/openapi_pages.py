"""Pages of the site that show the OpenAPI documents: a section for each operation, then the schemas."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from docgen.markdown import code, table
from docgen.reference_pages import FOLDER
from session_store.api import backend_openapi, issuer_openapi, user_openapi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

JSON = dict[str, Any]

_REFERENCE: Final = "#/components/schemas/"
# What a schema says about its values, with the words for it.
_LIMITS: Final = {
    "format": "{}",
    "const": "always `{}`",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "length at least {}",
    "maxLength": "length at most {}",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "default": "default `{}`",
}


def pages() -> Iterator[tuple[str, Callable[[], str]]]:
    """A page for each document: path and text."""
    yield f"{FOLDER}/backend-api.md", partial(_page, "HTTP API for back ends", backend_openapi.render, "openapi.json")
    users = partial(backend_openapi.render, user_openapi.USER)
    yield f"{FOLDER}/user-api.md", partial(_page, "HTTP API for end users", users, "openapi-user.json")
    issuer = partial(backend_openapi.render, issuer_openapi.ISSUER)
    yield f"{FOLDER}/issuer-api.md", partial(_page, "HTTP API of an issuer", issuer, "openapi-issuer.json")


def _page(title: str, render: Callable[[], str], file: str) -> str:
    document = json.loads(render())
    parts = [f"# {title}", document["info"]["description"], f"As a document for generators: [{file}](../docs/{file})."]
    for tag in document["tags"]:
        parts += [f"## {tag['name']}", tag["description"]]
        parts += _operations(document["paths"], tag["name"])
    parts.append("## Schemas")
    for name, schema in document["components"]["schemas"].items():
        parts += [f"### {name} {{#{_anchor(name)}}}", *_schema(schema)]
    return "\n\n".join((*parts, ""))


def _operations(paths: Mapping[str, JSON], tag: str) -> Iterator[str]:
    for path, methods in paths.items():
        for method, operation in methods.items():
            if tag in operation["tags"]:
                yield f"### {operation['operationId']}"
                yield f"`{method.upper()} {path}`: {operation['summary']}."
                yield operation["description"]
                yield from _request(operation)
                yield _responses(operation["responses"])


def _request(operation: JSON) -> Iterator[str]:
    rows = [
        (f"`{each['name']}`", each["in"], _type(each["schema"]), each.get("description", ""), _required(each))
        for each in operation.get("parameters", ())
    ]
    if rows:
        yield table(("parameter", "in", "type", "meaning", "required"), rows)
    if "requestBody" in operation:
        bodies = operation["requestBody"]["content"]
        yield "Body: " + ", ".join(f"{_type(body['schema'])} as `{kind}`" for kind, body in bodies.items()) + "."


def _required(parameter: JSON) -> str:
    return "yes" if parameter.get("required") else ""


def _responses(responses: Mapping[str, JSON]) -> str:
    rows = (
        (status, _meaning(answer), ", ".join(_type(body["schema"]) for body in answer.get("content", {}).values()))
        for status, answer in responses.items()
    )
    return table(("status", "meaning", "body"), rows)


def _meaning(answer: JSON) -> str:
    headers = "; ".join(f"`{name}`: {each.get('description', '')}" for name, each in answer.get("headers", {}).items())
    return f"{answer['description']}<br>{headers}" if headers else str(answer["description"])


def _schema(schema: JSON) -> Iterator[str]:
    if "description" in schema:
        yield schema["description"]
    if "properties" not in schema:
        yield f"Type: {_type(schema)}."
        return
    required = schema.get("required", ())
    rows = (
        (f"`{name}`", _type(each), each.get("description", ""), "yes" if name in required else "")
        for name, each in schema["properties"].items()
    )
    yield table(("field", "type", "meaning", "required"), rows)
    if "if" in schema:
        condition = " and ".join(
            f"`{name}` is `{json.dumps(each['const'])}`" for name, each in _properties(schema, "if")
        )
        yield f"If {condition}, then {_types(schema, 'then')}; else {_types(schema, 'else')}."


def _types(schema: JSON, branch: str) -> str:
    """The types of fields in a branch of a condition."""
    return " and ".join(f"`{name}` is of type {_type(each)}" for name, each in _properties(schema, branch))


def _properties(schema: JSON, branch: str) -> Iterable[tuple[str, JSON]]:
    properties: JSON = schema[branch]["properties"]
    return properties.items()


def _type(schema: JSON) -> str:
    """A schema in a few words, with a link where it has a section of its own."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_REFERENCE)
        return f"[{name}](#{_anchor(name)})"
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return " or ".join(map(_type, schema[several]))
    if "enum" in schema:
        return " or ".join(code([str(value)]) for value in schema["enum"])
    kinds = schema.get("type", "any value")
    name = " or ".join(kinds) if isinstance(kinds, list) else kinds
    of = f" of {_type(schema['items'])}" if "items" in schema else ""
    limits = [words.format(schema[key]) for key, words in _LIMITS.items() if key in schema]
    return ", ".join((name + of, *limits))


def _anchor(name: str) -> str:
    """Schemas have anchors of their own. An operation may have a schema's name."""
    return "schema-" + re.sub(r"\W", "-", name.lower())
