"""Every example runs, and prints what its comments say it prints."""

from __future__ import annotations

import inspect
import json
import os
import re
import runpy
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.paths import ROOT
from session_store import SessionStore
from session_store.testing import MovableClock, in_memory_store
from tests.support.lambda_events import behind
from tests.support.reply import Reply
from tests.support.visitor import Visitor

EXAMPLES = ROOT / "examples"
LIBRARY = sorted(EXAMPLES.glob("library_*.py"))
_PRINTS = re.compile(r"^ *print\(.*\)  # (.*)$", re.MULTILINE)


@pytest.fixture(autouse=True)
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[SessionStore]:
    """On the table `sessions`, which is what the examples call theirs and the environment names."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("TABLE_NAME", "sessions")
    with in_memory_store() as store:
        yield store


def functions_of(name: str) -> dict[str, Any]:
    return runpy.run_path(str(EXAMPLES / name))


@pytest.mark.parametrize("example", LIBRARY, ids=lambda file: file.stem)
def test_an_example_prints_what_it_says(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = _PRINTS.findall(example.read_text(encoding="utf-8"))

    runpy.run_path(str(example), run_name="__main__")

    assert said
    assert capsys.readouterr().out.splitlines() == said


@pytest.mark.parametrize(("variables", "missing"), [({}, "TABLE_NAME"), ({"TABLE_NAME": "sessions"}, "region")])
def test_the_first_example_without_a_table_or_a_region_ends_with_one_line(
    variables: dict[str, str], missing: str
) -> None:
    done = subprocess.run(
        [sys.executable, "examples/library_quickstart.py"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "AWS_CONFIG_FILE": os.devnull, **variables},
        capture_output=True,
        text=True,
        check=False,
    )

    (line,) = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (1, "")
    assert line.startswith("error: ")
    assert missing in line


def test_the_first_example_has_ten_lines() -> None:
    (main,) = re.findall(r'"""\n((?:    .+\n)+)\n', (EXAMPLES / "library_quickstart.py").read_text(encoding="utf-8"))

    assert len(main.splitlines()) <= 10


def test_the_constructs_example_counts_a_visitors_visits() -> None:
    handler = functions_of("own_function/functions/visits.py")["handler"]
    event = {"version": "2.0", "headers": {}, "requestContext": {"http": {"method": "GET"}}}

    first = handler(event, None)
    again = handler(event | {"cookies": [first["cookies"][0].partition(";")[0]]}, None)

    assert [json.loads(answer["body"]) for answer in (first, again)] == [{"visits": 1}, {"visits": 2}]


TESTS_OF_A_USER = [name for name in functions_of("test_visits.py") if name.startswith("test_")]


@pytest.mark.parametrize("name", TESTS_OF_A_USER)
def test_a_users_test_passes(name: str, session_store: SessionStore, session_clock: MovableClock) -> None:
    test = functions_of("test_visits.py")[name]
    fixtures = {"session_store": session_store, "session_clock": session_clock}

    test(**{parameter: fixtures[parameter] for parameter in inspect.signature(test).parameters})


@pytest.fixture
def handler() -> Any:
    return functions_of("plain_handler.py")["handler"]


def test_the_handler_counts_the_visits_of_a_good_token(handler: Any, store: SessionStore) -> None:
    token = store.create_session("customer-1").token
    event = {"headers": {"authorization": f"Bearer {token}"}}

    for visits in (1, 2):
        assert handler(event, None)["body"] == f'{{"customer_id": "customer-1", "visits": {visits}}}'


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer v1.nonsense", "Basic dXNlcjpwYXNz"])
def test_the_handler_refuses_everything_else(handler: Any, authorization: str) -> None:
    assert handler({"headers": {"authorization": authorization}}, None)["statusCode"] == 401


@pytest.fixture
def shop() -> Callable[..., Reply]:
    """Opens pages of the decorated handler, as one browser."""
    visitor = Visitor(behind(functions_of("decorated_handler.py")["handler"]))

    def open_page(route: str, /, **fields: str) -> Reply:
        method, _, path = route.partition(" ")
        return visitor.call(method, path, fields)

    return open_page


def test_the_decorated_handler_counts_visits_and_keeps_the_cart_over_the_sign_in(shop: Callable[..., Reply]) -> None:
    assert [shop("GET /").json["visits"] for _ in range(3)] == [1, 2, 3]
    assert shop("POST /cart", item="tea").json == {"cart": ["tea"]}
    assert shop("POST /sign-in", name="ana", password="wrong").status == 401
    assert shop("POST /sign-in", name="ana", password="correct horse").json == {"customer": "ana"}
    assert shop("GET /").json == {"visits": 4, "customer": "ana", "cart": ["tea"]}
    assert shop("POST /sign-out").set_cookies[0].startswith("__Host-session=; Max-Age=0;")
    assert shop("GET /").json == {"visits": 1, "customer": None, "cart": []}
    assert shop("GET /nowhere").status == 404


def test_the_account_page_deletes_the_account_that_it_was_made_for_and_says_so(store: SessionStore) -> None:
    visitor = Visitor(behind(functions_of("account_handler.py")["handler"]))
    visitor.token = store.create_session("alice").token
    alices = visitor.get("/account")
    (binding,) = re.findall(r'name="binding" value="([^"]+)"', alices.text)
    visitor.token = store.create_session("bob").token

    refused = visitor.call("POST", "/account/delete", text=f"binding={binding}")
    assert (refused.status, "Another account is signed in" in refused.text) == (409, True)
    assert refused.headers["content-type"] == "text/html; charset=utf-8"
    assert "bob" in visitor.get("/account").text

    (binding,) = re.findall(r'name="binding" value="([^"]+)"', visitor.get("/account").text)
    assert visitor.call("POST", "/account/delete", text=f"binding={binding}").status == 200
    assert visitor.get("/account").text == "<!doctype html><h1>Sign in first.</h1>"


def test_a_handler_written_for_session_lambda_runs_with_another_import(capsys: pytest.CaptureFixture[str]) -> None:
    said: dict[str, Any] = runpy.run_path(str(EXAMPLES / "session_lambda_migration.py"), run_name="__main__")

    assert capsys.readouterr().out == "1 2 1\n"
    assert said["lambda_handler"].__name__ == "lambda_handler"


def ended(session_id: str) -> dict[str, Any]:
    """An event as EventBridge hands it on."""
    detail = {
        "session_id": session_id,
        "customer_id": "ana",
        "version": 1,
        "sequence_number": "1",
        "time": "2040-01-01T00:00:00Z",
        "reason": "signed_out",
    }
    return {"source": "session-store", "detail-type": "session.ended", "detail": detail}


def test_the_deny_list_knows_the_sessions_that_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    example = functions_of("access_tokens/deny_list.py")
    with mock_aws():
        key = [{"AttributeName": "session_id", "KeyType": "HASH"}]
        types = [{"AttributeName": "session_id", "AttributeType": "S"}]
        client: Any = boto3.client("dynamodb")
        client.create_table(
            TableName=example["TABLE"], KeySchema=key, AttributeDefinitions=types, BillingMode="PAY_PER_REQUEST"
        )
        for _ in range(2):
            example["handler"](ended("one"), None)

        assert [example["is_denied"](session_id) for session_id in ("one", "two")] == [True, False]
        (kept,) = client.scan(TableName=example["TABLE"])["Items"]
        assert 300 < int(kept["ttl"]["N"]) - time.time() < 600


def test_the_function_behind_the_jwt_authorizer_gets_the_claims_of_the_token() -> None:
    handler = functions_of("access_tokens/functions/orders.py")["handler"]
    event = {"requestContext": {"authorizer": {"jwt": {"claims": {"sub": "ana", "tier": "gold"}}}}}

    assert json.loads(handler(event, None)["body"]) == {"customer_id": "ana", "tier": "gold", "orders": []}
