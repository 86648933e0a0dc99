"""The line that a function writes for each request: of which fields it is, and in which cases there are others."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import timedelta
from typing import Any

import pytest

from local.paths import ROOT
from session_store import InvalidInputError, Observation, SessionStore, StoreConfigurationError, session_lambda
from session_store.adapters.aws_lambda import environment
from session_store.adapters.aws_lambda.request_lines import RequestLine, RequestLines
from session_store.api.backend_dispatcher import BackendDispatcher
from session_store.catalog.functions import Function
from session_store.catalog.metric_names import METRIC_NAMES
from session_store.catalog.metrics import DIMENSION, NAMESPACE
from session_store.cli.cost.lines import LINE_BYTES, line_costs
from session_store.cli.cost.prices import read_prices
from session_store.kernel.web_settings import UserRouteSettings
from session_store.observing import to_request
from session_store.testing import in_memory_store
from session_store.web import authorizer_handler, current_session, session
from tests.canary.requests import stolen
from tests.support.faults import FOREVER
from tests.support.lambda_events import Payload, event, get
from tests.support.scene import Scene
from tests.support.visitor import SAME_ORIGIN, cookie_header
from tests.unit.gateway import JSON_HEADERS, NO_SESSION, Gateway, UserGateway

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def observed(scene: Scene) -> SessionStore:
    return scene.store_with(observer=to_request)


@pytest.fixture
def in_lines(deployed: SessionStore, monkeypatch: pytest.MonkeyPatch) -> SessionStore:
    """The environment's store, and an environment that asks for lines."""
    monkeypatch.setenv("SESSION_REQUEST_LINES", "true")
    return deployed


def lines_of(capsys: Captured) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def metrics_of(line: dict[str, Any]) -> dict[str, float]:
    """The declared metrics of a line. Declared is what is there, with the one namespace and dimension."""
    if "_aws" not in line:
        return {}
    assert isinstance(line["_aws"]["Timestamp"], int)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == (NAMESPACE, [[DIMENSION]])
    assert all(each["Unit"] == "Count" for each in directive["Metrics"])
    return {each["Name"]: line[each["Name"]] for each in directive["Metrics"]}


def test_a_back_ends_request_has_one_line(observed: SessionStore) -> None:
    gateway = Gateway(observed)
    created = gateway.call("POST", "/sessions", {"customer_id": "ana"}).json
    gateway.call("POST", "/sessions/introspect", {"token": created["token"]})
    gateway.call("POST", "/sessions/introspect", {"token": stolen(created["token"])})
    gateway.call("GET", f"/sessions/{NO_SESSION}")
    gateway.call("GET", "/customers/ana/sessions?limit=no")
    lines = [json.loads(line) for line in gateway.lines]

    assert [(line["route"], line["status"], line["outcome"]) for line in lines] == [
        ("POST /sessions", 201, "ok"),
        ("POST /sessions/introspect", 200, "ok"),
        ("POST /sessions/introspect", 200, "refused"),
        ("GET /sessions/{session_id}", 404, "not_found"),
        ("GET /customers/{customer_id}/sessions", 400, "bad_request"),
    ]
    assert [metrics_of(line) for line in lines] == [
        {"Created": 1, "ReadUnits": 1, "WriteUnits": 4},
        {"Validated": 1, "ReadUnits": 2},
        {
            "TokenReused": 1,
            "Ended": 1,
            "EndedTheft": 1,
            "ValidationRefused": 1,
            "ReadUnits": 1,
            "WriteUnits": 1,
        },
        {"ReadUnits": 1},
        {},
    ]
    assert "_aws" not in lines[-1]
    session_id = created["session"]["session_id"]
    assert [line.get("session_id") for line in lines] == [session_id, session_id, session_id, NO_SESSION, None]
    assert lines[2]["refusal"] == "reused"
    assert all(line["request_id"] == "request-1" and line["milliseconds"] >= 0 for line in lines)


def test_a_users_request_has_one_line(observed: SessionStore) -> None:
    gateway = UserGateway(observed, UserRouteSettings(data_keys=("theme",)))
    created = observed.create_session("ana")
    headers = {"cookie": cookie_header(created.token), **SAME_ORIGIN, "content-type": "application/json"}
    gateway.send("PATCH", "/session", headers, '{"data": {"theme": "dark"}}')
    gateway.send("DELETE", "/session", headers, "")
    gateway.send("GET", "/session", headers, "")
    gateway.send("GET", "/session", {}, "")
    lines = [json.loads(line) for line in gateway.lines]

    assert [(line["route"], line["status"], line["outcome"]) for line in lines] == [
        ("PATCH /session", 200, "ok"),
        ("DELETE /session", 204, "ok"),
        ("GET /session", 401, "refused"),
        ("GET /session", 401, "refused"),
    ]
    assert metrics_of(lines[1]) == {
        "Validated": 1,
        "ReadUnits": 1,
        "Ended": 1,
        "EndedSignedOut": 1,
        "WriteUnits": 1,
    }
    assert [line["error"] for line in lines[2:]] == ["InvalidTokenError", "SessionRequiredError"]


@pytest.mark.parametrize("payload", [Payload.HTTP_API, Payload.REST_API])
def test_an_authorizers_request_has_one_line(in_lines: SessionStore, payload: Payload, capsys: Captured) -> None:
    created = in_lines.create_session("ana")
    request = event("GET", {"authorization": f"Bearer {created.token}"}, [], payload, path="/orders/ana?q=ana")
    request |= {"routeKey": "GET /orders/{id}"} if payload is Payload.HTTP_API else {"resource": "/orders/{id}"}
    authorizer_handler()(request, None)
    (line,) = lines_of(capsys)

    assert (line["route"], line["outcome"], line["session_id"]) == (
        "GET /orders/{id}",
        "ok",
        created.session.session_id,
    )
    assert metrics_of(line)["Validated"] == 1
    assert "ana" not in str(line)


@pytest.mark.parametrize(
    ("code", "metric"),
    [
        ("ThrottlingException", "Throttled"),
        ("InternalServerError", "Unavailable"),
        ("AccessDeniedException", "Failed"),
    ],
)
def test_a_fault_is_in_the_line_and_nowhere_else(
    scene: Scene, observed: SessionStore, code: str, metric: str, caplog: pytest.LogCaptureFixture
) -> None:
    scene.faults.refuse(None, code, times=FOREVER)
    gateway = Gateway(observed)
    gateway.call("GET", f"/sessions/{NO_SESSION}")
    (line,) = map(json.loads, gateway.lines)

    assert (line["outcome"], line["status"], line[metric]) == (metric.lower(), 503, 1)
    assert {name for name in metrics_of(line) if name != "Retries"} == {metric}
    assert caplog.records == []


def test_an_incident_is_in_the_line_with_the_error_behind_it(scene: Scene, observed: SessionStore) -> None:
    token = observed.create_session("ana").token
    scene.clock.advance(timedelta(minutes=10))
    scene.faults.throttle("UpdateItem", times=1)
    gateway = Gateway(observed)
    gateway.call("POST", "/sessions/introspect", {"token": token})
    (line,) = map(json.loads, gateway.lines)

    assert (line["outcome"], line["detail"]) == ("ok", "ThrottledError")
    assert metrics_of(line) == {"ExtensionFailed": 1, "Validated": 1, "ReadUnits": 2}


def test_an_incident_in_a_thread_of_the_store_is_in_the_line_too(scene: Scene, observed: SessionStore) -> None:
    created = observed.create_session("ana")
    child = observed.create_child_session(created.session)
    (row,) = [row for row in scene.rows(f"suuid#{created.session.session_id}") if row["entity_type"] == "child_session"]
    key = {name: {"S": row[name]} for name in ("PK", "SK")}
    scene.client.update_item(TableName=scene.table_name, Key=key, UpdateExpression="REMOVE created_at")
    gateway = Gateway(observed)
    gateway.call("POST", "/sessions/introspect", {"token": child.token})
    (line,) = map(json.loads, gateway.lines)

    assert (line["UnreadableRow"], line["outcome"], line["refusal"]) == (1, "refused", "ended")


def test_a_call_outside_of_a_request_has_a_line_of_its_own(deployed: SessionStore, capsys: Captured) -> None:
    created = environment.store(in_lines=True).create_session("ana")
    (line,) = lines_of(capsys)

    assert (line["method"], line["outcome"], line["session_id"]) == ("create_session", "ok", created.session.session_id)
    assert metrics_of(line) == {"Created": 1, "ReadUnits": 1, "WriteUnits": 4}
    assert "ana" not in str(line)


def test_only_the_first_request_of_a_process_is_a_cold_start(
    observed: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With provisioned concurrency none is: the process was started before."""
    for kind, cold in (("on-demand", True), ("snap-start", True), ("provisioned-concurrency", None)):
        monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", kind)
        written: list[str] = []
        lines = RequestLines("sessions", write=written.append)
        for _ in range(2):
            with RequestLine(lines, get()):
                pass
        assert [json.loads(line).get("cold_start") for line in written] == [cold, None]


@pytest.mark.parametrize("fault", [ValueError("closed"), BrokenPipeError(), RecursionError()])
def test_a_line_that_cannot_be_written_changes_no_answer(
    observed: SessionStore, fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def closed(_: str) -> None:
        raise fault

    dispatcher = BackendDispatcher(Function.CREATE, observed, RequestLines("sessions", write=closed))
    answer = dispatcher.handle({"routeKey": "POST /sessions", "headers": JSON_HEADERS, "body": '{"anonymous": true}'})

    assert answer["statusCode"] == 201
    assert f"the line of a request was not written: {type(fault).__name__}" in caplog.text


@pytest.mark.parametrize("event", [{}, {"routeKey": 5}, {"requestContext": "none"}, {"routeKey": f"GET /{'x' * 9999}"}])
def test_an_event_in_another_form_has_a_short_line(observed: SessionStore, event: dict[str, Any]) -> None:
    gateway = Gateway(observed)
    assert gateway.send(Function.READ, event).status == 404
    (line,) = gateway.lines

    assert (json.loads(line)["outcome"], len(line) < 600) == ("not_found", True)


def test_the_page_shows_a_line_as_it_is_and_says_what_it_costs() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text()
    (shown,) = re.findall("```json\n(.*?)```", page, re.DOTALL)
    example = json.loads(shown)
    request = {"requestContext": {"requestId": example["request_id"]}, "routeKey": example["route"]}
    with in_memory_store(table_name=example["TableName"]) as empty:
        store = SessionStore(empty.table_name, clock=empty.clock, observer=to_request)
        written: list[str] = []
        dispatcher = BackendDispatcher(Function.INTROSPECT, store, RequestLines("sessions", write=written.append))
        body = json.dumps({"token": store.create_session("ana").token})
        dispatcher.handle({**request, "headers": JSON_HEADERS, "body": body})
    (text,) = written
    line = json.loads(text)

    assert list(line) == list(example)
    assert {name for name in line if line[name] != example[name]} == {"_aws", "session_id", "milliseconds"}
    assert metrics_of(line) == metrics_of(example)
    assert abs(len(text) - len(',"cold_start":true') + 26 - LINE_BYTES) < 15
    lines, metrics = (each["dollars"] for each in line_costs(len(METRIC_NAMES), read_prices()))
    assert f"lines of {LINE_BYTES} bytes cost ${lines:.2f}" in page
    assert f"All {len(METRIC_NAMES)} metrics cost ${metrics:.2f} a month" in page


# An application's own functions


def app(_event: Any, _context: object) -> dict[str, Any]:
    current_session()["visits"] = 1
    return {"statusCode": 200, "body": ""}


def test_an_applications_function_writes_no_line_unless_it_is_told_to(deployed: SessionStore, capsys: Captured) -> None:
    session(app)(get(), None)
    session_lambda.session(lambda *_: {"statusCode": 200})(get(), None)

    assert capsys.readouterr().out == ""


def test_an_applications_function_writes_a_line_when_its_environment_says_so(
    in_lines: SessionStore, capsys: Captured
) -> None:
    session(app)(get(routeKey="GET /"), None)
    session(store=SessionStore.from_environment())(app)(get(routeKey="GET /own"), None)
    asyncio.run(session(awaited)(get(routeKey="GET /async"), None))
    session(lambda *_: {"statusCode": 404})(get(routeKey="GET /untouched"), None)
    session_lambda.session(like_session_lambda)(get(routeKey="GET /migrated"), None)
    first, *others, untouched, migrated = lines_of(capsys)

    assert (first["route"], first["status"], first["outcome"]) == ("GET /", 200, "ok")
    assert metrics_of(first) == {"Created": 1, "WriteUnits": 2}
    assert [metrics_of(line) for line in others] == [metrics_of(first)] * 2
    assert (untouched["status"], untouched["outcome"], metrics_of(untouched)) == (404, "not_found", {})
    assert metrics_of(migrated) == metrics_of(first)


async def awaited(event: Any, context: object) -> dict[str, Any]:
    return app(event, context)


def like_session_lambda(_event: object, _context: object) -> dict[str, Any]:
    session_lambda.set_session_data(1)
    return {"statusCode": 200}


def test_an_error_of_an_application_is_no_failure_of_the_store(in_lines: SessionStore, capsys: Captured) -> None:
    def broken(_event: object, _context: object) -> None:
        current_session().get("visits")
        raise LookupError("a secret of the application")

    with pytest.raises(LookupError):
        session(broken)(get(), None)
    session(lambda *_: {"statusCode": 500})(get(), None)
    raised, answered = lines_of(capsys)

    assert [(line["outcome"], metrics_of(line)) for line in (raised, answered)] == [("failed", {}), ("failed", {})]
    assert (raised["error"], "secret" in str(raised)) == ("LookupError", False)


def test_a_fault_of_the_store_is_counted_in_an_applications_line(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("SESSION_REQUEST_LINES", "true")
    scene.faults.refuse(None, "InternalServerError", times=FOREVER)
    store = scene.store_with(observer=to_request)
    session(store=store)(app)(get(cookies=[cookie_header(scene.other.create_session().token)]), None)
    (line,) = lines_of(capsys)

    assert (line["status"], line["outcome"], line["Unavailable"]) == (503, "unavailable", 1)


def test_two_tables_in_one_request_have_a_line_each(
    in_lines: SessionStore, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    """A metric belongs to one table."""
    with in_memory_store(table_name="other"):
        other = SessionStore.from_environment({"TABLE_NAME": "other", "SESSION_REQUEST_LINES": "true"})

        def handler(event: Any, context: object) -> dict[str, Any]:
            other.create_session("ana")
            return app(event, context)

        session(handler)(get(routeKey="GET /", requestContext={"requestId": "r", "http": {"method": "GET"}}), None)
    first, second = lines_of(capsys)

    assert [line["TableName"] for line in (first, second)] == ["other", "sessions"]
    assert [line["Created"] for line in (first, second)] == [1, 1]
    assert (first["request_id"], first["route"]) == (second["request_id"], second["route"]) == ("r", "GET /")
    assert ("status" in first, "status" in second) == (True, False)


def test_the_metrics_of_a_table_that_is_given_by_its_arn_are_those_of_its_name() -> None:
    written: list[str] = []
    lines = RequestLines("sessions", write=written.append)
    for table in ("arn:aws:dynamodb:eu-west-1:111122223333:table/sessions", "sessions", None):
        lines.write(table, {"Failed": 1}, {})

    assert {json.loads(line)["TableName"] for line in written} == {"sessions"}


@pytest.mark.parametrize("value", ["yes", "1", "True"])
def test_a_variable_that_is_neither_true_nor_false_is_an_error(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SESSION_REQUEST_LINES", value)
    with pytest.raises(StoreConfigurationError, match="SESSION_REQUEST_LINES"):
        session(app)


def test_an_observer_of_the_application_gets_the_same_as_the_line(in_lines: SessionStore, capsys: Captured) -> None:
    seen: list[Observation] = []
    store = SessionStore.from_environment(observer=seen.append)
    session(store=store)(app)(get(), None)
    (line,) = lines_of(capsys)

    assert [each.method for each in seen] == ["create_session"]
    assert metrics_of(line) == {"Created": 1, "WriteUnits": seen[0].write_units}


@pytest.mark.usefixtures("in_lines")
def test_an_observer_that_cannot_be_called_is_refused_beside_the_line_too() -> None:
    with pytest.raises(InvalidInputError, match="observer"):
        SessionStore.from_environment(observer=5)  # type: ignore[arg-type]
