"""Where the command finds its table: options, `cdk.json`, the environment, a running `make run`."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.deploy import Deployment
from local.embedded_aws import Credentials, EmbeddedAws
from local.env_file import write_env
from session_store.aws import AwsSessions
from session_store.cli import places
from session_store.cli.chosen import Chosen
from session_store.cli.redrive.names import find_names
from tests.unit.cli.conftest import CommandLine

QUEUE = "http://localhost:4566/000000000000/parked"
FAR = "arn:aws:dynamodb:ap-south-1:111122223333:table/elsewhere"


def write_cdk_json(folder: Path, **environments: dict[str, Any]) -> None:
    (folder / "cdk.json").write_text(json.dumps({"context": {"environments": environments}}))


@pytest.fixture
def make_run(command_line: CommandLine, tmp_path: Path) -> Path:
    """The file that a running `make run` has written, about the store's table."""
    with subprocess.Popen(["true"]) as process:
        aws = EmbeddedAws(4566, tmp_path, Credentials("local-key", "s3cr't"), process)
    (tmp_path / ".local").mkdir()
    file = tmp_path / ".local" / "env"
    table = command_line.store.table_name
    write_env(file, aws, Deployment("http://api", "http://demo", table, "bus", QUEUE, "log"))
    return file


def test_without_a_table_it_says_how_to_name_one(command_line: CommandLine) -> None:
    done = command_line.anywhere("list", "ABC")

    assert done.exit_code == 2
    assert "use --table NAME or --env NAME, or set TABLE_NAME" in done.stderr


def test_with_make_run_up_no_option_is_needed_in_its_folder_or_below(
    command_line: CommandLine, make_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = make_run.parent / "notes"
    below.mkdir()
    monkeypatch.chdir(below)

    done = command_line.anywhere("list", "ABC", "--output", "json")
    assert (done.exit_code, done.stdout) == (0, "[]\n")
    assert done.stderr == f"Using the table of `make run`, which {make_run} names.\n"


def test_make_run_names_the_queue_and_the_bus_of_redrive(command_line: CommandLine, make_run: Path) -> None:
    names = find_names(AwsSessions(), places.find(Chosen()), None, None)

    assert names == (QUEUE, "bus")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_of_make_run_that_others_may_touch_is_not_trusted(
    command_line: CommandLine, make_run: Path, mode: int
) -> None:
    make_run.chmod(mode)

    assert command_line.anywhere("list", "ABC").exit_code == 2


def test_a_file_of_make_run_that_is_not_whole_is_not_used(command_line: CommandLine, make_run: Path) -> None:
    make_run.write_text("export TABLE_NAME=sessions\n")

    assert command_line.anywhere("list", "ABC").exit_code == 2


@pytest.mark.parametrize("option", [("--profile", "work"), ("--region", "eu-west-1"), ("--account", "1" * 12)])
def test_an_option_about_aws_is_never_about_make_run(
    command_line: CommandLine, make_run: Path, option: tuple[str, str]
) -> None:
    assert command_line.anywhere("list", "ABC", *option).exit_code == 2


def test_the_variable_comes_before_make_run_and_an_option_before_both(
    command_line: CommandLine, make_run: Path
) -> None:
    store = command_line.store

    assert "make run" not in command_line.run("list", "ABC").stderr
    named = command_line.anywhere("list", "ABC", "--table", store.table_name, TABLE_NAME="another")
    assert (named.exit_code, named.stderr) == (0, "")
    assert "Table: another (by TABLE_NAME)" in command_line.anywhere("list", "ABC", TABLE_NAME="another").stderr


def test_the_rules_of_an_environments_sessions_count(command_line: CommandLine, tmp_path: Path) -> None:
    session = command_line.store.create_session("ABC").session
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    settings = {
        "idle_timeout": "PT15M",
        "retention": "P1DT2H3M4S",
        "max_sessions_per_customer": 5,
        "not_before": later,
    }
    write_cdk_json(tmp_path, prod={"region": "eu-west-1", "settings": settings}, dev={"account": None})
    table = ("--table", command_line.store.table_name)

    assert command_line.anywhere("show", session.session_id, "--env", "dev", *table).exit_code == 0
    assert command_line.anywhere("show", session.session_id, "--env", "prod", *table).exit_code == 3


def test_the_variables_with_rules_count_beside_a_table(command_line: CommandLine) -> None:
    session = command_line.store.create_session("ABC").session
    later = str(int(datetime.now(UTC).timestamp()) + 3600)

    assert command_line.run("show", session.session_id, SESSION_NOT_BEFORE=later).exit_code == 3
    wrong = command_line.run("show", session.session_id, SESSION_NOT_BEFORE="tomorrow")
    assert wrong.exit_code == 4
    assert "environment variable SESSION_NOT_BEFORE: must be a whole number" in wrong.stderr


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"idle_timeout": "15 minutes"}, "idle_timeout: must be an ISO 8601 duration like PT30M or P30D"),
        ({"idle_timeout": "P"}, "idle_timeout: must be an ISO 8601 duration"),
        ({"not_before": "tomorrow"}, "not_before: must be an ISO 8601 time"),
        ({"not_before": "2026-01-01T00:00:00"}, "not_before: must be a datetime with a time zone"),
        ({"timeout": "PT1M"}, "there is no setting 'timeout'"),
        ({"max_sessions_per_customer": 0}, "max_sessions_per_customer: must be a whole number"),
    ],
)
def test_a_wrong_setting_of_an_environment_is_named(
    command_line: CommandLine, tmp_path: Path, settings: dict[str, object], problem: str
) -> None:
    write_cdk_json(tmp_path, prod={"settings": settings})

    done = command_line.anywhere("list", "ABC", "--env", "prod")
    assert done.exit_code == 2
    assert f"--env: cdk.json, environment 'prod', settings: {problem}" in done.stderr


def test_an_unknown_environment_is_a_usage_error_that_lists_the_known_ones(
    command_line: CommandLine, tmp_path: Path
) -> None:
    assert "there is no cdk.json in this folder or above" in command_line.anywhere("list", "A", "--env", "prod").stderr
    write_cdk_json(tmp_path, prod={}, dev={})

    done = command_line.anywhere("list", "ABC", "--env", "stage")
    assert done.exit_code == 2
    assert "cdk.json has no environment 'stage', it has prod, dev." in done.stderr


@pytest.mark.parametrize("text", ["", "[]", '{"app": "python3 app.py"}', '{"context": {"environments": []}}'])
def test_a_cdk_json_of_another_app_is_a_usage_error(command_line: CommandLine, tmp_path: Path, text: str) -> None:
    (tmp_path / "cdk.json").write_text(text)

    assert command_line.anywhere("list", "ABC", "--env", "prod").exit_code == 2


def test_a_tables_arn_names_its_region(command_line: CommandLine) -> None:
    assert "Region: ap-south-1." in command_line.anywhere("list", "ABC", "--table", FAR).stderr
    assert "Region: eu-west-1." in command_line.anywhere("list", "ABC", "--table", FAR, "--region", "eu-west-1").stderr


@pytest.mark.parametrize("account", ["1234", "12345678901x", ""])
def test_an_account_has_twelve_digits(command_line: CommandLine, account: str) -> None:
    done = command_line.run("list", "ABC", "--account", account)

    assert done.exit_code == 2
    assert "it has 12 digits" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--role", "Ops"), "give the role's ARN, or --account beside its name"),
        (("--role", "arn:aws:iam::111122223333:role/Ops", "--account", "4" * 12), "not in the account 444444444444"),
    ],
)
def test_a_role_that_does_not_fit_is_a_usage_error(
    command_line: CommandLine, arguments: tuple[str, ...], problem: str
) -> None:
    done = command_line.run("list", "ABC", *arguments)

    assert done.exit_code == 2
    assert problem in done.stderr


def test_a_profile_that_there_is_not_is_misconfigured(command_line: CommandLine) -> None:
    done = command_line.run("list", "ABC", "--profile", "nowhere", AWS_CONFIG_FILE=os.devnull)

    assert done.exit_code == 4
    assert "There is no such profile" in done.stderr
    assert "Try: aws configure list-profiles" in done.stderr
