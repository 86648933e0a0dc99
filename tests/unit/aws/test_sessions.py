"""Sessions and their clients: made once, at the first use, for any number of threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import handlers
from botocore.exceptions import EndpointConnectionError, NoCredentialsError

from session_store.aws import AwsSessions, ClientSettings, StaticCredentials
from session_store.aws.locked_session import LockedSession


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text(
        "[profile work]\nregion = eu-west-1\naws_access_key_id = AKIAWORK\naws_secret_access_key = hidden\n"
        "[profile home]\nregion = us-east-2\naws_access_key_id = AKIAHOME\naws_secret_access_key = hidden\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))


def key_of(aws: AwsSessions) -> str | None:
    credentials = aws.session.get_credentials()
    return credentials.access_key if credentials else None


@pytest.mark.usefixtures("profiles")
def test_a_profile_brings_its_region_and_its_key() -> None:
    work, home = AwsSessions("work"), AwsSessions("home", region="eu-north-1")

    assert (work.region, key_of(work)) == ("eu-west-1", "AKIAWORK")
    assert (home.region, key_of(home)) == ("eu-north-1", "AKIAHOME")
    assert work.client("sts").meta.region_name == "eu-west-1"


@pytest.mark.usefixtures("profiles")
def test_the_environment_decides_where_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "home")

    assert (AwsSessions().region, key_of(AwsSessions())) == ("us-east-2", "AKIAHOME")


def test_credentials_in_hand_are_used_and_never_shown() -> None:
    credentials = StaticCredentials("AKIAHAND", "hidden-secret", "hidden-token")
    aws = AwsSessions(region="eu-west-1", credentials=credentials)

    assert key_of(aws) == "AKIAHAND"
    assert "hidden" not in f"{aws!r} {credentials!r}"


def test_the_session_is_one_of_boto3_whose_own_clients_have_the_settings() -> None:
    aws = AwsSessions(region="eu-west-1", client=ClientSettings(read_timeout=7))

    assert type(aws.session) is boto3.Session
    assert aws.session is aws.session
    for client in (aws.session.client("s3"), aws.session.resource("dynamodb").meta.client):
        assert client.meta.config.read_timeout == 7  # type: ignore[union-attr]
    assert callable(aws.client("s3").upload_file)


def test_clients_are_one_for_each_service_region_and_settings() -> None:
    aws = AwsSessions(region="eu-west-1")

    assert aws.client("sts") is aws.client("sts", "eu-west-1") is aws.client("sts", settings=ClientSettings())
    others = {aws.client("sts", "eu-north-1"), aws.client("sts", settings=ClientSettings(pool=1)), aws.client("sqs")}
    assert len(others | {aws.client("sts")}) == 4


def test_a_handler_that_a_library_adds_to_the_sdks_own_is_in_the_sessions_made_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As moto does."""
    AwsSessions(region="eu-west-1").client("sts")
    seen: list[str] = []
    added = ("before-call", lambda event_name, **_: seen.append(event_name))
    monkeypatch.setattr(handlers, "BUILTIN_HANDLERS", [*handlers.BUILTIN_HANDLERS, added])
    aws = AwsSessions(region="eu-west-1", client=ClientSettings(endpoints={"*": "http://127.0.0.1:9"}, max_attempts=1))

    with pytest.raises((EndpointConnectionError, NoCredentialsError)):
        aws.client("sts").get_caller_identity()
    assert seen == ["before-call.sts.GetCallerIdentity"]


def test_a_session_more_adds_no_folder_of_models_to_the_loader_that_all_share() -> None:
    loaders = [AwsSessions(region="eu-west-1").session._loader for _ in range(3)]

    assert loaders[0] is loaders[2]
    assert len(loaders[0].search_paths) == len(set(loaders[0].search_paths))


def test_threads_that_ask_for_clients_at_once_get_each_of_them_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, str]] = []
    make = LockedSession.create_client

    def counted(self: LockedSession, service: str, region: str, **named: Any) -> Any:
        made.append((service, region))
        return make(self, service, region, **named)

    monkeypatch.setattr(LockedSession, "create_client", counted)
    aws = AwsSessions(region="eu-west-1")
    asked = [
        (service, f"eu-west-{n}") for n in (1, 2, 3, 4) for service in ("dynamodb", "sts", "sqs", "sns", "kms")
    ] * 50
    together = threading.Barrier(32)

    def ask(number: int) -> list[Any]:
        together.wait()
        return [aws.client(*each) for each in asked[number::32]]

    with ThreadPoolExecutor(32) as threads:
        clients = [client for part in threads.map(ask, range(32)) for client in part]

    assert len(clients) == 1000
    assert sorted(made) == sorted(set(asked))
    assert len(set(map(id, clients))) == len(made)
