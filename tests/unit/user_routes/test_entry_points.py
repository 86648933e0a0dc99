"""The files that Lambda imports for the user routes and the authorizer."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from session_store import StoreConfigurationError
from session_store.catalog.functions import Function
from session_store.catalog.routes import USER_FUNCTIONS, routes_of
from session_store.testing import in_memory_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from session_store import SessionStore

ENTRY_POINTS = Path(__file__).parents[3] / "lambda"
# What only documents, tests or deployments need.
NOT_IMPORTED = {
    "session_store.api.backend_openapi",
    "session_store.api.schemas",
    "session_store.catalog.cost_texts",
    "session_store.catalog.permissions",
    "session_store.api.user_openapi",
    "aws_cdk",
    "boto3",
}


def load(function: Function) -> Any:
    spec = importlib.util.spec_from_file_location(f"entry_{function.value}", ENTRY_POINTS / f"{function.value}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[SessionStore]:
    """The deployment's store, on today's clock as the functions are; the environment is what the constructs write."""
    for name, value in {
        "TABLE_NAME": "sessions",
        "SESSION_MAX_AUTH_AGE": "60",
        "SESSION_ALLOWED_ORIGINS": '["https://app.example.com"]',
        "SESSION_DATA_KEYS": '["theme"]',
        "SESSION_CONTEXT_DATA_KEYS": '["role"]',
        "SESSION_BEARER_ONLY": "true",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }.items():
        monkeypatch.setenv(name, value)
    with in_memory_store() as store:
        yield store


def test_there_is_one_file_per_function() -> None:
    assert {path.stem for path in ENTRY_POINTS.glob("*.py")} == {function.value for function in Function}


@pytest.mark.parametrize("function", USER_FUNCTIONS)
@pytest.mark.usefixtures("store")
def test_an_entry_point_serves_its_functions_routes(function: Function) -> None:
    handler = load(function).handler
    for route in routes_of(function):
        answer = handler({"routeKey": route.key, "queryStringParameters": {"no-such": "1"}}, None)
        assert (answer["statusCode"], json.loads(answer["body"])["errors"][0]["field"]) == (400, "no-such")
    assert handler({"routeKey": "GET /elsewhere"}, None)["statusCode"] == 404


def test_the_user_routes_take_their_rules_from_the_environment(store: SessionStore) -> None:
    token = store.create_session("ana", data={"theme": "dark", "role": "admin"}).token
    handler = load(Function.USER_SESSION).handler
    event = {
        "routeKey": "PATCH /session",
        "requestContext": {"http": {"method": "PATCH"}},
        "cookies": [f"__Host-session={token}"],
    }
    headers = {"content-type": "application/json", "origin": "https://app.example.com"}

    answer = handler({**event, "headers": headers, "body": '{"data": {}}'}, None)

    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["data"] == {"theme": "dark"}
    assert handler({**event, "headers": {}}, None)["statusCode"] == 403


def test_the_authorizer_takes_its_rules_from_the_environment(store: SessionStore) -> None:
    created = store.create_session("ana", data={"theme": "dark", "role": "admin"})
    handler = load(Function.AUTHORIZER).handler

    by_header = handler({"headers": {"authorization": f"Bearer {created.token}"}}, None)

    context = {"session_id": created.session.session_id, "customer_id": "ana", "role": "admin"}
    assert by_header == {"isAuthorized": True, "context": context}
    assert not handler({"cookies": [f"__Host-session={created.token}"]}, None)["isAuthorized"]


@pytest.mark.parametrize("function", [*USER_FUNCTIONS, Function.AUTHORIZER])
def test_without_a_table_name_the_function_does_not_start(function: Function, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TABLE_NAME", raising=False)
    with pytest.raises(StoreConfigurationError, match="TABLE_NAME"):
        load(function)


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("function", "name"), [(Function.USER_SESSION, "SESSION_DATA_KEYS"), (Function.AUTHORIZER, "SESSION_BEARER_ONLY")]
)
def test_a_rule_that_cannot_be_read_stops_the_function(
    function: Function, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "[")
    with pytest.raises(StoreConfigurationError, match=name):
        load(function)


@pytest.mark.parametrize(
    "module", ["session_store.api.user_dispatcher", "session_store.adapters.aws_lambda.authorizer"]
)
def test_the_functions_import_nothing_that_they_do_not_need(module: str) -> None:
    program = f"import sys, {module}; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert NOT_IMPORTED.isdisjoint(done.stdout.split())
