"""Errors as the caller, the operator's log and the metrics see them."""

from __future__ import annotations

import inspect
import json
from typing import Any
from unittest.mock import Mock

import pytest

from session_store import (
    ConflictError,
    InvalidInputError,
    InvalidTokenError,
    OutcomeUnknownError,
    ReauthenticationRequiredError,
    Refusal,
    SessionNotFoundError,
    SessionStore,
    SessionStoreError,
    StoreConfigurationError,
    StoreUnavailableError,
    ThrottledError,
    TokenReuseError,
    errors,
)
from session_store.catalog.functions import Function
from session_store.kernel import response
from session_store.kernel.problems import PROBLEMS, problem_answer, problem_of
from tests.unit.gateway import NO_SESSION, Gateway

SECRET = "secret-in-the-error"


def failing(error: Exception) -> Gateway:
    return Gateway(Mock(SessionStore, get_session=Mock(side_effect=error)))


def read(gateway: Gateway) -> Any:
    event = {"routeKey": "GET /sessions/{session_id}", "pathParameters": {"session_id": NO_SESSION}}
    return gateway.send(Function.READ, event | {"requestContext": {"requestId": "request-1"}})


@pytest.mark.parametrize(
    ("error", "status", "slug"),
    [
        (InvalidInputError("limit", "must be good", value=0), 400, "invalid-input"),
        (InvalidTokenError(Refusal.ENDED), 401, "invalid-token"),
        (TokenReuseError("session-1"), 401, "invalid-token"),
        (ReauthenticationRequiredError("session-1", "too old"), 401, "reauthentication-required"),
        (SessionNotFoundError("session-1"), 404, "session-not-found"),
        (ConflictError("changed"), 409, "conflict"),
        (OutcomeUnknownError("unknown"), 409, "outcome-unknown"),
        (StoreUnavailableError("GetItem", SECRET), 503, "unavailable"),
        (ThrottledError("GetItem", SECRET), 503, "throttled"),
        (StoreConfigurationError(SECRET), 503, "misconfigured"),
        (SessionStoreError(SECRET), 500, "internal"),
        (RuntimeError(SECRET), 500, "internal"),
        (RecursionError(SECRET), 500, "internal"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_an_error_is_answered_as_a_problem(error: Exception, status: int, slug: str) -> None:
    reply = read(failing(error))
    assert reply.outcome == (status, slug)
    assert reply.json["type"] == f"urn:session-store:problem:{slug}"
    assert (reply.headers["cache-control"], reply.headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert SECRET not in reply.text


@pytest.mark.shows("N16")
def test_every_error_of_the_library_has_a_problem_of_its_own_or_its_parents() -> None:
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, SessionStoreError)]
    assert len(kinds) >= 12
    for kind in set(kinds) - {SessionStoreError}:
        assert any(base in PROBLEMS for base in kind.__mro__[:2]), kind


def test_a_conflict_names_the_keys() -> None:
    body = problem_answer(ConflictError("changed", keys=("/cart", "/a~1b"))).body or {}
    assert body["keys"] == ["/cart", "/a~1b"]


@pytest.mark.parametrize(
    ("argument", "field"),
    [
        *(("except_session_id", "except"), ("changes", "data"), ("limit", "limit")),
        *(("idle", "idle_timeout"), ("absolute", "absolute_timeout")),
    ],
)
def test_a_problem_names_the_field_as_the_api_does(argument: str, field: str) -> None:
    body = problem_answer(InvalidInputError(argument, "must be good", value=1)).body or {}
    assert body["detail"] == f"{field}: must be good (got 1)"
    assert body["errors"] == [{"field": field, "problem": "must be good", "value": "1"}]


def test_a_problem_points_into_the_data_that_the_caller_sent(gateway: Gateway) -> None:
    reply = gateway.call(
        "POST", "/sessions", {"customer_id": "ABC", "data": {"patients": {"ben@example.com": [1, 10**40]}}}
    )
    problem = "whole numbers may have at most 38 digits (at level 3)"
    (entry,) = reply.json["errors"]
    assert entry == {"field": "data", "problem": problem, "pointer": "/patients/ben@example.com/1"}
    assert "ben" not in reply.json["detail"]


def test_a_problem_is_short_however_long_the_names_are(gateway_without_aws: Gateway) -> None:
    long = "k" * 400_000
    for body in ({long: 1}, {"data": {long: {"": 1}}}, {"data": {"a": {long: 10**40}}}, {"client": [long]}):
        reply = gateway_without_aws.call("POST", "/sessions", {"customer_id": "ABC", **body})
        assert reply.status == 400
        assert len(reply.text) < 1_000
    assert len(gateway_without_aws.call("GET", f"/sessions/{NO_SESSION}?{long}=1").text) < 1_000


@pytest.mark.parametrize(
    ("error", "metric"),
    [
        (ThrottledError("GetItem", "slow down"), "Throttled"),
        (StoreUnavailableError("GetItem", "timeout"), "Unavailable"),
        (StoreConfigurationError("grant dynamodb:Query"), "Failed"),
        (RuntimeError(SECRET), "Failed"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value,
)
def test_a_failure_is_counted_in_the_line_of_its_request(
    error: Exception, metric: str, caplog: pytest.LogCaptureFixture
) -> None:
    gateway = failing(error)
    read(gateway)
    (line,) = map(json.loads, gateway.lines)
    assert line[metric] == 1
    assert line["_aws"]["CloudWatchMetrics"][0]["Metrics"] == [{"Name": metric, "Unit": "Count"}]
    assert (line["error"], line["request_id"], line["outcome"]) == (type(error).__name__, "request-1", metric.lower())
    assert caplog.records == []


def test_the_line_says_what_is_misconfigured_and_the_answer_does_not() -> None:
    gateway = failing(StoreConfigurationError("grant dynamodb:Query on the table"))
    assert "dynamodb" not in read(gateway).text
    assert json.loads(gateway.lines[0])["cause"] == "grant dynamodb:Query on the table"


def test_of_an_unexpected_error_the_line_has_the_place_but_not_the_message() -> None:
    gateway = failing(RuntimeError(SECRET))
    read(gateway)
    assert "mock.py:" in json.loads(gateway.lines[0])["cause"]
    assert SECRET not in "".join(gateway.lines)


def test_what_is_the_callers_fault_is_no_metric() -> None:
    gateway = failing(SessionNotFoundError("session-1"))
    assert read(gateway).status == 404
    (line,) = map(json.loads, gateway.lines)
    assert (line["outcome"], line["error"], "_aws" in line) == ("not_found", "SessionNotFoundError", False)


def test_a_method_that_a_path_does_not_have_is_405_with_those_it_has(gateway: Gateway) -> None:
    reply = gateway.send(Function.READ, {"routeKey": "PUT /sessions/{session_id}"})
    assert (reply.status, reply.headers["allow"]) == (405, "GET")


@pytest.mark.parametrize(
    "event", [{}, {"routeKey": "$default"}, {"routeKey": "GET /nowhere"}, {"Records": []}, {"routeKey": None}]
)
def test_an_event_for_none_of_the_functions_routes_is_404(gateway: Gateway, event: dict[str, Any]) -> None:
    assert gateway.send(Function.READ, event).status == 404


def test_an_event_without_what_its_route_needs_is_500_and_not_raised(gateway: Gateway) -> None:
    assert gateway.send(Function.READ, {"routeKey": "GET /sessions/{session_id}", "requestContext": None}).status == 500


def test_an_answer_that_lambda_could_not_hand_on_is_500_and_says_so(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No page is so large, and no session's item: it takes a smaller bound."""
    monkeypatch.setattr(response, "MAX_ANSWER_CHARACTERS", 300)
    assert gateway.call("POST", "/sessions", {"anonymous": True}).outcome == (500, "answer-too-large")


def test_the_problem_of_a_new_kind_of_error_is_its_parents() -> None:
    class NewError(ThrottledError):
        pass

    assert problem_of(NewError("GetItem", "x")).status == 503
