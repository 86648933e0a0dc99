"""Findings about the limits of account, functions and APIs: which of them growing traffic meets first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from session_store.aws import AwsSessions
from session_store.aws.diagnosis import Finding, Severity, diagnose
from session_store.catalog.operator_commands import ALIAS
from session_store.testing import moto_store
from tests.support.sdk_replies import answer_calls, refusal

Given = Callable[..., list[Finding]]
TAKES = "The table and its index take 10,000 read and 10,000 write units a second"


@pytest.fixture(autouse=True)
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "any")
    with moto_store():
        yield


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Given:
    """Replies of an account with two functions and an API, and what is found."""

    def find(
        *,
        account: int = 1000,
        functions: dict[str, int | None] | None = None,
        rate: float = 500,
        alias: bool = False,
        replies: dict[str, Any] | None = None,
    ) -> list[Finding]:
        of_functions = {"create": None, "read": None} if functions is None else functions
        variables = {"Variables": {"TABLE_NAME": "sessions"}}
        found = [{"FunctionName": each, "FunctionArn": each, "Environment": variables} for each in of_functions]
        shared = account - sum(filter(None, of_functions.values()))
        limit = {"ConcurrentExecutions": account, "UnreservedConcurrentExecutions": shared}
        throttle = {"ThrottlingRateLimit": rate, "ThrottlingBurstLimit": 2 * int(rate)}

        def answer(operation: str, parameters: dict[str, Any]) -> Any:
            name = str(parameters.get("FunctionName", ""))
            if operation == "GetPolicy" and name.endswith(f":{ALIAS}") is not alias:
                raise refusal("ResourceNotFoundException")
            answered = {
                "ListFunctions": {"Functions": found},
                "GetAccountSettings": {"AccountLimit": limit},
                "GetFunctionConcurrency": {"ReservedConcurrentExecutions": of_functions.get(name)},
                "GetPolicy": {"Policy": '{"AWS:SourceArn": "arn:aws:execute-api:us-east-1:123456789012:api1/*/*"}'},
                "GetStages": {"Items": [{"DefaultRouteSettings": throttle}]},
                **(replies or {}),
            }.get(operation)
            if isinstance(answered, Exception):
                raise answered
            return answered

        answer_calls(monkeypatch, answer)
        return list(diagnose(AwsSessions(), table="sessions"))

    return find


def about(findings: list[Finding], words: str) -> Finding:
    (found,) = (finding for finding in findings if words in finding.what)
    return found


@pytest.mark.parametrize("alias", [False, True])
def test_the_api_refuses_first_where_lambda_runs_as_much_as_it_lets_in(given: Given, *, alias: bool) -> None:
    found = given(alias=alias)

    assert about(found, "Lambda runs 1,000 executions at once").why.endswith("on the table: none")
    first = about(found, "API Gateway's limit is met before Lambda's")
    assert first.why == "API Gateway lets in 1,000 requests at once and 500 a second, and answers 429 beyond"
    assert about(found, TAKES).severity is Severity.OK


def test_a_new_account_has_fewer_executions_than_the_api_lets_in(given: Given) -> None:
    first = about(given(account=10), "Lambda's limit is met before API Gateway's")

    assert first.severity is Severity.WARNING
    assert first.why.endswith(
        "A function without a reservation runs 10, as in a new account. "
        "That is enough while a request takes 20 ms on average"
    )
    assert first.fix.endswith("--service-code lambda --quota-code L-B99A9384 --desired-value 1000")


def test_a_reservation_that_is_smaller_is_named_and_a_stopped_function_too(given: Given) -> None:
    found = given(functions={"create": 50, "read": 0, "end": None})

    first = about(found, "Lambda's limit is met before API Gateway's")
    assert "create runs 50" in first.why
    assert first.fix.startswith("Raise reserved_concurrent_executions")
    assert about(found, "Stopped: read").fix == "session-store resume"
    assert "create 50" in about(found, "Lambda runs 1,000 executions").why


def test_a_table_that_takes_less_than_the_sign_ins_of_the_api_is_met_first(given: Given) -> None:
    assert (
        "6,000 sign-ins a second, which API Gateway lets in, need 12,000"
        in about(given(account=20_000, rate=6_000), "The table's limit is met before API Gateway's").why
    )


def test_the_tables_own_maximum_counts_for_table_and_index(given: Given) -> None:
    described: dict[str, Any] = {"TableName": "sessions", "KeySchema": [], "TableStatus": "ACTIVE"}
    described |= {"BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"}}
    described |= {"OnDemandThroughput": {"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": 300}}

    found = given(replies={"DescribeTable": {"Table": described}})

    short = about(found, "The table's limit is met before API Gateway's")
    assert short.why.startswith("The table and its index take 600 write units a second. 500 sign-ins a second")
    assert short.fix.endswith("or raise the table's own limits")


@pytest.mark.parametrize(
    "operation", ["ListFunctions", "GetAccountSettings", "GetPolicy", "GetStages", "DescribeLimits"]
)
def test_a_permission_that_is_missing_is_a_note(given: Given, operation: str) -> None:
    found = given(replies={operation: refusal("AccessDeniedException")})

    assert {finding.severity for finding in found} == {Severity.OK, Severity.NOTE}
    assert about(found, "limits of functions" if operation != "DescribeLimits" else "DynamoDB's limits")


def test_without_functions_there_is_the_tables_limit_alone(given: Given) -> None:
    found = given(functions={})

    assert about(found, TAKES).why == "DynamoDB's quota"
    assert not [finding for finding in found if "Lambda" in finding.what]
