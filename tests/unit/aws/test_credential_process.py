"""The program that the AWS CLI and the SDKs ask for credentials."""

from __future__ import annotations

import getpass
import io
import json
import sys
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from local.paths import ROOT
from session_store.aws import AwsSessions, StaticCredentials
from session_store.aws.credential_process import main
from session_store.aws.encrypted_credentials import EncryptedCredentials
from session_store.aws.file_keys import PassPhrase

PHRASE = "pass phrase, hidden"
KEY = {"AccessKeyId": "AKIADEV", "SecretAccessKey": "secret-hidden"}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with the credentials `dev`, and its pass phrase in the environment."""
    monkeypatch.setenv("SESSION_STORE_PASS_PHRASE", PHRASE)
    file = tmp_path / "credentials"
    EncryptedCredentials(file, PassPhrase(PHRASE, cost=2)).save(
        "dev", StaticCredentials(KEY["AccessKeyId"], KEY["SecretAccessKey"])
    )
    return file


def run(file: Path, *arguments: str) -> int:
    return main(["--file", str(file), *arguments])


def test_the_sdk_gets_its_credentials_from_the_program(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = file.with_name("config")
    config.write_text(
        f"[profile dev]\nregion = eu-west-1\n"
        f"credential_process = {sys.executable} -m session_store.aws.credential_process --file {file} get dev\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    credentials = AwsSessions("dev").session.get_credentials()

    assert credentials is not None
    assert (credentials.access_key, credentials.secret_key) == tuple(KEY.values())


def test_what_iam_sts_and_it_print_itself_can_be_stored(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    temporary = KEY | {"SessionToken": "token-hidden", "Expiration": "2099-01-01T00:00:00+00:00"}
    for name, printed in (("iam", {"AccessKey": KEY}), ("sts", {"Credentials": temporary}), ("own", temporary)):
        monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(printed)))
        assert run(file, "put", name) == 0

    assert run(file, "get", "sts") == 0
    assert json.loads(capsys.readouterr().out) == {"Version": 1} | temporary
    assert run(file, "delete", "iam") == 0
    assert run(file, "list") == 0
    assert capsys.readouterr().out == "dev\nown\nsts\n"
    assert "hidden" not in file.read_text()


def test_another_pass_phrase_comes_from_a_command(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = "echo another phrase, hidden"

    assert run(file, "rotate-key", "--new-pass-phrase-command", command) == 0
    assert run(file, "get", "dev") == 1
    assert "pass phrase or key is wrong" in capsys.readouterr().err
    monkeypatch.delenv("SESSION_STORE_PASS_PHRASE")
    assert run(file, "--pass-phrase-command", command, "get", "dev") == 0


def test_on_a_terminal_it_asks(file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    answers = {"Secret access key: ": "typed-hidden\n", "Pass phrase of the credentials: ": PHRASE}
    terminal = io.StringIO("AKIATYPED\n")
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    monkeypatch.setattr(getpass, "getpass", answers.__getitem__)
    monkeypatch.delenv("SESSION_STORE_PASS_PHRASE")

    assert run(file, "put", "typed") == 0

    assert EncryptedCredentials(file, PassPhrase(PHRASE)).load("typed").secret_access_key == "typed-hidden"
    assert "hidden" not in str(capsys.readouterr())
    answers |= {"New pass phrase of the credentials: ": "another phrase", "The same again: ": "another phrasf"}
    assert run(file, "rotate-key") == 1
    assert "the two are not the same" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["get", "prod"], "has no credentials 'prod'; there are: dev"),
        (["put", "dev"], "must be JSON with AccessKeyId and SecretAccessKey"),
        (["--pass-phrase-command", "false", "get", "dev"], "the command for the pass phrase failed with 1"),
        (["--pass-phrase-command", "nothing-of-this-name", "get", "dev"], "cannot be run"),
        (["rotate-key"], "no terminal to ask for the new pass phrase: set --new-pass-phrase-command"),
        (["--kms-key", "alias/none", "get", "dev"], "NoRegionError: There is no region."),
    ],
)
def test_a_mistake_is_one_line_without_a_secret(
    arguments: list[str],
    problem: str,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def no_terminal(_prompt: str) -> str:
        raise getpass.GetPassWarning

    monkeypatch.setattr(sys, "stdin", io.StringIO("hidden"))
    monkeypatch.setattr(getpass, "getpass", no_terminal)

    assert run(file, *arguments) == 1

    printed = capsys.readouterr()
    assert printed.out == ""
    assert problem in printed.err
    assert len(printed.err.splitlines()) == 1
    assert "hidden" not in printed.err


def test_a_key_is_renewed_by_one_command(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        iam = boto3.client("iam", aws_access_key_id="any", aws_secret_access_key="any")
        iam.create_user(UserName="ana")
        key = iam.create_access_key(UserName="ana")["AccessKey"]
        stored = EncryptedCredentials(file, PassPhrase(PHRASE))
        stored.save("dev", StaticCredentials(key["AccessKeyId"], key["SecretAccessKey"]))

        assert run(file, "renew", "dev", "--keep", "0") == 0
        assert capsys.readouterr().err.startswith("New key of arn:aws:iam::")
        assert stored.load("dev").access_key_id != key["AccessKeyId"]


def test_the_help_says_that_servers_want_a_role(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])

    assert "On a server do not use this: give the instance, container or function a role." in capsys.readouterr().out
