"""The files that Lambda imports."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from local.paths import ROOT
from session_store import SessionStore, StoreConfigurationError, StoreUnavailableError
from session_store.catalog.access_tokens import ISSUER_ROUTES
from session_store.catalog.functions import Function
from session_store.catalog.permissions import EVERY_ROUTE, OF_STREAMS
from session_store.catalog.routes import BACKEND_FUNCTIONS, USER_FUNCTIONS, routes_of
from session_store.catalog.sign_in import SIGN_IN_FUNCTIONS
from session_store.jwt.agreed import DISCOVERY_PATH
from tests.support.lambda_events import get
from tests.unit.gateway import requests_of

ENTRY_POINTS = ROOT / "lambda"
KEY = "arn:aws:kms:us-east-1:123456789012:key/018f0000-0000-4000-8000-000000000000"
OF_AN_ISSUER = {
    "SESSION_JWT_ISSUER": "https://api.example.com",
    "SESSION_JWT_AUDIENCES": '["orders"]',
    "SESSION_JWT_KEY": KEY,
    "SESSION_JWT_KEYS": json.dumps([KEY]),
}
OF_A_SIGN_IN = {
    "SESSION_OIDC_ISSUER": "https://accounts.example.com",
    "SESSION_OIDC_CLIENT_ID": "shop",
    "SESSION_OIDC_CUSTOMER_PREFIX": "kit:",
    "SESSION_OIDC_REDIRECT_URI": "https://shop.example.com/auth/callback",
    "SESSION_OIDC_CLIENT_SECRET": "oidc/kit",
}
ISSUER_FUNCTIONS = {route.function: None for route in ISSUER_ROUTES}
# Modules that only documents, tests or deployments need.
NOT_IMPORTED = {
    *(f"session_store.api.{name}" for name in ("backend_openapi", "issuer_openapi", "user_openapi", "schemas")),
    *(f"session_store.catalog.{name}" for name in ("cost_texts", "permissions")),
    *("jsonschema", "aws_cdk", "moto", "boto3", "jwt", "cryptography"),
}

OF_LARGE_DATA = {"SESSION_LARGE_DATA_BUCKET": "large-data"}
VARIABLES = {"SESSION_EVENT_BUS": "sessions", "SESSION_PARKING_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/1/q"}


def load(function: Function) -> Any:
    return runpy.run_path(str(ENTRY_POINTS / f"{function.value}.py"))["handler"]


@pytest.fixture
def store(deployed: SessionStore, monkeypatch: pytest.MonkeyPatch) -> SessionStore:
    """The deployment's store; the environment is what the constructs write."""
    for name, value in {
        "SESSION_IDLE_TIMEOUT": "600",
        "SESSION_ABSOLUTE_TIMEOUT": "1200",
        "SESSION_ALLOWED_ORIGINS": '["https://app.example.com"]',
        "SESSION_DATA_KEYS": '["theme"]',
        "SESSION_CONTEXT_DATA_KEYS": '["role"]',
        "SESSION_BEARER_ONLY": "true",
        **OF_AN_ISSUER,
        **OF_A_SIGN_IN,
    }.items():
        monkeypatch.setenv(name, value)
    return deployed


def test_there_is_one_file_per_function() -> None:
    assert {path.stem for path in ENTRY_POINTS.glob("*.py")} == {function.value for function in Function}


@pytest.mark.parametrize("function", [*BACKEND_FUNCTIONS, *USER_FUNCTIONS, *ISSUER_FUNCTIONS])
@pytest.mark.usefixtures("store")
def test_an_entry_point_serves_its_functions_routes(function: Function) -> None:
    handler = load(function)
    for route in routes_of(function, EVERY_ROUTE):
        answer = handler({"routeKey": route.key, "queryStringParameters": {"no-such": "1"}}, None)
        assert (answer["statusCode"], json.loads(answer["body"])["errors"][0]["field"]) == (400, "no-such")
    assert handler({"routeKey": "GET /elsewhere"}, None)["statusCode"] == 404


def test_the_back_end_routes_take_their_settings_from_the_environment(store: SessionStore) -> None:
    event = {"routeKey": "POST /sessions", "headers": {"content-type": "application/json"}}
    answer = load(Function.CREATE)({**event, "body": '{"customer_id": "ABC"}'}, None)
    stored = store.get_session(json.loads(answer["body"])["session"]["session_id"])
    assert stored is not None
    assert (stored.expires_at - stored.created_at).total_seconds() == 600
    assert (stored.absolute_expires_at - stored.created_at).total_seconds() == 1200


def test_the_user_routes_take_their_rules_from_the_environment(store: SessionStore) -> None:
    token = store.create_session("ana", data={"theme": "dark", "role": "admin"}).token
    handler = load(Function.USER_SESSION)
    context = {"http": {"method": "PATCH"}}
    event = {"routeKey": "PATCH /session", "requestContext": context, "cookies": [f"__Host-session={token}"]}
    headers = {"content-type": "application/json", "origin": "https://app.example.com"}

    answer = handler({**event, "headers": headers, "body": '{"data": {}}'}, None)

    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["data"] == {"theme": "dark"}
    assert handler({**event, "headers": {}}, None)["statusCode"] == 403


def test_the_authorizer_takes_its_rules_from_the_environment(store: SessionStore) -> None:
    created = store.create_session("ana", data={"theme": "dark", "role": "admin"})
    handler = load(Function.AUTHORIZER)

    by_header = handler(get(headers={"authorization": f"Bearer {created.token}"}), None)

    context = {"session_id": created.session.session_id, "customer_id": "ana", "role": "admin"}
    assert by_header["isAuthorized"] is True
    assert by_header["context"] | context == by_header["context"]
    assert not handler(get(cookies=[f"__Host-session={created.token}"]), None)["isAuthorized"]


@pytest.mark.shows("A14")
def test_a_stolen_token_is_counted_as_a_metric_of_the_table(
    store: SessionStore, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "introspect")
    created = store.create_session("ABC")
    store.validate(store.rotate(created.token).token or pytest.fail("not rotated"))
    event = {"routeKey": "POST /sessions/introspect", "headers": {"content-type": "application/json"}}
    answer = load(Function.INTROSPECT)({**event, "body": json.dumps({"token": created.token})}, None)
    assert answer["body"] == '{"active":false}'
    line = json.loads(capsys.readouterr().out)
    assert (line["TokenReused"], line["TableName"], line["session_id"]) == (1, "sessions", created.session.session_id)
    (counted,) = line["_aws"]["CloudWatchMetrics"]
    assert (counted["Namespace"], counted["Dimensions"]) == ("SessionStore", [["TableName"]])
    assert {"Name": "TokenReused", "Unit": "Count"} in counted["Metrics"]


@pytest.mark.parametrize("function", sorted({*Function} - {*OF_STREAMS, *SIGN_IN_FUNCTIONS}))
def test_a_function_begins_nothing_that_lambda_would_end(function: Function, store: SessionStore) -> None:
    token = store.create_session("ABC").token
    handler, context = load(function), SimpleNamespace(get_remaining_time_in_millis=lambda: 1900)

    for event in requests_of(function, token):
        if function is Function.AUTHORIZER:
            with pytest.raises(StoreUnavailableError, match="too little time left"):
                handler(event, context)
        else:
            asks_nothing = event["routeKey"].endswith(DISCOVERY_PATH)
            assert handler(event, context)["statusCode"] == (200 if asks_nothing else 503)

    (kept,) = store.get_customer_sessions("ABC").sessions
    assert kept.version == 1


@pytest.mark.parametrize("function", Function)
def test_without_the_names_that_it_needs_a_function_does_not_start(
    function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in OF_A_SIGN_IN.items():
        monkeypatch.setenv(name, value)
    needed = {Function.LIFECYCLE_EVENTS: VARIABLES, Function.DELETE_OBJECTS: OF_LARGE_DATA}.get(
        function, {"TABLE_NAME": "t"}
    )
    for missing in needed:
        for name, value in needed.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv(missing)
        with pytest.raises(StoreConfigurationError, match=missing):
            load(function)


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("function", "name"),
    [
        (Function.USER_SESSION, "SESSION_DATA_KEYS"),
        (Function.AUTHORIZER, "SESSION_BEARER_ONLY"),
        (Function.MINT, "SESSION_JWT_AUDIENCES"),
        (Function.ISSUER, "SESSION_JWT_KEYS"),
        (Function.SIGN_IN, "SESSION_OIDC_STEP_UPS"),
        (Function.PROVIDER_LOGOUT, "SESSION_OIDC_ISSUER"),
    ],
)
def test_a_rule_that_cannot_be_read_stops_the_function(
    function: Function, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "[")
    with pytest.raises(StoreConfigurationError, match=name):
        load(function)


# SnapStart keeps a function as it is then, and starts copies of it: what was drawn or read would be the same in all.
DRAW_NOTHING = """
import json, os, random, runpy, sys, time
import botocore.session, botocore.config

def fail(*args):
    raise AssertionError("drawn before the first request")

random._urandom = os.urandom = fail
time.time = time.time_ns = fail
for file in sys.argv[1:]:
    runpy.run_path(file)["handler"]
"""


@pytest.mark.shows("T59")
def test_a_function_that_starts_draws_no_secret_and_reads_no_time() -> None:
    files = [str(ENTRY_POINTS / f"{function.value}.py") for function in Function]
    variables = VARIABLES | OF_LARGE_DATA | OF_AN_ISSUER | OF_A_SIGN_IN
    environment = {"TABLE_NAME": "t", "AWS_DEFAULT_REGION": "eu-central-1", "PYTHONPATH": str(ROOT), **variables}
    command = [sys.executable, "-c", DRAW_NOTHING, *files]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", ["api.dispatcher", "api.user_dispatcher", "adapters.aws_lambda.authorizer"])
def test_the_functions_import_nothing_that_they_do_not_need(module: str) -> None:
    program = f"import sys, session_store.{module}; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert NOT_IMPORTED.isdisjoint(done.stdout.split())
