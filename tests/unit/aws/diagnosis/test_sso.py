"""Findings about SSO, from replies in the form that its API reference documents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from session_store.aws import AwsSessions
from session_store.aws.diagnosis import Finding, Severity, diagnose
from tests.support.answering import Answer, Asked, answering
from tests.unit.aws.diagnosis.conftest import identity

START_URL = "https://corp.awsapps.com/start"
CONFIG = f"""
[profile sso]
region = eu-west-1
sso_session = corp
sso_account_id = 111111111111
sso_role_name = Ops
[sso-session corp]
sso_region = eu-west-1
sso_start_url = {START_URL}
"""
# Written by hand for portal.sso.REGION.amazonaws.com and oidc.REGION.amazonaws.com: no real SSO can be asked here.
SIGNED_OUT = Answer(401, '{"message":"Session token not found or invalid","__type":"UnauthorizedException"}')
NO_ACCESS = Answer(403, '{"message":"No access","__type":"com.amazonaws.switchboard.portal#ForbiddenException"}')
NO_RENEWAL = Answer(400, '{"error":"invalid_grant","error_description":"Invalid refresh token provided"}')


@pytest.fixture
def tokens(config: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder with the tokens of those who have signed in, empty at first."""
    config(CONFIG)
    # The SDK looks up the home folder once, when it is imported.
    monkeypatch.setattr("botocore.tokens.SSOTokenProvider._SSO_TOKEN_CACHE_DIR", str(tmp_path))
    return tmp_path


def sign_in(tokens: Path, until: str) -> None:
    token = {"accessToken": "hidden", "expiresAt": until, "startUrl": START_URL, "region": "eu-west-1"}
    renewal = {"refreshToken": "hidden", "clientId": "hidden", "clientSecret": "hidden"}
    content = json.dumps(token | renewal | {"registrationExpiresAt": "2099-01-01T00:00:00Z"})
    (tokens / f"{hashlib.sha1(b'corp').hexdigest()}.json").write_text(content)


def failure() -> Finding:
    found = list(diagnose(AwsSessions("sso")))
    assert "hidden" not in repr(found)
    assert (found[-1].severity, found[-1].what) == (
        Severity.ERROR,
        "The provider that comes first gives no credentials",
    )
    return found[-1]


@pytest.mark.usefixtures("tokens")
def test_without_a_sign_in_it_says_to_sign_in() -> None:
    assert failure().fix == "aws sso login --profile sso"


@pytest.mark.parametrize(
    ("until", "replies", "code"),
    [
        ("2099-01-01T00:00:00Z", {"/federation/credentials": SIGNED_OUT}, "UnauthorizedSSOTokenError"),
        ("2020-01-01T00:00:00Z", {"/token": NO_RENEWAL}, "TokenRetrievalError"),
    ],
)
def test_an_expired_or_revoked_sign_in_says_to_sign_in_again(
    until: str, replies: dict[str, Answer], code: str, tokens: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(tokens, until)
    with answering(lambda asked: replies[asked.path.partition("?")[0]]) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        found = failure()

    assert found.why.startswith(f"{code}: ")
    assert found.fix == "aws sso login --profile sso"


def test_a_role_that_sso_does_not_offer_is_told_from_a_sign_in(tokens: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(tokens, "2099-01-01T00:00:00Z")
    with answering(lambda _: NO_ACCESS) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)

        assert failure().why.startswith("ForbiddenException: IAM Identity Center does not offer you this account")


def test_a_good_sign_in_is_the_origin_and_is_renewed(tokens: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = {"accessKeyId": "ASIASSO", "secretAccessKey": "hidden", "sessionToken": "hidden"}
    given = json.dumps({"roleCredentials": key | {"expiration": 4_070_908_800_000}})

    def aws(asked: Asked) -> Answer:
        return Answer(body=given) if asked.path.startswith("/federation") else identity(asked)

    sign_in(tokens, "2099-01-01T00:00:00Z")
    with answering(aws) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        found = {each.what: each.why for each in diagnose(AwsSessions("sso"))}

    assert found["The credentials come from IAM Identity Center (SSO)"] == "sso_session in the profile sso"
    assert "The credentials are renewed before they end" in found
