"""The programs of the page "boto3 sessions in practice" print what they say, and what it calls wrong fails."""

from __future__ import annotations

import logging
import re
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import boto3.exceptions
import pytest
from botocore.config import Config
from moto import mock_aws

from local.embedded_aws import REGION
from local.paths import ROOT
from session_store.aws import AwsSessions, EncryptedCredentials, PassPhrase, StaticCredentials
from tests.support.embedded_aws import recording_aws

PROGRAMS = ROOT / "examples" / "aws_sessions"
WITHOUT_MOTO = {"cloudtrail"}
# The comments of `print` calls, and those on lines of their own.
_PRINTS = re.compile(r"^ *(?:print\(.*\)  )?# (.*)$", re.MULTILINE)
_NO_PROSE = re.compile(r"```.*?```", re.DOTALL)
CONFIG = """
[default]
region = eu-west-1
[profile work]
region = eu-central-1
aws_access_key_id = AKIAWORK
aws_secret_access_key = any
[profile home]
region = eu-north-1
aws_access_key_id = AKIAHOME
aws_secret_access_key = any
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A developer's machine with credentials, profiles and files in its folder, and AWS."""
    (tmp_path / "config").write_text(CONFIG)
    (tmp_path / ".env").write_text("TABLE_NAME=sessions\nSTAGE=prod\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("TABLE_NAME", "")  # so that it is gone afterwards
    monkeypatch.delenv("TABLE_NAME")
    for name, value in (("AWS_ACCESS_KEY_ID", "AKIAANA"), ("AWS_SECRET_ACCESS_KEY", "any"), ("STAGE", "dev")):
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    loggers = [logging.getLogger(name) for name in (None, "botocore")]
    before = [(logger.level, logger.handlers.copy()) for logger in loggers]
    with mock_aws():
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
        yield
    for logger, (level, handlers) in zip(loggers, before, strict=True):
        logger.level, logger.handlers = level, handlers


def store_a_key() -> None:
    """The key of an IAM user, in a file as `encryption` makes it."""
    iam = AwsSessions().client("iam")
    iam.create_user(UserName="ana")
    key = iam.create_access_key(UserName="ana")["AccessKey"]
    credentials = StaticCredentials(key["AccessKeyId"], key["SecretAccessKey"])
    EncryptedCredentials("credentials.json", PassPhrase("four words of your own")).save("work", credentials)


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(
    "program",
    [file for file in sorted(PROGRAMS.glob("*.py")) if file.stem not in WITHOUT_MOTO],
    ids=lambda file: file.stem,
)
def test_a_program_prints_what_it_says(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if program.stem == "key_rotation":
        store_a_key()
    said = _PRINTS.findall(program.read_text(encoding="utf-8"))

    runpy.run_path(str(program), run_name="__main__")

    assert said
    assert capsys.readouterr().out.splitlines() == said


def test_the_program_for_cloudtrail_shows_who_made_a_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with recording_aws(tmp_path) as aws:
        for name, value in (
            ("AWS_ACCESS_KEY_ID", aws.root.access_key_id),
            ("AWS_SECRET_ACCESS_KEY", aws.root.secret_access_key),
            ("AWS_DEFAULT_REGION", REGION),
            ("AWS_ENDPOINT_URL", aws.endpoint_url),
        ):
            monkeypatch.setenv(name, value)
        boto3.Session().client("dynamodb").list_tables()
        monkeypatch.setattr(sys, "argv", ["cloudtrail.py", "ListTables"])

        runpy.run_path(str(PROGRAMS / "cloudtrail.py"), run_name="__main__")

    assert re.fullmatch(r"\d\d:\d\d:\d\d ListTables arn:aws:iam::000000000000:user/\S+\n", capsys.readouterr().out)


@pytest.mark.parametrize("name", ["NoCredentialsError", "ClientError"])
def test_what_the_page_calls_missing_in_boto3_is_missing(name: str) -> None:
    assert not hasattr(boto3.exceptions, name)


@pytest.mark.parametrize("option", ["endpoints_config", "logging"])
def test_what_the_page_calls_a_type_error_is_one(option: str) -> None:
    options: dict[str, Any] = {option: {}}
    with pytest.raises(TypeError, match=option):
        Config(**options)


def test_the_page_shows_every_program() -> None:
    page = (ROOT / "docs" / "aws-sessions.md").read_text(encoding="utf-8")

    shown = set(re.findall(r'title="examples/aws_sessions/(\w+)\.py"', page))
    assert shown == {file.stem for file in PROGRAMS.glob("*.py")}


def test_the_page_is_short() -> None:
    page = (ROOT / "docs" / "aws-sessions.md").read_text(encoding="utf-8")

    assert len(_NO_PROSE.sub("", page).split()) <= 650
