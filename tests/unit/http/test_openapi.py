from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from session_store.http import openapi, schemas
from session_store.http.routes import BACKEND_ROUTES, Route

COMMITTED = Path(__file__).parents[3] / "docs" / "openapi.json"
DOCUMENTED = [route for route in BACKEND_ROUTES if not route.stands_for]


def test_the_committed_document_is_what_the_code_generates() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == openapi.render(), (
        "run: python -m session_store.http.openapi > docs/openapi.json"
    )


def test_the_document_is_valid_openapi_31() -> None:
    OpenAPIV31SpecValidator(openapi.build()).validate()


def test_the_document_has_every_route_and_no_other() -> None:
    documented = {
        f"{method.upper()} {path}": operation["operationId"]
        for path, operations in openapi.build()["paths"].items()
        for method, operation in operations.items()
    }
    assert documented == {route.key: route.operation_id for route in DOCUMENTED}


@pytest.mark.parametrize("route", DOCUMENTED, ids=lambda route: route.operation_id)
def test_an_operations_fields_are_those_its_handler_accepts(route: Route) -> None:
    assert tuple(schemas.BODY_FIELDS.get(route.operation_id, {})) == route.body
    required = schemas.REQUIRED_BODY_FIELDS.get(route.operation_id, ())
    assert set(required) <= set(route.body)


@pytest.mark.parametrize("route", DOCUMENTED, ids=lambda route: route.operation_id)
def test_every_operation_says_what_success_and_each_problem_look_like(route: Route) -> None:
    responses = openapi.build()["paths"][route.path][route.method.lower()]["responses"]
    assert {str(route.success), "400", "403", "429", "500", "503"} <= set(responses)
    assert ("413" in responses, "415" in responses) == (bool(route.body), bool(route.body))
    for status, response in responses.items():
        assert ("content" in response) == (status != "204")


def test_every_schema_is_a_valid_json_schema() -> None:
    for schema in [*schemas.COMPONENTS.values(), *schemas.ANSWERS.values(), *_parameters()]:
        Draft202012Validator.check_schema(schema)


def _parameters() -> list[dict[str, Any]]:
    return [*schemas.PATH_PARAMETERS.values(), *schemas.QUERY_PARAMETERS.values()]


def test_the_document_shows_no_hash_and_no_token_but_where_one_is_handed_out() -> None:
    text = json.dumps(openapi.build()["components"]["schemas"])
    assert "hash" not in text
    assert "token" not in text
