"""The diagnosis as a command. Its findings are tried in `tests/unit/aws` and against the deployed stack."""

from __future__ import annotations

import json
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID

from tests.unit.cli.conftest import CommandLine

OTHER = "111122223333"
ROLE = f"arn:aws:iam::{OTHER}:role/Ops"


@pytest.fixture
def command_line(moto_command_line: CommandLine) -> CommandLine:
    return moto_command_line


def found(command_line: CommandLine, *arguments: str) -> tuple[list[dict[str, Any]], int]:
    """The findings, and the exit status."""
    done = command_line.run("doctor", *arguments)
    return [json.loads(line) for line in done.stdout.splitlines()], done.exit_code


def test_a_finding_has_its_place_severity_reason_and_next_step(command_line: CommandLine) -> None:
    rows, status = found(command_line)

    assert status == 0
    assert {tuple(row) for row in rows} == {("account", "region", "severity", "what", "why", "fix")}
    assert f"The table {command_line.store.table_name} is one of sessions" in {row["what"] for row in rows}


def test_without_a_table_it_looks_at_all_the_rest(command_line: CommandLine) -> None:
    done = command_line.anywhere("doctor")

    assert done.exit_code == 0
    assert "STS answers" in done.stdout
    assert "The table" not in done.stdout


def test_each_account_and_region_has_findings_and_an_error_in_one_hides_no_other(
    command_line: CommandLine,
) -> None:
    accounts = f"{DEFAULT_ACCOUNT_ID},{OTHER}"
    rows, status = found(command_line, "--account", accounts, "--role", "Ops", "--regions", "us-east-1,eu-west-1")

    places = {(row["account"], row["region"]) for row in rows}
    assert places == {(account, region) for account in accounts.split(",") for region in ("us-east-1", "eu-west-1")}
    assert status == 4
    without_errors = places - {(row["account"], row["region"]) for row in rows if row["severity"] == "error"}
    assert without_errors == {(DEFAULT_ACCOUNT_ID, "us-east-1")}


def test_a_roles_arn_names_its_account(command_line: CommandLine) -> None:
    rows, _ = found(command_line, "--role", ROLE)

    assert {row["account"] for row in rows} == {OTHER}


def test_another_account_than_the_expected_one_is_an_error(command_line: CommandLine) -> None:
    rows, status = found(command_line, "--account", OTHER)

    assert status == 4
    assert rows[-1]["what"] == "This is another account"
    assert DEFAULT_ACCOUNT_ID in rows[-1]["why"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--account", f"{DEFAULT_ACCOUNT_ID},{OTHER}"), "Several accounts need --role"),
        (("--role", "Ops"), "give the role's ARN, or --account beside its name"),
        (("--can", "sing"), "Invalid value for '--can'"),
    ],
)
def test_options_that_do_not_go_together_are_a_usage_error(
    command_line: CommandLine, arguments: tuple[str, ...], problem: str
) -> None:
    done = command_line.run("doctor", *arguments)

    assert done.exit_code == 2
    assert problem in done.stderr
