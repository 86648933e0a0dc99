"""The commands on sessions whose data is encrypted or in S3, with the settings of the functions and without."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import boto3
import pytest

from session_store import Session, SessionStore
from session_store.encryption import Encryption, KmsKeyring
from session_store.large_data import LargeData
from session_store.testing import moto_store
from tests.support.answering import Answer, Asked, answering
from tests.unit.cli.conftest import CommandLine

BUCKET: Final = "large-data-of-operators"
LARGE: Final = {"notes": "n" * 3000}
STORE_ID: Final = "shop"


class Shop:
    """A table with an encrypted session of customer ABC, and one whose data is in S3."""

    def __init__(self, command_line: CommandLine) -> None:
        self.command_line = command_line
        self.s3: Any = boto3.client("s3")
        self.s3.create_bucket(Bucket=BUCKET)
        self.kms: Any = boto3.client("kms")
        self.key = self.new_key()
        encryption = Encryption(KmsKeyring(self.key, client=self.kms), store_id=STORE_ID)
        large_data = LargeData(BUCKET, threshold=2048, client=self.s3)
        self.store = SessionStore(
            command_line.store.table_name, clock=command_line.store.clock, encryption=encryption, large_data=large_data
        )
        self.small = self.store.create_session("ABC", data={"visits": 1}, client="Firefox").session
        self.large = self.store.create_session("ABC", data=LARGE, client="Chrome").session

    def new_key(self) -> str:
        return str(self.kms.create_key()["KeyMetadata"]["Arn"])

    def keys(self, *arns: str, store_id: str = STORE_ID) -> dict[str, str]:
        """The variables of the encryption."""
        return {"SESSION_ENCRYPTION_KEYS": json.dumps(arns or [self.key]), "SESSION_STORE_ID": store_id}

    @property
    def bucket(self) -> dict[str, str]:
        """The variables of the large data."""
        return {"SESSION_LARGE_DATA_BUCKET": BUCKET, "SESSION_LARGE_DATA_THRESHOLD": "2048"}

    def objects(self) -> list[str]:
        return [each["Key"] for each in self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())]

    def live(self) -> int:
        return len(self.store.get_customer_sessions("ABC").sessions)


@pytest.fixture
def shop(moto_command_line: CommandLine) -> Shop:
    return Shop(moto_command_line)


@contextmanager
def refusing(monkeypatch: pytest.MonkeyPatch, *services: str) -> Iterator[list[Asked]]:
    """These services of AWS refuse all while the block runs; gives what they were asked."""
    asked: list[Asked] = []

    def refuse(given: Asked) -> Answer:
        asked.append(given)
        return Answer(403)

    with answering(refuse) as url:
        for service in services:
            monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", url)
        yield asked


def listed(stdout: str) -> list[str]:
    return [json.loads(line)["session_id"] for line in stdout.splitlines()]


def ids(*sessions: Session) -> list[str]:
    return [each.session_id for each in sessions]


def test_a_list_reads_no_object_unless_it_shows_data(shop: Shop) -> None:
    for key in shop.objects():
        shop.s3.delete_object(Bucket=BUCKET, Key=key)
    everything = {**shop.keys(), **shop.bucket}

    plain, without_the_bucket, shown = (
        shop.command_line.run("list", "ABC", *options, **variables)
        for options, variables in (((), everything), ((), shop.keys()), (("--show-data",), everything))
    )

    for done in (plain, without_the_bucket):
        assert (done.exit_code, listed(done.stdout)) == (0, ids(shop.large, shop.small)), done.stderr
    assert (shown.exit_code, listed(shown.stdout)) == (1, ids(shop.small))
    assert f"{shop.large.session_id}: its data cannot be read" in shown.stderr


def test_a_list_names_the_sessions_that_it_cannot_read_and_does_not_succeed(shop: Shop) -> None:
    for wrong in ({}, shop.keys(shop.new_key()), shop.keys(store_id="another")):
        done = shop.command_line.run("list", "ABC", "--show-data", **shop.bucket, **wrong)

        assert (done.exit_code, done.stdout) == (1, "")
        assert all(f"{each}: its data cannot be read" in done.stderr for each in ids(shop.small, shop.large))
        assert "Set SESSION_ENCRYPTION_KEYS, SESSION_STORE_ID and" in done.stderr


def test_a_list_of_children_does_so_too(shop: Shop) -> None:
    shop.store.create_child_session(shop.small, data={"visits": 1})

    done = shop.command_line.run("children", shop.small.session_id)

    assert (done.exit_code, done.stdout) == (1, "")
    assert f"{shop.small.session_id}: its data cannot be read" in done.stderr


def test_sessions_that_cannot_be_read_are_counted_and_end_like_others(shop: Shop) -> None:
    counted, one, ended = (
        shop.command_line.run(*command)
        for command in (
            ("end", "--customer", "ABC", "--dry-run"),
            ("end", shop.small.session_id, "--dry-run"),
            ("end", "--customer", "ABC", "--yes"),
        )
    )

    assert json.loads(counted.stdout)["sessions"] == 2, counted.stderr
    assert json.loads(one.stdout)["sessions"] == 1, one.stderr
    assert json.loads(ended.stdout)["sessions_ended"] == 2, ended.stderr
    assert shop.live() == 0


def test_ends_and_their_counts_ask_neither_kms_nor_s3(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """At night the key may be disabled, or S3 be away."""
    with refusing(monkeypatch, "KMS", "S3") as asked:
        variables = {**shop.keys(), **shop.bucket}
        done = [
            shop.command_line.run(*command, **variables)
            for command in (
                ("end", "--customer", "ABC", "--dry-run"),
                ("erase", "ABC", "--dry-run"),
                ("end", shop.large.session_id, "--dry-run"),
                ("end", shop.large.session_id),
                ("end", "--customer", "ABC", "--yes"),
            )
        ]

    assert [each.exit_code for each in done] == [0] * len(done), [each.stderr for each in done]
    assert [json.loads(each.stdout).get("sessions") for each in done] == [2, 2, 1, None, None]
    assert asked == []


def test_an_erasure_that_knows_the_bucket_deletes_the_objects_before_it_answers(shop: Shop) -> None:
    assert len(shop.objects()) == 1

    done = shop.command_line.run("erase", "ABC", "--yes", **shop.bucket)

    assert (done.exit_code, json.loads(done.stdout)["rows_deleted"]) == (0, 2), done.stderr
    assert shop.objects() == []


def test_an_import_without_a_bucket_names_a_session_that_no_row_can_hold(shop: Shop, tmp_path: Path) -> None:
    huge = shop.store.create_session("XYZ", data={"notes": "n" * 450_000}).session
    file = str(tmp_path / "all")
    exported = shop.command_line.run("export", file, **shop.bucket)
    assert exported.exit_code == 0, exported.stderr

    with moto_store() as empty:
        done = CommandLine(empty).run("import", file, "--revive")

    assert done.exit_code == 1
    assert f"(session {huge.session_id}): DynamoDB refuses the row" in done.stderr


def test_a_verification_leaves_the_bucket_of_another_account_alone(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """S3 compares the accounts, and moto does not."""
    with refusing(monkeypatch, "S3") as asked:
        owner = {"SESSION_LARGE_DATA_BUCKET_OWNER": "111122223333"}
        done = shop.command_line.run("verify", "--fix", **shop.bucket, **owner)

    assert done.exit_code == 4
    assert {each.headers.get("x-amz-expected-bucket-owner") for each in asked} == {"111122223333"}
