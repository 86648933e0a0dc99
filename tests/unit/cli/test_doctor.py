"""The diagnosis as a command. Its findings are tried in `tests/unit/aws` and against the deployed stack."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID

from tests.unit.cli.conftest import CommandLine, cache_nowhere

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


def test_the_parts_that_the_variables_name_are_looked_at_as_well(
    command_line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    kms = boto3.client("kms", region_name="us-east-1")
    key = kms.create_key()["KeyMetadata"]
    kms.disable_key(KeyId=key["KeyId"])
    names = {"ENCRYPTION_KEYS": json.dumps([key["Arn"]]), "STORE_ID": "shop", "LARGE_DATA_BUCKET": "no-such-bucket"}
    for name, value in {**{f"SESSION_{name}": value for name, value in names.items()}, **cache_nowhere()}.items():
        monkeypatch.setenv(name, value)

    rows, status = found(command_line)

    assert status == 4
    severities = {row["what"]: row["severity"] for row in rows}
    assert severities["There is no bucket no-such-bucket"] == "error"
    assert severities["Objects of sessions that have ended are not deleted"] == "warning"  # the table has no stream
    assert severities[f"The key {key['KeyId']} of the data is Disabled"] == "error"
    assert severities["The cache of validations does not answer this machine"] == "note"


def test_variables_that_cannot_be_read_hide_no_other_finding(
    command_line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SESSION_ENCRYPTION_KEYS", "nonsense")
    monkeypatch.setenv("SESSION_LARGE_DATA_BUCKET", "No_Bucket")
    monkeypatch.setenv("SESSION_VALIDATION_CACHE_HOST", "cache")
    monkeypatch.setenv("SESSION_VALIDATION_CACHE_PORT", "none")

    rows, status = found(command_line)

    assert status == 4
    errors = {row["what"]: row["why"] for row in rows if row["severity"] == "error"}
    assert "SESSION_ENCRYPTION_KEYS" in errors["The encryption is not as the functions have it"]
    assert "SESSION_LARGE_DATA_BUCKET" in errors["Large data is not as the functions have it"]
    assert "SESSION_VALIDATION_CACHE_PORT" in errors["The cache cannot be looked at"]
    assert f"The table {command_line.store.table_name} is one of sessions" in {row["what"] for row in rows}
