"""The files that Lambda imports."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from session_store import SessionStore, StoreConfigurationError
from session_store.catalog.functions import Function
from session_store.catalog.routes import BACKEND_FUNCTIONS, routes_of

if TYPE_CHECKING:
    from session_store.testing import MovableClock

ENTRY_POINTS = Path(__file__).parents[3] / "lambda"
# Left out of the functions' way: what only documents, tests or deployments need.
NOT_IMPORTED = (
    "session_store.api.backend_openapi",
    "session_store.api.schemas",
    "session_store.catalog.cost_texts",
    "session_store.catalog.permissions",
    "jsonschema",
    "aws_cdk",
    "moto",
    "boto3",
)


def load(function: Function) -> Any:
    spec = importlib.util.spec_from_file_location(f"entry_{function.value}", ENTRY_POINTS / f"{function.value}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def deployed(session_store: SessionStore, monkeypatch: pytest.MonkeyPatch) -> SessionStore:
    """The environment that the constructs give the functions, on the table of `session_store`."""
    for name, value in {
        "TABLE_NAME": "sessions",
        "SESSION_IDLE_TIMEOUT": "60",
        "SESSION_ABSOLUTE_TIMEOUT": "120",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }.items():
        monkeypatch.setenv(name, value)
    return session_store


@pytest.mark.parametrize("function", BACKEND_FUNCTIONS)
def test_an_entry_point_serves_its_functions_routes(function: Function, deployed: SessionStore) -> None:
    handler = load(function).handler
    for route in routes_of(function):
        if not route.stands_for:
            answer = handler({"routeKey": route.key, "queryStringParameters": {"no-such": "1"}}, None)
            assert (answer["statusCode"], json.loads(answer["body"])["errors"][0]["field"]) == (400, "no-such")
    assert handler({"routeKey": "GET /elsewhere"}, None)["statusCode"] == 404


def test_an_entry_point_takes_its_settings_from_the_environment(deployed: SessionStore) -> None:
    answer = load(Function.CREATE).handler({"routeKey": "POST /sessions"}, None)
    session = json.loads(answer["body"])["session"]
    stored = deployed.get_session(session["session_id"])
    assert stored is not None
    assert (stored.expires_at - stored.created_at).total_seconds() == 60
    assert (stored.absolute_expires_at - stored.created_at).total_seconds() == 120


def test_a_stolen_token_is_counted_as_a_metric_of_the_table(
    deployed: SessionStore,
    session_clock: MovableClock,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "introspect")
    session_clock.set(datetime.now(UTC) - timedelta(minutes=1))  # the function goes by the machine's clock
    created = deployed.create_session("ABC")
    new_token = deployed.rotate(created.token).token or pytest.fail("not rotated")
    deployed.validate(new_token)
    event = {
        "routeKey": "POST /sessions/introspect",
        "headers": {"content-type": "application/json"},
        "body": json.dumps({"token": created.token}),
    }
    answer = load(Function.INTROSPECT).handler(event, None)
    assert answer["body"] == '{"active":false}'
    line = json.loads(capsys.readouterr().out)
    assert (line["TokenReused"], line["TableName"], line["session_id"]) == (1, "sessions", created.session.session_id)
    assert line["_aws"]["CloudWatchMetrics"] == [
        {
            "Namespace": "SessionStore",
            "Dimensions": [["TableName"]],
            "Metrics": [{"Name": "TokenReused", "Unit": "Count"}],
        }
    ]


def test_without_a_table_name_the_function_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TABLE_NAME", raising=False)
    with pytest.raises(StoreConfigurationError, match="TABLE_NAME"):
        load(Function.READ)


def test_the_functions_import_nothing_that_they_do_not_need() -> None:
    program = "import sys, session_store.api.dispatcher; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert set(done.stdout.split()).isdisjoint(NOT_IMPORTED)
