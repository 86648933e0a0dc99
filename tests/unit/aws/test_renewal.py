"""What expires is renewed, by clients that exist already, and a forked process begins anew."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from session_store.aws import AwsSessions, ClientSettings, StaticCredentials, WrongAccountError, advice_for
from tests.support.sdk_replies import Answer, Sent, answer_with, move_sdk_clock

EXPIRED = (400, json.dumps({"__type": "com.amazon.coral.service#ExpiredTokenException", "message": "expired"}))
TABLES = (200, json.dumps({"TableNames": []}))


def write_key(file: Path, key_id: str) -> None:
    keys = f"aws_access_key_id = {key_id}\naws_secret_access_key = hidden\naws_session_token = hidden\n"
    file.write_text(f"[profile work]\nregion = eu-west-1\n{keys}")


def accept(*key_ids: str) -> Answer:
    return lambda sent: TABLES if sent.key_id in key_ids else EXPIRED


def test_a_client_takes_the_new_key_that_a_tool_wrote_into_the_profile(config_file: Path) -> None:
    write_key(config_file, "ASIAOLD")
    aws = AwsSessions("work")
    sent = answer_with(aws, accept("ASIANEW"))
    client = aws.client("dynamodb")
    with pytest.raises(ClientError, match="ExpiredTokenException"):
        client.list_tables()
    assert [each.key_id for each in sent] == ["ASIAOLD"]  # there is no other, so it is not sent again

    write_key(config_file, "ASIANEW")
    client.list_tables()
    client.list_tables()

    assert [each.key_id for each in sent] == ["ASIAOLD", "ASIAOLD", "ASIANEW", "ASIANEW"]


def test_one_attempt_is_one_attempt_and_the_next_call_has_the_new_key(config_file: Path) -> None:
    write_key(config_file, "ASIAOLD")
    aws = AwsSessions("work", client=ClientSettings(max_attempts=1))
    sent = answer_with(aws, accept("ASIANEW"))
    client = aws.client("dynamodb")
    write_key(config_file, "ASIANEW")
    with pytest.raises(ClientError, match="ExpiredTokenException"):
        client.list_tables()
    client.list_tables()

    assert [each.key_id for each in sent] == ["ASIAOLD", "ASIANEW"]


def test_threads_whose_requests_fail_together_renew_once() -> None:
    asked: list[str] = []
    together = threading.Barrier(8)

    def give() -> StaticCredentials:
        asked.append(f"ASIA{len(asked)}")
        return StaticCredentials(asked[-1], "hidden", "hidden", datetime.now(UTC) + timedelta(hours=1))

    def answer(sent: Sent) -> tuple[int, str]:
        if sent.key_id == "ASIA0":
            together.wait(10)
            return EXPIRED
        return TABLES

    aws = AwsSessions(region="eu-west-1", credentials=give)
    answer_with(aws, answer)
    client = aws.client("dynamodb")
    assert not asked

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: client.list_tables(), range(8)))

    assert asked == ["ASIA0", "ASIA1"]


def test_a_function_is_asked_again_ten_minutes_before_what_it_gave_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[StaticCredentials] = []

    def give() -> StaticCredentials:
        end = datetime.now(UTC) + timedelta(hours=1 + len(given))
        given.append(StaticCredentials(f"ASIA{len(given)}", "hidden", "hidden", end))
        return given[-1]

    aws = AwsSessions(region="eu-west-1", credentials=give)
    sent = answer_with(aws, lambda _each: TABLES)
    for minutes in (0, 49, 51):
        move_sdk_clock(monkeypatch, timedelta(minutes=minutes))
        aws.client("dynamodb").list_tables()

    assert [each.key_id for each in sent] == ["ASIA0", "ASIA0", "ASIA1"]


def test_a_role_whose_token_aws_calls_expired_is_assumed_again_though_the_clock_says_it_lasts(aws: AwsSessions) -> None:
    ops = aws.assume_role("arn:aws:iam::111111111111:role/Ops")
    first: list[str] = []

    def refuse_the_first_key(sent: Sent) -> tuple[int, str]:
        first.append(sent.key_id)
        return EXPIRED if sent.key_id == first[0] else TABLES

    sent = answer_with(ops, refuse_the_first_key)
    calls = answer_with(aws, lambda _each: None)

    ops.client("dynamodb").list_tables()

    assert len({each.key_id for each in sent}) == 2
    assert [each.operation for each in calls] == ["AssumeRole", "AssumeRole"]


def account(number: str) -> tuple[int, str]:
    members = f"<Account>{number}</Account><Arn>arn:aws:iam::{number}:user/ada</Arn><UserId>AIDA</UserId>"
    result = f"<GetCallerIdentityResult>{members}</GetCallerIdentityResult>"
    return 200, f"<GetCallerIdentityResponse>{result}</GetCallerIdentityResponse>"


@pytest.mark.parametrize("use", [lambda aws: aws.client("dynamodb"), lambda aws: aws.session.client("dynamodb")])
def test_a_wrong_account_is_an_error_before_anything_is_done(
    config_file: Path, use: Callable[[AwsSessions], Any]
) -> None:
    write_key(config_file, "ASIAOTHER")
    aws = AwsSessions("work", account="111111111111")
    sent = answer_with(aws, lambda _each: account("222222222222"))

    for attempt in (use, use, lambda sessions: next(sessions.fan_out(print, regions=["eu-west-1"]))):
        with pytest.raises(WrongAccountError, match=r"account 222222222222 .*user/ada.*, demanded is 111111111111"):
            attempt(aws)

    assert {each.operation for each in sent} == {"GetCallerIdentity"}
    advice = advice_for(
        WrongAccountError(expected="111111111111", actual="222222222222", identity="any"), profile="work"
    )
    assert (advice.code, advice.first_command) == ("WrongAccountError", "aws sts get-caller-identity --profile work")


def test_the_right_account_is_asked_for_once_and_again_when_the_profile_has_another_key(config_file: Path) -> None:
    write_key(config_file, "ASIAOLD")
    aws = AwsSessions("work", account="111111111111")
    answers = {"ASIAOLD": "111111111111", "ASIAOTHER": "222222222222"}

    def answer(sent: Sent) -> tuple[int, str]:
        return account(answers[sent.key_id]) if sent.service == "sts" else EXPIRED

    sent = answer_with(aws, answer)
    client = aws.client("dynamodb")
    assert aws.client("sqs")
    write_key(config_file, "ASIAOTHER")

    with pytest.raises(WrongAccountError):
        client.list_tables()

    used = [(each.operation, each.key_id) for each in sent]
    assert used == [("GetCallerIdentity", "ASIAOLD"), ("ListTables", "ASIAOLD"), ("GetCallerIdentity", "ASIAOTHER")]


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_makes_its_session_and_clients_anew_and_keeps_the_roles_credentials(aws: AwsSessions) -> None:
    ops = aws.assume_role("arn:aws:iam::111111111111:role/Ops")
    of_parent = answer_with(ops, lambda _each: None)
    client, session = ops.client("dynamodb"), ops.session
    client.list_tables()

    with held_by_another_thread(ops._lock, aws._botocore().making):
        made_anew, key_id, calls = of_child(lambda: use_anew(aws, ops, client, session))

    assert made_anew
    assert key_id == of_parent[0].key_id
    assert not calls
    assert ops.client("dynamodb") is client


def use_anew(aws: AwsSessions, ops: AwsSessions, client: object, session: object) -> tuple[bool, str, list[Sent]]:
    calls, sent = (answer_with(each, lambda _each: None) for each in (aws, ops))
    ops.client("dynamodb").list_tables()
    return ops.client("dynamodb") is not client and ops.session is not session, sent[0].key_id, calls


@contextmanager
def held_by_another_thread(*locks: AbstractContextManager[Any]) -> Iterator[None]:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with locks[0], locks[1]:
            held.set()
            done.wait(10)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(hold)
        held.wait(10)
        yield
        done.set()


def of_child(work: Callable[[], Any]) -> Any:
    """The result of some work in a forked process, as JSON carries it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    return json.loads(os.read(reading, 10_000))


def test_a_closed_session_can_be_used_again(aws: AwsSessions) -> None:
    client = aws.client("dynamodb")
    there = aws.in_region("us-east-1")
    aws.close()

    assert aws.in_region("us-east-1") is not there
    assert aws.client("dynamodb") is not client
    aws.client("dynamodb").list_tables()
