"""Marked data and real tokens go through everything that is deployed, also where IAM refuses it the table.

Deployed functions make the tokens, so they cannot be marked: all parts of them and their hashes are looked for, in
every form; other tests' tokens by the hashes that the table has. So this module runs last. In place of traces it looks
at the calls to AWS, with all their parameters: X-Ray is off, and with it on AWS would record no more than those hold.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import pytest

from demo.app import ROUTES as PAGES
from local.paths import ROOT
from session_store.catalog.access_tokens import BY_KEY
from session_store.catalog.functions import Function
from session_store.catalog.metric_names import METRIC_NAMES
from session_store.catalog.routes import BACKEND_FUNCTIONS, BACKEND_ROUTES, USER_FUNCTIONS, USER_ROUTES
from session_store.catalog.sign_in import SIGN_IN_FUNCTIONS
from tests.canary import forms
from tests.canary.deployed import Tour
from tests.canary.marks import DATA_NEEDLES, HASHES, Needles, assert_absent, found, without_data, without_hashes
from tests.canary.surfaces import rows
from tests.support.aws_calls import AwsCall, recorded_calls
from tests.support.deployed import LogLine
from tests.support.protected_api import ProtectedApi

WRITES: Final = ("PutItem", "UpdateItem", "BatchWriteItem", "DeleteItem")
TOKEN: Final = re.compile(r"v1\.[0-9a-f-]{36}\.[\w.%-]{20}", re.IGNORECASE)
PART: Final = re.compile(r"(?<![\w-])(?:[\w-]{22}|[\w-]{43})(?![\w-])")
LINE: Final = re.compile(r'\{"(_aws|TableName)"')  # of a request, or of a batch of changes
OF_EVENTS: Final = "EventsFunction"
OF_THE_RUNBOOK: Final = "/SessionStore-prod/"  # the stack on which its test follows its pages
FIELDS: Final = {
    *("_aws", "TableName", "request_id", "route", "outcome", "status", "session_id", "refusal", "detail"),
    *("milliseconds", "cold_start", "error", "cause"),
}
INSTRUMENTATION: Final = re.compile(
    r"^\s*(?:import|from) (?:aws_xray_sdk|opentelemetry|ddtrace|aws_lambda_powertools)", re.MULTILINE
)


def lines_of_requests(logs: list[LogLine]) -> list[dict[str, Any]]:
    """Those of the functions that serve requests. That of lifecycle events has lines of batches."""
    return [json.loads(line.text) for line in logs if LINE.match(line.text) and OF_EVENTS not in line.group]


@dataclass(frozen=True)
class Canary:
    """A tour that is over, and all that is to be seen of it."""

    tour: Tour
    logs: list[LogLine]
    logs_of_the_tour: list[LogLine]
    own_log: str
    rows: list[dict[str, Any]]
    calls: list[AwsCall]

    @cached_property
    def own_logs(self) -> list[LogLine]:
        """Those of the deployed system."""
        return [line for line in self.logs if OF_THE_RUNBOOK not in line.group]

    @cached_property
    def tokens(self) -> Needles:
        return {"a token": frozenset().union(*map(forms.of_token_part, self._parts()))}

    @cached_property
    def hashes(self) -> Needles:
        return {"a hash": frozenset().union(*map(forms.of_its_hash, self._parts()))}

    def _parts(self) -> set[str]:
        return {part for token in self.tour.tokens for part in forms.parts_of(token)}

    @cached_property
    def known_hashes(self) -> set[bytes]:
        """All in the table, also those of other tests' sessions."""
        return {row[name]["B"] for row in self.rows for name in HASHES if name in row}

    def assert_clean(self, texts: list[tuple[str, str]], *needles: Needles) -> None:
        """None of it is there, nor any token or part of one, of other tests included."""
        for each in needles:
            assert_absent(each, texts)
        for where, text in texts:
            assert not TOKEN.search(text), f"a token in {where}"
            hashes = {hashlib.sha256(part.encode()).digest() for part in PART.findall(text)}
            assert not hashes & self.known_hashes, f"a part of a token in {where}"


@pytest.fixture(scope="module")
def canary(protected_api: ProtectedApi) -> Canary:
    tour = Tour(protected_api)
    started = int(time.time() * 1000)
    tour.go()
    tour.go_without("*")
    tour.go_without(*WRITES)
    deployed = protected_api.deployed
    return Canary(
        tour,
        deployed.log_lines(),
        deployed.log_lines(started),
        deployed.aws.log.read_text(),
        rows(deployed),
        list(recorded_calls(deployed.aws)),
    )


@pytest.mark.shows("T49")
def test_no_log_holds_a_token_or_data(canary: Canary) -> None:
    lines = [(f"the log {line.group}", line.text) for line in canary.logs]

    canary.assert_clean(lines, canary.tokens, canary.hashes, DATA_NEEDLES)


@pytest.mark.shows("T49")
def test_neither_a_log_nor_a_call_of_aws_has_a_secret_of_a_sign_in(canary: Canary) -> None:
    secrets = {"a secret of a sign-in": frozenset(canary.tour.secrets)}

    assert_absent(secrets, [(line.group, line.text) for line in canary.logs])
    assert_absent(secrets, canary.tour.bad + canary.tour.good + [("the table", repr(canary.rows))])
    # The client's secret is in the calls that deploy it.
    assert_absent(secrets, [("a call", repr([call.parameters for call in canary.calls if call.role]))])


def test_the_embedded_awss_own_log_holds_neither(canary: Canary) -> None:
    canary.assert_clean([("its log", canary.own_log)], canary.tokens, canary.hashes, DATA_NEEDLES)


@pytest.mark.shows("T49", "A14")
def test_a_line_holds_names_and_ids_and_metrics_and_nothing_else(canary: Canary) -> None:
    lines = lines_of_requests(canary.own_logs)
    directives = [line["_aws"]["CloudWatchMetrics"][0] for line in lines if "_aws" in line]
    declared = {metric["Name"] for each in directives for metric in each["Metrics"]}

    assert declared <= {*METRIC_NAMES}
    assert {"Created", "Validated", "ValidationRefused", "EndedSignedOut", "ReadUnits", "TokenReused"} <= declared
    assert all(each["Dimensions"] == [["TableName"]] for each in directives)
    assert {line["TableName"] for line in lines} == {canary.tour.api.deployed.table_name}
    assert {name for line in lines for name in line} <= FIELDS | declared
    canary.assert_clean([("a line", json.dumps(lines))], canary.tokens, canary.hashes, DATA_NEEDLES)


def test_each_request_has_one_line_with_its_outcome_and_units(canary: Canary) -> None:
    """Of the service's functions and the authorizer. The demo has them for what is under `@session`."""
    logs = canary.logs_of_the_tour
    lines = lines_of_requests(logs)
    calls = Counter(line.group for line in logs if line.text.startswith("START"))
    written = Counter(line.group for line in logs if LINE.match(line.text) and OF_EVENTS not in line.group)
    by_route = {route.key: [line for line in lines if line["route"] == route.key] for route in BACKEND_ROUTES}

    ours = {group for group in written if "Demo" not in group}
    deployed = [*BACKEND_FUNCTIONS, *USER_FUNCTIONS, *BY_KEY, *SIGN_IN_FUNCTIONS, Function.AUTHORIZER]
    assert len(ours) == len(deployed) == len(written) - 1
    assert {group: written[group] for group in ours} == {group: calls[group] for group in ours}
    assert [key for key, found in by_route.items() if not {"ok", "failed"} <= {line["outcome"] for line in found}] == []
    assert {line["outcome"] for line in by_route["POST /sessions/introspect"]} >= {"ok", "refused", "bad_request"}
    assert all(line["WriteUnits"] >= 2 for line in by_route["POST /sessions"] if line["status"] == 201)
    assert all(line["request_id"] and line["milliseconds"] > 0 for line in lines)
    assert 0 < len([line for line in lines if line.get("cold_start")]) < len(lines)


def test_no_bad_answer_holds_a_token_or_data(canary: Canary) -> None:
    canary.assert_clean(canary.tour.bad, canary.tokens, canary.hashes, DATA_NEEDLES)


def test_no_good_answer_holds_a_token_but_in_its_place(canary: Canary) -> None:
    canary.assert_clean(canary.tour.good, canary.tokens, canary.hashes)


def test_the_table_holds_hashes_and_data_in_their_attributes_only(canary: Canary) -> None:
    canary.assert_clean([("the table", repr(canary.rows))], canary.tokens)
    assert_absent(canary.hashes, [("the table", repr(without_hashes(canary.rows)))])
    assert_absent(DATA_NEEDLES, [("the table", repr(without_data(canary.rows)))])
    assert {len(value) for value in canary.known_hashes} == {32}


@pytest.mark.shows("T49")
def test_no_call_of_aws_carries_a_token_and_none_carries_data_but_to_the_table(canary: Canary) -> None:
    for service in {call.service for call in canary.calls}:
        calls = [call.parameters for call in canary.calls if call.service == service]
        canary.assert_clean([(service, repr(calls))], canary.tokens)
        is_table = service == "dynamodb.amazonaws.com"
        assert_absent(canary.hashes, [(service, repr(without_hashes(calls) if is_table else calls))])
        assert_absent(DATA_NEEDLES, [(service, repr(without_data(calls) if is_table else calls))])


def test_no_function_is_traced_and_nothing_is_instrumented(canary: Canary) -> None:
    deployed = canary.tour.api.deployed
    functions = deployed.aws.session().client("lambda", endpoint_url=deployed.aws.endpoint_url)
    modes = {each["TracingConfig"]["Mode"] for each in functions.list_functions()["Functions"]}
    sources = [file for folder in ("session_store", "lambda", "demo") for file in (ROOT / folder).rglob("*.py")]

    assert modes == {"PassThrough"}
    assert len(sources) > 50
    assert [file for file in sources if INSTRUMENTATION.search(file.read_text(encoding="utf-8"))] == []


# The canary sings


def test_everything_was_called_and_answered_well_and_badly(canary: Canary) -> None:
    statuses = canary.tour.statuses
    started = {line.group for line in canary.own_logs if line.text.startswith("START")}

    assert {201, 400, 503} <= statuses["POST /sessions"]
    assert {200, 400, 503} <= statuses["POST /sessions/introspect"]
    assert {200, 401, 503} <= statuses["GET /session"]
    assert {200, 403, 500} <= statuses["GET /orders"]
    assert {200, 503} <= statuses["the demo's GET /"]
    assert len(statuses) >= len([*BACKEND_ROUTES, *USER_ROUTES, *PAGES])
    others = ("the demo", "behind the authorizer", "behind the gateway's own", "the consumer of events")
    without_large_data = set(Function) - {Function.DELETE_OBJECTS}
    assert len(started) == len(without_large_data) + len(others)


def test_what_belongs_somewhere_is_found_there(canary: Canary) -> None:
    calls = repr([call.parameters for call in canary.calls])
    hashes = repr([{name: row[name] for name in HASHES if name in row} for row in canary.rows])

    assert found(DATA_NEEDLES, repr([row.get("data") for row in canary.rows])) == list(DATA_NEEDLES)
    assert found(canary.hashes, hashes)
    assert found({**canary.hashes, **DATA_NEEDLES}, calls) == ["a hash", *DATA_NEEDLES]
    assert any(found(DATA_NEEDLES, text) for _, text in canary.tour.good)


@pytest.mark.parametrize("spelled", [str, lambda token: token.split(".")[-1], lambda token: token.rpartition(".")[0]])
def test_a_token_that_is_not_known_here_is_found_too(canary: Canary, spelled: Any) -> None:
    """Whose hashes the table has, or whose form gives it away."""
    token = canary.tour.subject().token
    fresh = Canary(canary.tour, [], [], "", rows(canary.tour.api.deployed), [])

    with pytest.raises(AssertionError, match="a token in a log"):
        fresh.assert_clean([("a log", f"token={spelled(token)};")])
