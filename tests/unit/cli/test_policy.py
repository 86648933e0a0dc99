"""The policy that a command prints. `tests/e2e/test_command_line.py` tries that it is enough."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import CommandLine

ARN = "arn:aws-cn:dynamodb:cn-north-1:111122223333:table/sessions"


def test_a_tables_arn_needs_no_call_to_aws(command_line: CommandLine) -> None:
    done = command_line.anywhere("policy", "show", "--table", ARN, "--key", "arn:of-the-key")

    assert json.loads(done.stdout)["Statement"] == [
        {"Effect": "Allow", "Action": ["dynamodb:Query"], "Resource": ARN},
        {
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:DescribeKey"],
            "Resource": "arn:of-the-key",
            "Condition": {"StringEquals": {"kms:ViaService": "dynamodb.cn-north-1.amazonaws.com"}},
        },
    ]


def test_for_an_environment_the_stack_may_be_asked_as_well(command_line: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "cdk.json").write_text(json.dumps({"context": {"environments": {"prod": {}}}}))

    done = command_line.anywhere("policy", "show", "--env", "prod", "--table", ARN)
    assert json.loads(done.stdout)["Statement"][-1] == {
        "Effect": "Allow",
        "Action": ["cloudformation:DescribeStacks"],
        "Resource": "arn:aws-cn:cloudformation:cn-north-1:111122223333:stack/SessionStore-prod/*",
    }


def test_with_large_data_a_policy_is_about_its_objects_as_well(
    command_line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SESSION_LARGE_DATA_BUCKET", "large")

    statements = json.loads(command_line.anywhere("policy", "erase", "--table", ARN).stdout)["Statement"]
    assert [(each["Action"], each["Resource"]) for each in statements if "s3" in each["Resource"]] == [
        (["s3:ListBucket"], "arn:aws-cn:s3:::large"),
        (["s3:DeleteObject"], "arn:aws-cn:s3:::large/????????-????-????-????-????????????/*"),
    ]


def test_with_encryption_a_policy_is_about_its_keys_and_their_rows_as_well(
    command_line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "arn:aws-cn:kms:cn-north-1:111122223333:key/1"
    monkeypatch.setenv("SESSION_ENCRYPTION_KEYS", json.dumps([key]))
    monkeypatch.setenv("SESSION_STORE_ID", "shop")

    def allowed(command: str) -> list[tuple[list[str], dict[str, object]]]:
        statements = json.loads(command_line.anywhere("policy", command, "--table", ARN).stdout)["Statement"]
        conditioned = [each for each in statements if "Condition" in each or each["Resource"] == [key]]
        return [(each["Action"], each.get("Condition", {})) for each in conditioned]

    store = {"StringEquals": {"kms:EncryptionContext:session-store": "shop"}}
    rows = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["key#*"]}}
    assert allowed("list") == [(["kms:Decrypt"], store), (["dynamodb:GetItem"], rows)]
    assert [allowed(name) for name in ("last-login", "end", "erase")] == [[], [], []]
    assert allowed("doctor") == [(["kms:DescribeKey"], {})]
    assert ["kms:GenerateDataKey"] in [actions for actions, _ in allowed("reencrypt")]


def test_the_policy_of_redrive_is_about_the_queue_the_bus_and_the_stream_as_well(command_line: CommandLine) -> None:
    queue = "https://sqs.cn-north-1.amazonaws.com.cn/111122223333/parked"

    done = command_line.anywhere("policy", "redrive", "--table", ARN, "--queue-url", queue, "--event-bus", "sessions")
    allowed = {each["Resource"]: each["Action"] for each in json.loads(done.stdout)["Statement"]}
    assert allowed.keys() == {
        ARN,
        f"{ARN}/stream/*",
        "arn:aws-cn:sqs:cn-north-1:111122223333:parked",
        "arn:aws-cn:events:cn-north-1:111122223333:event-bus/sessions",
    }
    assert allowed[ARN] == ["dynamodb:GetItem"]
    assert "Give --queue-url" in command_line.anywhere("policy", "redrive", "--table", ARN).stderr


def test_a_command_without_a_policy_is_a_usage_error_that_lists_those_with_one(command_line: CommandLine) -> None:
    done = command_line.anywhere("policy", "completion", "--table", ARN)

    assert done.exit_code == 2
    assert "'list', 'show'" in done.stderr
