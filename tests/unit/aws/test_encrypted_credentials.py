"""Credentials at rest: nothing in plain text, for the owner alone, whole or not at all, with keys that can change."""

from __future__ import annotations

import base64
import json
import logging
import os
import stat
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from session_store import InvalidInputError, StoreConfigurationError, StoreUnavailableError
from session_store.aws import StaticCredentials
from session_store.aws.credential_json import from_json
from session_store.aws.encrypted_credentials import EncryptedCredentials
from session_store.aws.file_keys import KmsKey, PassPhrase

CREDENTIALS = StaticCredentials("AKIADEV", "secret-hidden", "token-hidden")
PHRASE = "pass phrase, hidden"


def phrase(text: str = PHRASE) -> PassPhrase:
    return PassPhrase(text, cost=2)


@pytest.fixture
def stored(tmp_path: Path) -> EncryptedCredentials:
    """A file with the credentials `dev`."""
    stored = EncryptedCredentials(tmp_path / "new folder" / "credentials", phrase())
    stored.save("dev", CREDENTIALS)
    return stored


@contextmanager
def refused(problem: str, error: type[Exception] = StoreConfigurationError) -> Iterator[None]:
    """Expects an error of which nothing secret is in any traceback, not even in one with local variables."""
    with pytest.raises(error, match=problem) as raised:
        yield
    shown = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    assert "hidden" not in "".join(line for line in shown.format() if "/session_store/" in line)


def test_credentials_come_back_and_none_of_them_is_on_disk(stored: EncryptedCredentials) -> None:
    again = EncryptedCredentials(stored.file, phrase())

    assert again.load("dev") == CREDENTIALS
    assert again.names() == ["dev"]
    on_disk = b"".join(file.read_bytes() for file in stored.file.parent.iterdir())
    assert not any(text in on_disk for text in (b"hidden", b"AKIADEV"))


def test_nothing_shows_a_secret(stored: EncryptedCredentials, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    shown = f"{stored!r} {stored.record('dev')!r} {stored.load('dev')!r} {phrase()!r} {caplog.text}"

    assert "hidden" not in shown


def test_no_moment_shows_the_file_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modes: list[int] = []
    sync = os.fsync

    def noted(descriptor: int) -> None:
        found = os.fstat(descriptor).st_mode
        modes.extend([stat.S_IMODE(found)] if stat.S_ISREG(found) else [])
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    before = os.umask(0)
    try:
        EncryptedCredentials(tmp_path / "folder" / "credentials", phrase()).save("dev", CREDENTIALS)
    finally:
        os.umask(before)

    assert modes == [0o600]
    files = [tmp_path / "folder", *(tmp_path / "folder").iterdir()]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o700, 0o600}


def test_a_file_that_others_can_read_is_refused_with_the_command_that_repairs_it(stored: EncryptedCredentials) -> None:
    stored.file.chmod(0o644)

    with refused(f"mode 644, so others can read it: chmod 600 {stored.file}"):
        stored.load("dev")


def test_a_write_that_fails_leaves_the_old_file_and_the_next_one_succeeds(
    stored: EncryptedCredentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk, refused("No space left on device"):
        disk.setattr(os, "fsync", full)
        stored.save("dev", StaticCredentials("AKIANEW", "also-hidden"))

    assert stored.load("dev") == CREDENTIALS
    stored.save("dev", StaticCredentials("AKIANEW", "also-hidden"))
    assert stored.load("dev").access_key_id == "AKIANEW"


def test_writers_at_the_same_time_lose_nothing(stored: EncryptedCredentials) -> None:
    def save(number: int) -> None:
        EncryptedCredentials(stored.file, phrase()).save(f"dev-{number}", CREDENTIALS)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(save, range(16)))

    assert len(stored.names()) == 17


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda content: content["credentials"].update(dev="gAAAA"), "damaged"),
        (lambda content: content["credentials"].update(dev=content["credentials"]["prod"]), "damaged"),
        (lambda content: content["key"].update(salt="?"), "damaged: salt"),
        (lambda content: content["key"].update(cost=2**40), "damaged: cost"),
        (lambda content: content["key"].update(kind="kms"), "comes from KMS, not from a pass phrase"),
        (lambda content: content.update(version=2), "update session-store"),
        (lambda content: content.pop("key"), "no file of encrypted credentials"),
    ],
)
def test_a_changed_file_is_refused(
    change: Callable[[dict[str, Any]], None], problem: str, stored: EncryptedCredentials
) -> None:
    stored.save("prod", StaticCredentials("AKIAPROD", "secret-hidden"))
    content = json.loads(stored.file.read_text())
    change(content)
    stored.file.write_text(json.dumps(content))

    with refused(problem):
        EncryptedCredentials(stored.file, phrase()).load("dev")


def test_a_wrong_or_missing_pass_phrase_and_an_unknown_name_are_refused(stored: EncryptedCredentials) -> None:
    with refused("pass phrase or key is wrong"):
        EncryptedCredentials(stored.file, phrase("other phrase, hidden")).load("dev")
    before = stored.file.read_bytes()
    with refused("pass phrase or key is wrong"):
        EncryptedCredentials(stored.file, phrase("other phrase, hidden")).save("other", CREDENTIALS)
    assert stored.file.read_bytes() == before
    with refused("needs its pass phrase or KMS key"):
        EncryptedCredentials(stored.file).load("dev")
    with refused("has no credentials 'prod'; there are: dev"):
        stored.load("prod")
    with refused("12 characters at least", InvalidInputError):
        phrase("hidden")


def test_another_pass_phrase_replaces_the_first(stored: EncryptedCredentials) -> None:
    stored.rotate_key(phrase("new phrase, hidden"))

    assert stored.load("dev") == CREDENTIALS
    assert EncryptedCredentials(stored.file, phrase("new phrase, hidden")).load("dev") == CREDENTIALS
    with refused("pass phrase or key is wrong"):
        EncryptedCredentials(stored.file, phrase()).load("dev")


def test_a_name_can_be_removed_without_the_key(stored: EncryptedCredentials) -> None:
    EncryptedCredentials(stored.file).delete("dev")

    assert stored.names() == []


def test_credentials_that_have_ended_are_refused(stored: EncryptedCredentials) -> None:
    stored.save("dev", replace(CREDENTIALS, expires_at=datetime(2020, 1, 1, tzinfo=UTC)))

    with refused("the credentials 'dev' expired at 2020-01-01"):
        stored.load("dev")


@pytest.fixture
def kms() -> Iterator[Any]:
    """A client of an empty KMS."""
    with mock_aws():
        once = Config(retries={"total_max_attempts": 1})
        yield boto3.client("kms", "eu-west-1", aws_access_key_id="any", aws_secret_access_key="any", config=once)


def test_kms_makes_and_opens_the_key_of_a_file(stored: EncryptedCredentials, kms: Any) -> None:
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]

    stored.rotate_key(KmsKey(kms, key_id))

    assert EncryptedCredentials(stored.file, KmsKey(kms, key_id)).load("dev") == CREDENTIALS
    with refused("comes from KMS, not from a pass phrase"):
        EncryptedCredentials(stored.file, phrase()).load("dev")


def test_the_log_of_the_sdk_has_no_key(
    stored: EncryptedCredentials, kms: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "botocore.hooks")
    caplog.set_level(logging.DEBUG)
    key = KmsKey(kms, kms.create_key()["KeyMetadata"]["KeyId"])

    stored.rotate_key(key)
    EncryptedCredentials(stored.file, key).load("dev")

    made = base64.urlsafe_b64decode(key.find(json.loads(stored.file.read_text())["key"]))
    assert "CiphertextBlob" in caplog.text
    assert base64.b64encode(made).decode() not in caplog.text


def test_a_data_key_of_another_kms_key_is_refused(stored: EncryptedCredentials, kms: Any) -> None:
    ours, attackers = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    stored.rotate_key(KmsKey(kms, attackers))

    with refused("KMS decrypt: "):
        EncryptedCredentials(stored.file, KmsKey(kms, ours)).load("dev")


@pytest.mark.parametrize(
    ("failure", "problem", "error"),
    [
        (ClientError({"Error": {"Code": "DisabledException"}}, "Decrypt"), "is disabled", StoreConfigurationError),
        (EndpointConnectionError(endpoint_url="http://kms"), "No connection", StoreUnavailableError),
    ],
)
def test_a_kms_that_refuses_is_told_from_one_that_is_down(
    failure: Exception, problem: str, error: type[Exception], stored: EncryptedCredentials, kms: Any
) -> None:
    def fails(**_: object) -> None:
        raise failure

    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    stored.rotate_key(KmsKey(kms, key_id))
    kms.meta.events.register("before-send.kms.Decrypt", fails)

    with refused(problem, error):
        EncryptedCredentials(stored.file, KmsKey(kms, key_id)).load("dev")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"AccessKeyId": "AKIA"}, "SecretAccessKey"),
        ({"AccessKeyId": "AKIA", "SecretAccessKey": "hidden\n"}, "SecretAccessKey"),
        ({"AccessKeyId": 7, "SecretAccessKey": "hidden"}, "AccessKeyId"),
        ({"AccessKeyId": "AKIA", "SecretAccessKey": "hidden", "Expiration": "2026-01-01"}, "Expiration"),
        ({"AccessKeyId": "AKIA", "SecretAccessKey": "hidden", "Expiration": "soon"}, "Expiration"),
    ],
)
def test_fields_that_are_no_credentials_are_refused_by_name(fields: dict[str, Any], field: str) -> None:
    with refused(field, InvalidInputError):
        from_json(fields)
