"""Roles are assumed at their first use, once for each link of a chain, and again ten minutes before their end."""

from __future__ import annotations

import json
import logging
import traceback
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from session_store import InvalidInputError
from session_store.aws import AwsSessions, StaticCredentials
from tests.support.sdk_replies import Sent, answer_with, move_sdk_clock

OPS = "arn:aws:iam::111111111111:role/Ops"
DEEP = "arn:aws:iam::222222222222:role/team/Deep"


def go_on(_sent: Sent) -> None:
    return None


def assumed(sent: list[Sent]) -> list[dict[str, str]]:
    """The arguments of each AssumeRole."""
    forms = [parse_qs(each.body) for each in sent if each.operation == "AssumeRole"]
    return [{name: values[0] for name, values in form.items()} for form in forms]


def test_nothing_is_called_before_the_first_use_and_each_link_of_a_chain_is_assumed_once(aws: AwsSessions) -> None:
    ops = aws.assume_role(OPS)
    deep = ops.assume_role(DEEP)
    by_user, by_ops = answer_with(aws, go_on), answer_with(ops, go_on)
    client = deep.client("dynamodb")
    assert (ops.account, deep.account) == ("111111111111", "222222222222")
    assert not by_user + by_ops

    client.list_tables()
    deep.client("sts").get_caller_identity()
    ops.client("dynamodb").list_tables()

    assert [each["RoleArn"] for each in assumed(by_user)] == [OPS]
    assert [each["RoleArn"] for each in assumed(by_ops)] == [DEEP]
    assert deep.identity.arn.startswith("arn:aws:sts::222222222222:assumed-role/")


def test_equal_arguments_are_one_role_and_assume_it_once(aws: AwsSessions) -> None:
    sent = answer_with(aws, go_on)

    assert aws.assume_role(OPS, tags={"a": "1", "b": "2"}) is aws.assume_role(OPS, tags={"b": "2", "a": "1"})
    assert aws.assume_role(OPS, tags={"a": "1"}) is not aws.assume_role(OPS)
    for _ in range(3):
        aws.assume_role(OPS).client("dynamodb").list_tables()
    assert len(assumed(sent)) == 1


def test_sts_gets_all_that_is_said_about_a_role(aws: AwsSessions) -> None:
    sent = answer_with(aws, go_on)
    policy = {"Version": "2012-10-17", "Statement": []}

    aws.assume_role(
        OPS,
        session_name="deployment",
        external_id="partner-7",
        duration=timedelta(hours=2),
        tags={"team": "blue"},
        transitive_tags=["team"],
        source_identity="ada",
        policy=policy,
        policy_arns=["arn:aws:iam::aws:policy/ReadOnlyAccess"],
    ).client("dynamodb").list_tables()

    (said,) = assumed(sent)
    assert json.loads(said["Policy"]) == policy
    assert (
        said.items()
        >= {
            "RoleSessionName": "deployment",
            "ExternalId": "partner-7",
            "DurationSeconds": "7200",
            "Tags.member.1.Key": "team",
            "Tags.member.1.Value": "blue",
            "TransitiveTagKeys.member.1": "team",
            "SourceIdentity": "ada",
            "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
        }.items()
    )


@pytest.mark.parametrize("name", ["AWS_ROLE_SESSION_NAME", "AWS_LAMBDA_FUNCTION_NAME"])
def test_the_session_has_a_name_that_says_who_it_is(
    aws: AwsSessions, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    sent = answer_with(aws, go_on)
    monkeypatch.setenv(name, "nightly build")

    aws.assume_role(OPS).client("dynamodb").list_tables()

    assert assumed(sent)[0]["RoleSessionName"] == "nightly-build"


def test_the_profiles_mfa_device_is_asked_for_at_the_first_use(config_file: Path, aws: AwsSessions) -> None:
    config_file.write_text("[profile work]\nmfa_serial = arn:aws:iam::123456789012:mfa/ada\n")
    work = AwsSessions("work", region="eu-west-1", credentials=StaticCredentials("AKIAUSER", "hidden"))
    asked: list[str] = []
    sent = answer_with(work, go_on)

    def prompt(text: str) -> str:
        asked.append(text)
        return "123456"

    ops = work.assume_role(OPS, mfa=prompt)
    client = ops.client("dynamodb")
    assert not asked
    client.list_tables()
    client.list_tables()

    assert asked == ["Enter MFA code for arn:aws:iam::123456789012:mfa/ada: "]
    serial_and_code = {"SerialNumber": "arn:aws:iam::123456789012:mfa/ada", "TokenCode": "123456"}
    assert assumed(sent)[0].items() >= serial_and_code.items()


def test_one_code_of_mfa_serves_all_roles_that_are_assumed_after_it(aws: AwsSessions) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="default_user")
    iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")
    serial = iam.list_virtual_mfa_devices()["VirtualMFADevices"][0]["SerialNumber"]
    iam.enable_mfa_device(
        UserName="default_user", SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321"
    )
    asked: list[str] = []
    sent = answer_with(aws, lambda each: only_device(each, serial))

    known = aws.with_mfa(lambda text: asked.append(text) or "123456", duration=timedelta(hours=36))  # type: ignore[func-returns-value]
    for arn in (OPS, DEEP):
        known.assume_role(arn).client("dynamodb").list_tables()

    assert asked == [f"Enter MFA code for {serial}: "]
    (tokens,) = [parse_qs(each.body) for each in sent if each.operation == "GetSessionToken"]
    assert (tokens["SerialNumber"], tokens["DurationSeconds"]) == ([serial], ["129600"])


def only_device(sent: Sent, serial: str) -> tuple[int, str] | None:
    """The reply to `ListMFADevices` without a user's name, which moto does not know."""
    if sent.operation != "ListMFADevices":
        return None
    member = f"<member><SerialNumber>{serial}</SerialNumber></member>"
    result = f"<ListMFADevicesResult><MFADevices>{member}</MFADevices></ListMFADevicesResult>"
    return 200, f"<ListMFADevicesResponse>{result}</ListMFADevicesResponse>"


def test_a_role_is_assumed_again_ten_minutes_before_its_end(aws: AwsSessions, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = answer_with(aws, go_on)
    ops = aws.assume_role(OPS)
    of_ops = answer_with(ops, go_on)
    client = ops.client("dynamodb")
    calls = []
    for minutes in (0, 49, 51, 99, 102):
        move_sdk_clock(monkeypatch, timedelta(minutes=minutes))
        client.list_tables()
        calls.append(len(assumed(sent)))

    assert calls == [1, 1, 2, 2, 3]
    assert len({each.key_id for each in of_ops}) == 3


def test_while_sts_is_away_a_role_is_used_until_its_last_minute(
    aws: AwsSessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = False
    sent = answer_with(aws, lambda _each: (500, "<Error/>") if away else None)
    client = aws.assume_role(OPS).client("dynamodb")
    client.list_tables()
    away = True
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    move_sdk_clock(monkeypatch, timedelta(minutes=55))

    for _ in range(3):
        client.list_tables()
    assert len(assumed(sent)) == 4  # the first time, and three attempts of one refresh
    move_sdk_clock(monkeypatch, timedelta(minutes=59, seconds=30))
    with pytest.raises(ClientError, match="AssumeRole"):
        client.list_tables()


def test_a_chain_lasts_an_hour_and_more_is_refused_before_any_call(aws: AwsSessions) -> None:
    ops = aws.assume_role(OPS, duration=timedelta(hours=12))

    ops.assume_role(DEEP, duration=timedelta(hours=1))
    for chained in (ops, ops.in_region("us-east-1")):
        with pytest.raises(InvalidInputError, match="1 hour: AWS allows no more in a chain of roles"):
            chained.assume_role(DEEP, duration=timedelta(hours=1, seconds=1))


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"role_arn": "Ops"}, "role_arn"),
        ({"role_arn": "arn:aws:iam::1111:role/Ops"}, "role_arn"),
        ({"duration": timedelta(minutes=14)}, "duration"),
        ({"duration": timedelta(hours=13)}, "duration"),
        ({"duration": 3600}, "duration"),
        ({"session_name": "two words"}, "session_name"),
        ({"policy": "{"}, "policy"),
    ],
)
def test_a_mistake_is_refused_by_its_name(aws: AwsSessions, arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        aws.assume_role(**{"role_arn": OPS} | arguments)

    assert raised.value.field == field


def test_an_argument_that_there_is_not_is_a_type_error(aws: AwsSessions) -> None:
    with pytest.raises(TypeError, match="'externalid'"):
        aws.assume_role(OPS, externalid="1")  # type: ignore[call-arg]


def test_without_credentials_a_role_is_an_error_of_the_sdk(config_file: Path) -> None:
    with pytest.raises(NoCredentialsError):
        AwsSessions(region="eu-west-1").assume_role(OPS).client("dynamodb").list_tables()


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "sts.eu-west-1.amazonaws.com"),
        ("me-south-1", "sts.me-south-1.amazonaws.com"),
        ("cn-north-1", "sts.cn-north-1.amazonaws.com.cn"),
        ("us-gov-west-1", "sts.us-gov-west-1.amazonaws.com"),
    ],
)
def test_sts_is_asked_in_the_region_of_the_session(aws: AwsSessions, region: str, host: str) -> None:
    there = aws.in_region(region)
    refusal = "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>"
    sent = answer_with(there, lambda _each: (403, refusal))

    with pytest.raises(ClientError, match="AccessDenied"):
        there.assume_role(OPS).client("dynamodb").list_tables()
    assert {each.url for each in sent} == {f"https://{host}/"}


def test_no_secret_is_shown_by_objects_by_a_traceback_or_by_the_sdks_debug_log(
    aws: AwsSessions, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ops = aws.assume_role(OPS, mfa=lambda _text: "678678", mfa_serial="arn:aws:iam::123456789012:mfa/ada")
    answer_with(ops, lambda _each: (400, json.dumps({"__type": "AccessDeniedException"})))

    with pytest.raises(ClientError) as raised:
        ops.client("dynamodb").list_tables()

    credentials = ops.session.get_credentials()
    assert credentials is not None
    keys = credentials.get_frozen_credentials()
    shown = [*map(repr, (aws, ops, ops.session, credentials, keys)), *traceback.format_exception(raised.value)]
    text = "".join(shown) + caplog.text
    assert all(quoted in text for quoted in ("SecretAccessKey", "x-amz-security-token", "TokenCode"))
    assert not [each for each in (keys.secret_key, keys.token, "hidden-secret", "678678") if str(each) in text]
