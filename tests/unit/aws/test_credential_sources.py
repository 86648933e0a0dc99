"""The SDK's own chain finds the credentials: a test for each link. Also proxies, partitions and certificates."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path

import pytest
from botocore.exceptions import ProfileNotFound, UnauthorizedSSOTokenError

from session_store.aws import AwsSessions, ClientSettings
from tests.support.answering import Answer, Asked, answering
from tests.support.sdk_replies import answer_with

END = (datetime.now(UTC) + timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M:%SZ")
TABLES = (200, json.dumps({"TableNames": []}))
NOT_FOUND = Answer(404)


def key_in_use(aws: AwsSessions) -> str:
    """The key that a request is signed with."""
    sent = answer_with(aws, lambda each: TABLES if each.service == "dynamodb" else None)
    aws.client("dynamodb", "eu-west-1").list_tables()
    return sent[-1].key_id


def test_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIAENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "hidden")

    assert key_in_use(AwsSessions()) == "ASIAENV"


def test_a_profiles_process(config_file: Path) -> None:
    reply = json.dumps({"Version": 1, "AccessKeyId": "ASIAPROCESS", "SecretAccessKey": "hidden", "Expiration": END})
    script = config_file.with_name("credentials.py")
    script.write_text(f"print({reply!r})")
    config_file.write_text(f"[profile work]\ncredential_process = {sys.executable} {script}\n")

    assert key_in_use(AwsSessions("work")) == "ASIAPROCESS"


def test_a_container(monkeypatch: pytest.MonkeyPatch) -> None:
    reply = {"AccessKeyId": "ASIACONTAINER", "SecretAccessKey": "hidden", "Token": "hidden", "Expiration": END}
    with answering(lambda asked: Answer(body=json.dumps(reply)) if asked.path == "/role" else NOT_FOUND) as url:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{url}/role")

        assert key_in_use(AwsSessions()) == "ASIACONTAINER"


def test_an_instance_which_also_demands_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    path = "/latest/meta-data/iam/security-credentials"
    keys = {"AccessKeyId": "ASIAINSTANCE", "SecretAccessKey": "hidden", "Token": "hidden", "Expiration": END}
    replies = {"/latest/api/token": "metadata-token", f"{path}/": "Server", f"{path}/Server": json.dumps(keys)}

    def answer(asked: Asked) -> Answer:
        allowed = asked.method == "PUT" or asked.headers.get("x-aws-ec2-metadata-token") == "metadata-token"
        return Answer(body=replies[asked.path]) if allowed and asked.path in replies else NOT_FOUND

    with answering(answer) as url:
        monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", url)

        assert key_in_use(AwsSessions()) == "ASIAINSTANCE"


@pytest.mark.usefixtures("aws")
def test_a_web_identity(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("the-token-of-a-cluster")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")  # of moto
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::111111111111:role/Pod")
    pod = AwsSessions(region="eu-west-1")

    assert key_in_use(pod).startswith("ASIA")
    assert pod.account == "111111111111"


def sso_profile(config_file: Path, monkeypatch: pytest.MonkeyPatch, *, ends_in: timedelta) -> AwsSessions:
    """A profile of IAM Identity Center, whose token `aws sso login` left in the cache."""
    cache = config_file.parent / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    start = "https://example.awsapps.com/start"
    end = (datetime.now(UTC) + ends_in).strftime("%Y-%m-%dT%H:%M:%SZ")
    token = {"startUrl": start, "region": "eu-west-1", "accessToken": "hidden", "expiresAt": end}
    (cache / f"{sha1(start.encode()).hexdigest()}.json").write_text(json.dumps(token))
    account = "sso_region = eu-west-1\nsso_account_id = 111111111111\nsso_role_name = Ops\n"
    config_file.write_text(f"[profile work]\nregion = eu-west-1\nsso_start_url = {start}\n{account}")
    monkeypatch.setattr("botocore.credentials.SSOProvider._SSO_TOKEN_CACHE_DIR", str(cache))
    return AwsSessions("work")


def test_an_sso_profile(config_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    aws = sso_profile(config_file, monkeypatch, ends_in=timedelta(hours=8))
    keys = {"accessKeyId": "ASIASSO", "secretAccessKey": "hidden", "sessionToken": "hidden"}
    end = int((datetime.now(UTC) + timedelta(hours=1)).timestamp() * 1000)
    sent = answer_with(
        aws, lambda _each: (200, json.dumps({"roleCredentials": keys | {"expiration": end}, "TableNames": []}))
    )

    aws.client("dynamodb").list_tables()

    assert [(each.operation, each.key_id) for each in sent] == [("GetRoleCredentials", ""), ("ListTables", "ASIASSO")]


def test_an_expired_sso_login_is_the_sdks_error(config_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    aws = sso_profile(config_file, monkeypatch, ends_in=timedelta(hours=-1))

    with pytest.raises(UnauthorizedSSOTokenError):
        aws.client("dynamodb").list_tables()


@pytest.mark.usefixtures("aws")
def test_a_profiles_role_of_another_profile(config_file: Path) -> None:
    config_file.write_text(
        "[profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = hidden\n"
        "[profile ops]\nrole_arn = arn:aws:iam::111111111111:role/Ops\nsource_profile = base\nregion = eu-west-1\n"
    )
    ops = AwsSessions("ops")

    assert ops.account == "111111111111"
    assert ops.identity.arn.startswith("arn:aws:sts::111111111111:assumed-role/Ops/")
    assert ops.profiles == ["base", "ops"]


def test_an_unknown_profile_is_the_sdks_error_at_the_first_use(config_file: Path) -> None:
    aws = AwsSessions("nowhere")

    with pytest.raises(ProfileNotFound):
        aws.client("sts", "eu-west-1")


def test_calls_go_through_the_proxy_with_its_password_and_not_to_it_when_there_is_to_be_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Asked] = []
    with answering(lambda each: asked.append(each) or Answer(body=TABLES[1])) as url:  # type: ignore[func-returns-value]
        proxy = url.replace("://", "://me:hidden@")
        settings = ClientSettings(proxies={"http": proxy}, endpoints={"dynamodb": "http://dynamodb.example"})
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENV")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
        AwsSessions(region="eu-west-1", client=settings).client("dynamodb").list_tables()
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        direct = ClientSettings(proxies={}, endpoints={"dynamodb": url})
        AwsSessions(region="eu-west-1", client=direct).client("dynamodb").list_tables()

    assert [each.path for each in asked] == ["http://dynamodb.example/", "/"]
    assert asked[0].headers["Proxy-Authorization"].startswith("Basic ")
    assert "Proxy-Authorization" not in asked[1].headers


def test_a_certificate_authority_is_passed_on(tmp_path: Path) -> None:
    aws = AwsSessions(region="eu-west-1", client=ClientSettings(ca_bundle=str(tmp_path / "proxy.pem")))

    assert aws.client("sts")._endpoint.http_session._verify == str(tmp_path / "proxy.pem")
