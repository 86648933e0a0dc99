from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from session_store.api import schemas
from session_store.api.backend_openapi import BACKEND, Document, build
from session_store.api.issuer_openapi import ISSUER
from session_store.api.user_openapi import USER
from session_store.catalog.access_tokens import ISSUER_ROUTES
from session_store.catalog.route import Route
from session_store.catalog.routes import BACKEND_ROUTES, USER_ROUTES

DOCUMENTS = [BACKEND, USER, ISSUER]
EVERY_DOCUMENT = pytest.mark.parametrize("document", DOCUMENTS, ids=["back end", "users", "issuer"])
DOCUMENTED = [(route, BACKEND) for route in BACKEND_ROUTES]
DOCUMENTED += [(route, USER) for route in USER_ROUTES]
DOCUMENTED += [(route, ISSUER) for route in ISSUER_ROUTES]
EVERY_OPERATION = pytest.mark.parametrize(
    ("route", "document"), DOCUMENTED, ids=[route.operation_id for route, _ in DOCUMENTED]
)


@EVERY_DOCUMENT
def test_the_document_is_valid_openapi_31(document: Document) -> None:
    OpenAPIV31SpecValidator(build(document)).validate()


@EVERY_DOCUMENT
def test_the_document_has_every_route_and_no_other(document: Document) -> None:
    documented = {
        f"{method.upper()} {path}": operation["operationId"]
        for path, operations in build(document)["paths"].items()
        for method, operation in operations.items()
    }
    assert documented == {route.key: route.operation_id for route, its in DOCUMENTED if its is document}


def test_every_back_end_route_takes_only_signed_requests() -> None:
    document = build(BACKEND)
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert {str(operation.get("security", document["security"])) for operation in operations} == {"[{'sigv4': []}]"}


@EVERY_OPERATION
def test_a_route_speaks_of_its_own_fields_and_those_that_have_to_be_there_are_not_null(
    route: Route, document: Document
) -> None:
    assert set(route.required) <= set(route.body)
    assert set(route.schemas) <= {*route.body, *route.query}
    fields = [schemas.FIELDS[route.schemas.get(name, name)] for name in route.required]
    assert [field for field in fields if "null" in json.dumps(field)] == []


@pytest.mark.shows("N5")
def test_every_schema_is_one_of_a_route() -> None:
    routes = [route for route, _ in DOCUMENTED]
    named = {route.schemas.get(name, name) for route in routes for name in (*route.body, *route.query)}
    documented = {name for document in DOCUMENTS for name in build(document)["components"]["schemas"]}

    assert named == {*schemas.FIELDS, *schemas.QUERY_PARAMETERS}
    assert {name for route in routes for name in (*route.headers, *route.optional_headers)} == set(schemas.HEADERS)
    assert {name for route in routes for name in route.answer_headers} == set(schemas.ANSWER_HEADERS)
    assert {name for name in documented if not name.endswith("Request")} == set(schemas.COMPONENTS)


# Requirements of client generators, some of which `tests/clients` runs.


@EVERY_DOCUMENT
def test_every_object_has_a_name_and_answers_are_open_for_new_fields(document: Document) -> None:
    built = build(document)
    named = built["components"]["schemas"]
    assert "properties" not in _keys_in([built["paths"], [schema.get("properties") for schema in named.values()]])
    closed = {name for name, schema in named.items() if schema.get("additionalProperties") is False}
    assert closed == {name for name in named if name.endswith("Request")}


@EVERY_DOCUMENT
def test_answers_have_no_rules_that_generated_clients_would_check_after_the_call(document: Document) -> None:
    named = build(document)["components"]["schemas"]
    keys = _keys_in([schema for name, schema in named.items() if not name.endswith("Request")])
    assert keys & {"pattern", "minLength", "maxLength", "minimum", "maximum", "oneOf"} == set()


@EVERY_DOCUMENT
def test_every_operation_has_a_tag_that_is_described(document: Document) -> None:
    built = build(document)
    tags = [tag for path in built["paths"].values() for operation in path.values() for tag in operation["tags"]]
    assert set(tags) == {tag["name"] for tag in built["tags"] if tag["description"]}


@EVERY_DOCUMENT
def test_the_id_of_a_session_is_a_uuid_in_paths_and_bodies_alike(document: Document) -> None:
    built = build(document)
    operations = [operation for path in built["paths"].values() for operation in path.values()]
    places = [(each["name"], each["schema"]) for operation in operations for each in operation.get("parameters", ())]
    for schema in built["components"]["schemas"].values():
        places += schema.get("properties", {}).items()
    assert {schema.get("format") for name, schema in places if name.endswith("session_id")} == {"uuid"}


@EVERY_OPERATION
def test_every_operation_says_how_success_and_each_problem_look_and_who_is_refused(
    route: Route, document: Document
) -> None:
    responses = build(document)["paths"][route.path][route.method.lower()]["responses"]
    assert {str(route.success), "400", "429", "500", "503"} <= set(responses)
    assert ("413" in responses, "415" in responses) == (route.takes_body, route.takes_body)
    for status, response in responses.items():
        assert ("content" in response) == (status != "204")
    if document is BACKEND:
        assert "403" in responses
    elif document is USER:
        assert ("401" in responses) == (route.operation_id != "signOut")
        assert ("403" in responses) == (route.method != "GET" or route.path.startswith("/me"))


@EVERY_DOCUMENT
def test_every_schema_is_a_valid_json_schema(document: Document) -> None:
    for schema in _schemas_in(build(document)):
        Draft202012Validator.check_schema(schema)


def _schemas_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every schema of a document, components included."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from [part] if name == "schema" else part.values() if name == "schemas" else _schemas_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from _schemas_in(part)


def _keys_in(value: Any) -> set[str]:
    """The names of all that a document, or a part of one, holds at any depth."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set(value if isinstance(value, dict) else ()).union(*map(_keys_in, parts))


@EVERY_DOCUMENT
def test_the_document_shows_no_hash_and_no_token_but_where_one_is_handed_out(document: Document) -> None:
    named = build(document)["components"]["schemas"]
    assert "hash" not in json.dumps(named)
    with_token = {name for name, schema in named.items() if "token" in schema.get("properties", {})}
    assert with_token <= {"CreatedSession", "CreatedChildSession", "IntrospectTokenRequest", "Rotation"}
