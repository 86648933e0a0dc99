"""Findings about the region and about credentials: where they come from, what they hide, when they end."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import botocore.session
import pytest

from session_store.aws import AwsSessions, StaticCredentials
from session_store.aws.diagnosis import Finding, Severity, diagnose
from session_store.aws.diagnosis.sources import SOURCES
from session_store.testing import MovableClock
from tests.support.answering import Answer, Asked, answering
from tests.unit.aws.diagnosis.conftest import NOW

CONFIG = """
[default]
region = eu-north-1
aws_access_key_id = AKIADEFAULT
aws_secret_access_key = hidden
[profile work]
region = eu-central-1
role_arn = arn:aws:iam::222222222222:role/Ops
source_profile = default
[profile broken]
credential_process = false
"""


def findings(aws: AwsSessions, clock: MovableClock | None = None) -> list[Finding]:
    found = list(diagnose(aws, clock=clock or MovableClock(NOW)))
    assert "hidden" not in repr(found)
    return found


def about(aws: AwsSessions, what: str, clock: MovableClock | None = None) -> Finding:
    """The one finding that says so."""
    found = findings(aws, clock)
    fitting = [each for each in found if what in each.what]
    assert len(fitting) == 1, found
    return fitting[0]


def test_the_sources_are_those_of_the_sdk_in_its_order() -> None:
    providers = botocore.session.get_session().get_component("credential_provider").providers

    assert [source.method for source in SOURCES] == [provider.METHOD for provider in providers]


@pytest.mark.usefixtures("sts")
def test_keys_in_the_environment_hide_the_profile_of_the_environment(
    config: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    config(CONFIG)
    monkeypatch.setenv("AWS_PROFILE", "work")

    aws = AwsSessions()

    assert about(aws, "The credentials come from the environment").why == "AWS_ACCESS_KEY_ID"
    assert about(aws, "The profile work gives no credentials").severity is Severity.WARNING
    assert about(aws, "Other credentials").why == "the profile's role (role_arn)"
    assert about(aws, "The access key never expires").severity is Severity.NOTE


@pytest.mark.usefixtures("sts")
def test_the_instances_role_is_found_behind_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(metadata_service) as url:
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", url)

        assert "the instance's role" in about(AwsSessions(), "Other credentials").why
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        assert about(AwsSessions(), "The credentials come from the instance's role")
        assert about(AwsSessions(), "are renewed").severity is Severity.OK


def metadata_service(asked: Asked) -> Answer:
    role = {"AccessKeyId": "ASIAROLE", "SecretAccessKey": "hidden", "Token": "hidden", "Code": "Success"}
    answers = {
        "/latest/api/token": "token",
        "/latest/meta-data/iam/security-credentials/": "Ops",
        "/latest/meta-data/iam/security-credentials/Ops": json.dumps(role | {"Expiration": "2099-01-01T00:00:00Z"}),
    }
    return Answer(body=answers[asked.path])


@pytest.mark.usefixtures("sts")
def test_a_named_profile_goes_before_the_environments_keys_and_a_key_in_hand_before_all(
    config: Callable[[str], None],
) -> None:
    config(CONFIG)

    of_profile = about(AwsSessions("default"), "The credentials come from")
    in_hand = findings(AwsSessions(credentials=StaticCredentials("ASIAHAND", "hidden", "hidden")))

    assert (of_profile.what, of_profile.why) == (
        "The credentials come from the configuration file",
        "aws_access_key_id in the profile default",
    )
    assert [each.what for each in in_hand if "from" in each.what] == ["The credentials come from the program"]
    assert not [each for each in in_hand if "Other" in each.what]


@pytest.mark.usefixtures("sts")
@pytest.mark.parametrize(
    ("minutes", "severity", "what"),
    [(10, Severity.WARNING, "end soon, and are not renewed"), (50, Severity.OK, "The credentials end")],
)
def test_credentials_that_end_say_when(
    minutes: int, severity: Severity, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = MovableClock(datetime(2099, 1, 1, tzinfo=UTC) - timedelta(minutes=minutes))
    monkeypatch.setenv("AWS_SESSION_TOKEN", "hidden")
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", "2099-01-01T00:00:00Z")

    found = about(AwsSessions(), what, clock)

    assert found.severity is severity
    assert found.why == f"At 2099-01-01 00:00:00 UTC, in {minutes} minutes"


@pytest.mark.usefixtures("sts")
def test_a_token_without_an_end_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "hidden")

    assert about(AwsSessions(), "nothing says when").severity is Severity.NOTE


def test_without_credentials_or_without_a_region_it_ends_there() -> None:
    missing_region, missing_credentials = findings(AwsSessions())

    assert (missing_region.severity, missing_region.why[:14]) == (Severity.ERROR, "NoRegionError:")
    assert missing_credentials.what == "There are no credentials"
    assert missing_credentials.fix == "aws configure list"


def test_a_profile_that_is_not_there_ends_it_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "absent")

    (found,) = findings(AwsSessions(region="eu-west-1"))

    assert (found.severity, found.what) == (Severity.ERROR, "The profile cannot be used")
    assert found.fix == "aws configure list-profiles"


def test_a_proxy_in_front_of_the_metadata_service_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://ana:hidden@127.0.0.1:1")

    assert "NO_PROXY" in about(AwsSessions(), "The proxy gets the requests").fix


def test_a_provider_that_fails_is_an_error_with_its_advice(config: Callable[[str], None]) -> None:
    config(CONFIG)

    failed = about(AwsSessions("broken"), "gives no credentials")

    assert failed.why.startswith("CredentialRetrievalError: ")
    assert "--profile broken" in failed.fix


@pytest.mark.usefixtures("sts")
def test_the_region_says_where_it_comes_from(config: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    config(CONFIG)

    def origin(aws: AwsSessions) -> str:
        return about(aws, "The region").why

    assert origin(AwsSessions(region="eu-west-3")) == "It comes from the program"
    assert origin(AwsSessions()) == "It comes from AWS_DEFAULT_REGION"
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert origin(AwsSessions("default")) == "It comes from the profile default"


@pytest.mark.usefixtures("sts")
def test_a_region_that_is_none_and_one_that_boto3_does_not_read_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-2")

    assert about(AwsSessions(region="eu-wset-1"), "is none that").severity is Severity.WARNING
    assert "boto3 reads AWS_DEFAULT_REGION" in about(AwsSessions(), "AWS_REGION=eu-west-2 is not used").why


def test_a_token_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere/token")
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::222222222222:role/Ops")

    assert about(AwsSessions(region="eu-west-1"), "no credentials").why == "/nowhere/token: No such file or directory"


@pytest.mark.usefixtures("sts")
def test_a_session_diagnoses_itself() -> None:
    assert next(AwsSessions(region="eu-west-1").diagnose()).what == "The region is eu-west-1"


@pytest.mark.usefixtures("sts")
def test_credentials_of_another_account_are_an_error() -> None:
    wrong = about(AwsSessions(account="999999999999"), "gives no credentials")

    assert "are of account 111111111111" in wrong.why
    assert "demanded is 999999999999" in wrong.why


@pytest.mark.usefixtures("sts")
def test_credentials_of_a_function_have_no_end_or_are_renewed() -> None:
    def ends(moment: datetime | None) -> list[str]:
        credentials = StaticCredentials("ASIAHAND", "hidden", "hidden", expires_at=moment)
        return [
            each.what
            for each in findings(AwsSessions(credentials=lambda: credentials))
            if " end" in each.what and "credentials" in each.what
        ]

    assert ends(None) == ["The credentials end, and nothing says when"]
    assert ends(datetime(2099, 1, 1, tzinfo=UTC)) == ["The credentials are renewed before they end"]
