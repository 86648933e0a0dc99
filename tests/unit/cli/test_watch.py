"""Watching sessions start and end by the functions' logs, on a small Logs API. The deployed one is in `tests/e2e`."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any, Final

import boto3
import click
import pytest
from click.testing import CliRunner, Result

from session_store.catalog.operator_commands import DESCRIBED_AS
from session_store.cli.main import program
from session_store.testing import MovableClock
from tests.support.logs_api import LogsApi
from tests.support.sdk_replies import answer_calls
from tests.unit.cli.conftest import CommandLine

SESSION: Final = "01880fb9-92c0-7001-8abc-000000000002"
GROUPS: Final = ("/create", "/end")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> MovableClock:
    moved = MovableClock()
    monkeypatch.setattr("session_store.clock.SystemClock", lambda: moved)
    return moved


@pytest.fixture
def functions() -> dict[str, str]:
    """The descriptions of the functions on the table, by log group."""
    return dict.fromkeys(GROUPS, "an application's")


@pytest.fixture
def logs(
    clock: MovableClock, command_line: CommandLine, functions: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> LogsApi:
    api = LogsApi(clock)
    for group in GROUPS:
        api.groups[group] = []
    variables = {"Variables": {"TABLE_NAME": command_line.store.table_name}}

    def answer(operation: str, parameters: dict[str, Any]) -> Any:
        if operation == "FilterLogEvents":
            return api.answer(parameters)
        described = [
            {
                "FunctionName": group[1:],
                "FunctionArn": group,
                "Description": text,
                "LoggingConfig": {"LogGroup": group},
                "Environment": variables,
            }
            for group, text in functions.items()
        ]
        return {"ListFunctions": {"Functions": described}}.get(operation)

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    answer_calls(monkeypatch, answer)
    return api


def line(**counted: object) -> str:
    """A line about a request to the table."""
    said = {"TableName": "sessions", "route": "POST /sessions", "session_id": SESSION, "outcome": "ok", "status": 201}
    return json.dumps(said | counted)


def rows(done: Result) -> list[dict[str, Any]]:
    return [json.loads(each) for each in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("counted", "shown"),
    [
        ({"Created": 1}, [("started", "")]),
        ({"Created": 1, "Ended": 1, "EndedReplaced": 1}, [("started", ""), ("ended", "replaced")]),
        ({"ChildCreated": 1}, [("started", "child session")]),
        ({"Ended": 1, "EndedSignedOut": 1}, [("ended", "signed out")]),
        ({"Ended": 12, "EndedAllEnded": 12}, [("ended", "all ended (12)")]),
        ({"TokenReused": 1, "Ended": 1, "EndedTheft": 1}, [("theft", "a replaced token came back")]),
        ({"Validated": 1, "ReadUnits": 1}, []),
    ],
)
def test_a_request_has_a_line_for_each_thing_that_happened(
    command_line: CommandLine, logs: LogsApi, counted: dict[str, object], shown: list[tuple[str, str]]
) -> None:
    logs.put("/create", line(**counted))

    done = command_line.run("watch", "--for", "2s")

    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert [(each[22:29].strip(), each[31:57].strip()) for each in lines] == shown
    assert all(each.endswith(f"  {SESSION}  POST /sessions") for each in lines)


def test_refused_tokens_and_faults_are_shown_when_asked_for(command_line: CommandLine, logs: LogsApi) -> None:
    logs.put("/create", line(ValidationRefused=1, refusal="not_active", outcome="refused"))
    logs.put("/create", line(ValidationRefused=1, refusal="reused", TokenReused=1))
    logs.put("/end", line(Throttled=1, error="ThrottledError", status=503))

    done = command_line.run("watch", "--for", "2s", "--all", "--json")

    assert [(row["what"], row["reason"]) for row in rows(done)] == [
        ("refused", "not active"),
        ("theft", "a replaced token came back"),
        ("fault", "Throttled: ThrottledError"),
    ]
    assert {row["function"] for row in rows(done)} == {"create", "end"}
    assert done.stderr.endswith("In 2 s: theft 1, refused 1, fault 1.\n")
    (shown,) = command_line.run("watch", "--since", "1m", "--for", "0s").stdout.splitlines()
    assert "theft" in shown


@pytest.mark.shows("A28")
def test_nothing_is_shown_twice_and_nothing_is_lost_however_late_it_comes(
    command_line: CommandLine, logs: LogsApi
) -> None:
    chance = random.Random(13)
    for number in range(100):
        late = chance.choice((0, 1, 5, 50, 550))
        said = line(Created=1, request_id=str(number))
        logs.put(chance.choice(GROUPS), said, after=chance.uniform(0, 600), late=late)

    done = command_line.run("watch", "--for", "20m", "--json")

    assert Counter(row["request_id"] for row in rows(done)) == Counter(map(str, range(100)))
    assert "In 1,200 s: started 100." in done.stderr


def test_it_begins_as_far_back_as_it_is_told(command_line: CommandLine, logs: LogsApi) -> None:
    for after in (-700, -500, -1, 30):
        logs.put("/create", line(Created=1, request_id=str(after)), after=after)

    found = [row["request_id"] for row in rows(command_line.run("watch", "--since", "10m", "--for", "1m", "--json"))]
    assert found == ["-500", "-1", "30"]
    assert len(command_line.run("watch", "--since", "99999d", "--for", "0s").stdout.splitlines()) == 4


def test_throttling_is_waited_out_in_the_middle_of_a_page(
    command_line: CommandLine, logs: LogsApi, clock: MovableClock
) -> None:
    for number in range(5):
        logs.put("/create", line(Created=1, request_id=str(number)))
    logs.refusals += ["", "", "ThrottlingException", "ThrottlingException", "", "ThrottlingException"]

    done = command_line.run("watch", "--for", "1m", "--json")

    assert done.exit_code == 0
    assert [row["request_id"] for row in rows(done)] == list("01234")
    assert done.stderr.count("Waiting, and nothing is lost") == 2


def test_throttling_up_to_the_end_is_told(command_line: CommandLine, logs: LogsApi) -> None:
    logs.refusals += ["ThrottlingException"] * 1000

    done = command_line.run("watch", "--for", "1m")

    assert done.exit_code == 5
    assert "(ThrottlingException)" in done.stderr
    assert done.stderr.endswith("nothing happened.\n")


def test_a_log_group_that_disappears_is_said_and_looked_for_again(command_line: CommandLine, logs: LogsApi) -> None:
    events = logs.groups.pop("/end")

    done = command_line.run("watch", "--for", "10s")
    assert done.exit_code == 1
    assert done.stderr.count("The log group /end is not there. It is looked for again.") == 1
    logs.refusals += ["", "", "ResourceNotFoundException"]
    logs.groups["/end"] = events
    logs.put("/end", line(Created=1))
    done = command_line.run("watch", "--for", "10s")
    assert done.exit_code == 0
    assert "The log group /end is there again." in done.stderr
    assert len(done.stdout.splitlines()) == 1


def test_what_is_not_deployed_is_said(command_line: CommandLine, logs: LogsApi, functions: dict[str, str]) -> None:
    functions["/create"] = f"{DESCRIBED_AS}create session"
    assert "Not deployed on this table: create child session, end, " in command_line.run("watch", "--for", "0s").stderr
    functions.clear()
    done = command_line.run("watch")
    assert done.exit_code == 4
    assert "No function of this account and region has the table sessions in its variable TABLE_NAME" in done.stderr


def test_a_missing_permission_has_advice(command_line: CommandLine, logs: LogsApi) -> None:
    logs.refusals.append("AccessDeniedException")

    done = command_line.run("watch")

    assert done.exit_code == 4
    assert "(AccessDeniedException)" in done.stderr
    assert "Try: " in done.stderr


def test_an_interrupted_watch_has_its_summary_and_status(
    command_line: CommandLine, logs: LogsApi, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    logs.put("/create", line(Created=1))
    monkeypatch.setattr(clock, "sleep", interrupt)

    done = command_line.run("watch")

    assert done.exit_code == 130
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr.endswith("Interrupted.\nIn 0 s: started 1.\n")


def test_lines_about_another_table_control_characters_and_tokens_are_not_shown(
    command_line: CommandLine, logs: LogsApi
) -> None:
    token = command_line.store.create_session("ABC").token
    logs.put("/create", line(Created=1, TableName="another"))
    logs.put(
        "/create", line(Created=1, TableName="arn:aws:dynamodb:eu-west-1:1:table/sessions", route=f"\x1b[2J {token}")
    )

    done = command_line.run("watch", "--for", "0s", "--since", "1m")

    assert done.stdout.endswith(f"{SESSION}  \N{REPLACEMENT CHARACTER}[2J <token>\n")
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize("options", [["--output", "json"], ["--output", "jsonl"], ["--json"]])
def test_json_has_all_that_the_line_says(command_line: CommandLine, logs: LogsApi, options: list[str]) -> None:
    logs.put("/end", line(Created=1, milliseconds=7.5, request_id="r"))

    done = command_line.run("watch", "--for", "0s", "--since", "1m", *options)

    found = json.loads(done.stdout)
    (row,) = found if options[-1] == "json" else [found]
    assert row["time"].endswith("Z")
    del row["time"]
    assert row == {
        "what": "started",
        "reason": "",
        "number": 1,
        "route": "POST /sessions",
        "session_id": SESSION,
        "outcome": "ok",
        "status": 201,
        "milliseconds": 7.5,
        "request_id": "r",
        "function": "end",
    }


@pytest.mark.parametrize("arguments", [("--since", "10"), ("--for", "1w"), ("--since", "-1m"), ("--for", "ten")])
def test_a_length_of_time_has_a_unit(command_line: CommandLine, arguments: tuple[str, ...]) -> None:
    done = command_line.run("watch", *arguments)

    assert done.exit_code == 2
    assert "is no length of time like 30s, 10m, 2h or 1d" in done.stderr


def test_lines_have_colours_on_a_terminal_alone(command_line: CommandLine, logs: LogsApi) -> None:
    logs.put("/end", line(TokenReused=1))
    arguments = ["watch", "--since", "1m", "--for", "0s", "--table", command_line.store.table_name]

    shown, plain = (CliRunner().invoke(program, arguments, color=True, env={"NO_COLOR": no}) for no in ("", "1"))
    assert "\x1b[31m\x1b[1mtheft" in shown.stdout
    assert click.unstyle(shown.stdout) == plain.stdout


def test_the_events_of_a_log_group_on_moto_are_shown(
    moto_command_line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs, clock = boto3.client("logs"), MovableClock()
    logs.create_log_group(logGroupName="/aws/lambda/create")
    variables = {"Variables": {"TABLE_NAME": moto_command_line.store.table_name}}
    found = [{"FunctionName": "create", "FunctionArn": "any", "Environment": variables}]
    listed = {"ListFunctions": {"Functions": found}}
    answer_calls(monkeypatch, lambda operation, _: listed.get(operation))
    for stream in ("a", "b"):
        logs.create_log_stream(logGroupName="/aws/lambda/create", logStreamName=stream)
        messages = (
            "START",
            "[1]",
            "{",
            line(Created="many"),
            line(Created=1, request_id=stream),
        )  # it ignores patterns
        events = [{"timestamp": int(clock.now() * 1000), "message": message} for message in messages]
        logs.put_log_events(logGroupName="/aws/lambda/create", logStreamName=stream, logEvents=events)

    done = moto_command_line.run("watch", "--since", "1m", "--for", "0s", "--json")

    assert sorted(row["request_id"] for row in rows(done)) == ["a", "b"]
