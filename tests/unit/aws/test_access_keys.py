"""The rotation of an access key, killed at every step."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto import mock_aws

from session_store import StoreConfigurationError
from session_store.aws import AwsSessions, StaticCredentials
from session_store.aws.access_keys import Rotation, rotate_access_key
from session_store.aws.encrypted_credentials import EncryptedCredentials
from session_store.aws.file_keys import PassPhrase
from session_store.testing import MovableClock

WRITES = {"CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey", "GetCallerIdentity"}


CLIENT: Any = BaseClient


class KilledError(BaseException):
    """Like a signal, no handler of errors sees it."""


class World(NamedTuple):
    """An IAM user whose key is in a file, and a clock."""

    stored: EncryptedCredentials
    clock: MovableClock
    iam: Any

    def rotate(self, **options: Any) -> Rotation:
        return rotate_access_key(AwsSessions(region="eu-west-1"), self.stored, "dev", clock=self.clock, **options)

    @property
    def current(self) -> str:
        return self.stored.load("dev").access_key_id

    def statuses(self) -> dict[str, str]:
        keys = self.iam.list_access_keys(UserName="ana")["AccessKeyMetadata"]
        return {key["AccessKeyId"]: key["Status"] for key in keys}


@pytest.fixture
def new_world(tmp_path: Path) -> Iterator[Callable[[], World]]:
    """Makes worlds, each of its own."""
    with mock_aws():

        def make() -> World:
            iam = boto3.client("iam", aws_access_key_id="root", aws_secret_access_key="root")
            for user in iam.list_users()["Users"]:
                for key in iam.list_access_keys(UserName="ana")["AccessKeyMetadata"]:
                    iam.delete_access_key(UserName="ana", AccessKeyId=key["AccessKeyId"])
                iam.delete_user(UserName=user["UserName"])
            iam.create_user(UserName="ana", Path="/staff/")
            key = iam.create_access_key(UserName="ana")["AccessKey"]
            stored = EncryptedCredentials(tmp_path / "credentials", PassPhrase("correct horse", cost=2))
            stored.save("dev", StaticCredentials(key["AccessKeyId"], key["SecretAccessKey"]))
            return World(stored, MovableClock(datetime.now(UTC)), iam)

        yield make


@pytest.fixture
def world(new_world: Callable[[], World]) -> World:
    return new_world()


def test_a_rotation_leaves_a_proven_key_in_the_file_and_the_old_one_inactive(world: World) -> None:
    old = world.current

    done = world.rotate()

    assert world.statuses() == {old: "Inactive", world.current: "Active"}
    assert done.made_key
    assert done.user.endswith(":user/staff/ana")
    assert done.replaced_key_until == pytest.approx(datetime.now(UTC) + timedelta(days=7), abs=timedelta(minutes=1))


def test_the_old_key_is_deleted_by_a_call_after_its_time_and_then_the_next_one_is_made(world: World) -> None:
    world.rotate()
    first = world.current
    again = world.rotate()
    assert (again.made_key, world.current) == (False, first)

    world.clock.advance(timedelta(days=8))
    third = world.rotate(max_age=timedelta(days=90))
    assert (third.made_key, world.statuses()) == (False, {first: "Active"})

    world.clock.advance(timedelta(days=90))
    assert world.rotate(max_age=timedelta(days=90)).made_key
    assert world.statuses() == {first: "Inactive", world.current: "Active"}


def test_killed_before_any_step_the_next_call_finishes_it(
    new_world: Callable[[], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing happens between two steps: killed after one is killed before the next."""
    killed = 0
    while kill_at(killed, new_world(), monkeypatch):
        killed += 1

    assert killed == 8


def kill_at(step: int, world: World, monkeypatch: pytest.MonkeyPatch, *, finish: bool = True) -> bool:
    """Kill a rotation before a step, and run it again; whether it had so many steps."""
    steps = iter(range(100))

    def killing(act: Callable[..., Any]) -> Callable[..., Any]:
        def done(self: Any, name: str, *arguments: Any) -> Any:
            if name in {*WRITES, "dev"} and next(steps) == step:
                raise KilledError
            return act(self, name, *arguments)

        return done

    old = world.current
    with monkeypatch.context() as patches:
        for owner, method in ((CLIENT, "_make_api_call"), (EncryptedCredentials, "put_record")):
            patches.setattr(owner, method, killing(getattr(owner, method)))
        try:
            world.rotate()
        except KilledError:
            killed = True
        else:
            killed = False
    if not finish:
        return killed
    world.rotate()

    assert world.statuses() == {old: "Inactive", world.current: "Active"}
    assert set(world.stored.record("dev")) == {"key", "name", "replaced"}
    return killed


def test_a_second_key_that_is_not_of_the_file_is_never_touched(world: World) -> None:
    other = world.iam.create_access_key(UserName="ana")["AccessKey"]["AccessKeyId"]
    before = world.statuses()

    with pytest.raises(StoreConfigurationError, match=f"ends in {other[-4:]} and is not of this file"):
        world.rotate()

    assert world.statuses() == before


def test_a_key_that_another_person_made_and_used_meanwhile_is_not_taken_for_a_lost_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kill_at(2, world, monkeypatch, finish=False)  # before the key is made
    others = world.iam.create_access_key(UserName="ana")["AccessKey"]
    boto3.client(
        "sts", "eu-west-1", aws_access_key_id=others["AccessKeyId"], aws_secret_access_key=others["SecretAccessKey"]
    ).get_caller_identity()

    with pytest.raises(StoreConfigurationError, match="not of this file"):
        world.rotate()


def test_it_waits_until_aws_knows_the_new_key(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    old, call = world.current, CLIENT._make_api_call
    begun = world.clock.monotonic()

    def slow(self: Any, name: str, parameters: Any) -> Any:
        key = self._request_signer._credentials.access_key
        if key not in {old, "root"} and world.clock.monotonic() < begun + 10:
            raise ClientError({"Error": {"Code": "InvalidClientTokenId", "Message": ""}}, name)
        return call(self, name, parameters)

    monkeypatch.setattr(CLIENT, "_make_api_call", slow)

    assert world.rotate().made_key
    assert 10 <= world.clock.monotonic() - begun < 20


def test_a_key_that_aws_never_knows_changes_nothing_in_use(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    old, call = world.current, CLIENT._make_api_call

    def never(self: Any, name: str, parameters: Any) -> Any:
        if self._request_signer._credentials.access_key not in {old, "root"}:
            raise ClientError({"Error": {"Code": "InvalidClientTokenId", "Message": ""}}, name)
        return call(self, name, parameters)

    monkeypatch.setattr(CLIENT, "_make_api_call", never)
    with pytest.raises(ClientError):
        world.rotate()
    monkeypatch.undo()

    assert (world.current, world.statuses()[old]) == (old, "Active")
    assert world.rotate().made_key


def test_a_key_that_is_gone_already_is_deactivated_enough(world: World) -> None:
    old = world.current
    world.rotate()
    world.iam.delete_access_key(UserName="ana", AccessKeyId=old)
    world.clock.advance(timedelta(days=8))

    world.rotate(max_age=timedelta(days=90))

    assert world.statuses() == {world.current: "Active"}


def test_the_log_of_the_sdk_has_no_key(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "botocore.hooks")
    caplog.set_level(logging.DEBUG)

    world.rotate()

    assert "ListAccessKeys" in caplog.text
    assert world.stored.load("dev").secret_access_key not in caplog.text


def test_only_users_rotate_keys(world: World) -> None:
    sts = boto3.client("sts", "eu-west-1", aws_access_key_id="any", aws_secret_access_key="any")
    role = sts.assume_role(RoleArn="arn:aws:iam::111111111111:role/Ops", RoleSessionName="test")["Credentials"]
    keys = (role["AccessKeyId"], role["SecretAccessKey"], role["SessionToken"])
    world.stored.save("dev", StaticCredentials(*keys))

    with pytest.raises(StoreConfigurationError, match="only IAM users rotate keys"):
        world.rotate()
