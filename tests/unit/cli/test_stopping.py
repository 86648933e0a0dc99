"""Stopping and resuming functions of which one refuses, on moto. The deployed ones are in `tests/e2e`."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any, Final

import boto3
import pytest

from session_store.catalog.operator_commands import DESCRIBED_AS
from session_store.cli.stopping import TAG
from tests.support.sdk_replies import answer_calls, refusal
from tests.unit.cli.conftest import CommandLine

NAMES: Final = ("create", "end", "read")
FORMER: Final = {"create": 5, "end": None, "read": 0}


@pytest.fixture
def command_line(moto_command_line: CommandLine) -> CommandLine:
    return moto_command_line


@pytest.fixture
def functions(command_line: CommandLine) -> Any:
    """A client of Lambda. Three functions are on the table, with the concurrency of `FORMER`."""
    client = boto3.client("lambda")
    trust = '{"Version": "2012-10-17", "Statement": []}'
    role = boto3.client("iam").create_role(RoleName="any", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as file:
        file.writestr("any.py", "")
    for name in NAMES:
        client.create_function(
            FunctionName=name,
            Description=f"{DESCRIBED_AS}{name}",
            Role=role,
            Runtime="python3.13",
            Handler="any.handler",
            Code={"ZipFile": code.getvalue()},
            Environment={"Variables": {"TABLE_NAME": command_line.store.table_name}},
        )
        if (number := FORMER[name]) is not None:
            client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=number)
    return client


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], Any]:
    """Replies and errors in place of moto's, by function and operation."""
    given: dict[tuple[str, str], Any] = {}

    def answer(operation: str, parameters: dict[str, Any]) -> Any:
        function = str(parameters.get("FunctionName", parameters.get("Resource", ""))).rpartition(":")[2]
        answered = given.get((function, operation))
        if isinstance(answered, Exception):
            raise answered
        return answered

    answer_calls(monkeypatch, answer)
    return given


def concurrency(functions: Any) -> dict[str, int | None]:
    found = {name: functions.get_function_concurrency(FunctionName=name) for name in NAMES}
    return {name: each.get("ReservedConcurrentExecutions") for name, each in found.items()}


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("ListTags", "TooManyRequestsException"),
        ("GetFunctionConcurrency", "ResourceNotFoundException"),
        ("PutFunctionConcurrency", "AccessDeniedException"),
    ],
)
def test_a_function_that_refuses_the_stop_is_named_and_the_others_are_stopped(
    command_line: CommandLine, functions: Any, answers: dict[tuple[str, str], Any], operation: str, code: str
) -> None:
    answers["create", operation] = refusal(code)

    done = command_line.run("stop", "--yes")

    assert done.exit_code == 1
    assert done.stderr.startswith("create: ")
    assert code in done.stderr
    assert [json.loads(line)["function"] for line in done.stdout.splitlines()] == ["end", "read"]
    answers.clear()
    assert concurrency(functions) == {"create": 5, "end": 0, "read": 0}
    assert command_line.run("stop", "--yes").exit_code == 0
    assert set(concurrency(functions).values()) == {0}
    assert command_line.run("resume").exit_code == 0
    assert concurrency(functions) == FORMER


@pytest.mark.parametrize(
    ("operation", "code"),
    [("ListTags", "TooManyRequestsException"), ("UntagResource", "ResourceNotFoundException")],
)
def test_a_function_that_refuses_to_resume_is_named_and_the_others_resume(
    command_line: CommandLine, functions: Any, answers: dict[tuple[str, str], Any], operation: str, code: str
) -> None:
    assert command_line.run("stop", "--yes").exit_code == 0
    answers["create", operation] = refusal(code)

    done = command_line.run("resume")

    assert done.exit_code == 1
    assert done.stderr.startswith("create: ")
    assert [json.loads(line)["function"] for line in done.stdout.splitlines()] == ["end", "read"]
    answers.clear()
    assert [row["function"] for row in command_line.rows("resume")] == ["create"]
    assert concurrency(functions) == FORMER


def test_a_second_stop_keeps_the_former_concurrency(command_line: CommandLine, functions: Any) -> None:
    for changed in (True, False):
        assert [row["changed"] for row in command_line.rows("stop", "--yes")] == [changed] * len(NAMES)

    assert concurrency(functions) == dict.fromkeys(NAMES, 0)
    assert [row["concurrency"] for row in command_line.rows("resume")] == list(FORMER.values())
    assert concurrency(functions) == FORMER
    arns = [each["FunctionArn"] for each in functions.list_functions()["Functions"]]
    assert not [arn for arn in arns if TAG in functions.list_tags(Resource=arn)["Tags"]]


@pytest.mark.parametrize("since", [8, None])
def test_a_stop_that_failed_has_noted_nothing_for_the_next_one(
    command_line: CommandLine, functions: Any, answers: dict[tuple[str, str], Any], since: int | None
) -> None:
    answers["create", "PutFunctionConcurrency"] = refusal("InvalidParameterValueException")
    assert command_line.run("stop", "--yes").exit_code == 1
    answers.clear()
    functions.delete_function_concurrency(FunctionName="create")
    if since is not None:
        functions.put_function_concurrency(FunctionName="create", ReservedConcurrentExecutions=since)

    for command in (("stop", "--yes"), ("stop", "--yes"), ("resume",)):
        assert command_line.run(*command).exit_code == 0

    assert concurrency(functions) == FORMER | {"create": since}


def test_a_function_whose_variables_cannot_be_read_is_named(
    command_line: CommandLine, functions: Any, answers: dict[tuple[str, str], Any]
) -> None:
    found = functions.list_functions()
    found["Functions"][0]["Environment"] = {"Error": {"ErrorCode": "AccessDeniedException", "Message": "no"}}
    answers["", "ListFunctions"] = found

    done = command_line.run("stop", "--dry-run")

    assert "Left out, because kms:Decrypt of their variables is not allowed: create." in done.stderr
    assert [json.loads(line)["function"] for line in done.stdout.splitlines()] == ["end", "read"]
