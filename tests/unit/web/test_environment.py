"""The store and the metrics of a process, as its environment describes them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from session_store import SessionStore, StoreConfigurationError, session_lambda
from session_store.adapters.aws_lambda import environment
from session_store.web import authorizer_handler, current_session, session
from tests.support.lambda_events import Payload, event

TABLE = "SESSION_LAMBDA_DYNAMODB_TABLE_NAME"
AT_IMPORT = ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
Captured = pytest.CaptureFixture[str]
Logged = pytest.LogCaptureFixture


def customer(_event: object, _context: object) -> dict[str, Any]:
    return {"statusCode": 200, "body": str(current_session().customer_id)}


def visitor(_event: object, _context: object) -> dict[str, Any]:
    session_lambda.set_session_data(1)
    return {"statusCode": 200}


like_session_lambda = session_lambda.session(visitor)

DECORATED: dict[str, Callable[[], Callable[[dict[str, Any], object], Any]]] = {
    "@session": lambda: session(customer),
    "session-lambda": lambda: session_lambda.session(visitor),
}
HANDLERS = DECORATED | {"authorizer": authorizer_handler}


@pytest.fixture
def store(deployed: SessionStore, monkeypatch: pytest.MonkeyPatch) -> SessionStore:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "shop")
    return deployed


def request_with(token: str) -> dict[str, Any]:
    return event("GET", {"session-id": token}, [f"__Host-session={token}"], Payload.HTTP_API)


def stolen(store: SessionStore) -> str:
    """A secret that was replaced, and whose successor has been used."""
    token = store.create_session("ana").token
    store.validate(store.rotate(token).token or "")
    return token


@pytest.mark.parametrize(("kind", "writes"), [("@session", False), ("session-lambda", False), ("authorizer", True)])
def test_a_stolen_token_is_counted_whichever_handler_finds_it_and_outside_of_lambda_logged(
    store: SessionStore, kind: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured, caplog: Logged, *, writes: bool
) -> None:
    """The authorizer has it in the line of its request, which it writes anywhere."""
    HANDLERS[kind]()(request_with(stolen(store)), None)
    line = json.loads(capsys.readouterr().out)
    assert (line["TokenReused"], line["TableName"]) == (1, "sessions")

    environment.store.cache_clear()
    environment.lines.cache_clear()
    caplog.clear()
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME")
    HANDLERS[kind]()(request_with(stolen(store)), None)
    assert ("TokenReused" in capsys.readouterr().out, "TokenReused" in caplog.text) == (writes, not writes)


@pytest.mark.parametrize("variable", ["TABLE_NAME", TABLE])
def test_every_variable_counts_for_session_lambdas_way_of_use(
    store: SessionStore, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = store.create_session().token
    monkeypatch.setenv("TABLE_NAME", "sessions" if variable == "TABLE_NAME" else "another")
    monkeypatch.setenv(variable, "sessions")
    answer = like_session_lambda(request_with(token), None)
    assert answer["headers"]["session-id"] == token

    environment.store.cache_clear()
    monkeypatch.setenv("SESSION_NOT_BEFORE", str(int(datetime.now(UTC).timestamp())))

    assert like_session_lambda(request_with(token), None)["headers"]["session-id"] != token


@pytest.mark.parametrize("decorate", DECORATED.values(), ids=DECORATED)
def test_in_lambda_the_store_is_made_at_import_and_not_in_the_first_request(
    store: SessionStore, decorate: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At import a small function has a whole processor."""
    monkeypatch.setenv(*AT_IMPORT)
    handler = decorate()

    monkeypatch.setenv("SESSION_IDLE_TIMEOUT", "nonsense")
    assert handler(request_with(store.create_session("ana").token), None)["statusCode"] == 200


@pytest.mark.parametrize("decorate", DECORATED.values(), ids=DECORATED)
def test_a_fault_of_the_environment_at_import_is_the_first_requests_to_answer(
    store: SessionStore, decorate: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    request = request_with(store.create_session("ana").token)
    monkeypatch.setenv(*AT_IMPORT)
    with monkeypatch.context() as faulty:
        faulty.setenv("SESSION_IDLE_TIMEOUT", "nonsense")
        handler = decorate()
        assert handler(request, None)["statusCode"] == 503

    assert handler(request, None)["statusCode"] == 200


@pytest.mark.usefixtures("store")
def test_a_process_has_one_store() -> None:
    assert environment.store() is environment.store()
    assert environment.lines() is environment.lines()


@pytest.mark.usefixtures("store")
def test_a_missing_table_name_is_said_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TABLE_NAME")

    with pytest.raises(StoreConfigurationError, match="TABLE_NAME"):
        environment.store()
