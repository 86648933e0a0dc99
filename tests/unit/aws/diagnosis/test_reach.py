"""Findings about the way to AWS, its clock and the identity."""

from __future__ import annotations

from datetime import timedelta

import pytest

from session_store.aws import AwsSessions, ClientSettings
from session_store.aws.diagnosis import Finding, Severity, diagnose
from session_store.testing import MovableClock
from tests.support.answering import Answer, answering
from tests.unit.aws.diagnosis.conftest import IDENTITY, NOW, identity

REFUSED = """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
<Code>InvalidClientTokenId</Code><Message>The security token hidden is invalid.</Message></Error></ErrorResponse>"""
DATE = {"Date": "Fri, 27 Nov 2026 12:00:00 GMT"}


def findings(aws: AwsSessions, ahead: timedelta = timedelta(0)) -> dict[str, Finding]:
    found = list(diagnose(aws, clock=MovableClock(NOW + ahead)))
    assert "hidden" not in repr(found)
    return {each.what: each for each in found}


def test_the_way_and_the_identity_are_told(sts: str) -> None:
    found = findings(AwsSessions())

    assert found["STS answers"].why == f"{sts} directly"
    assert found["The endpoint is none of AWS's"].severity is Severity.NOTE
    assert found["You are arn:aws:iam::111111111111:user/ana"].why == "The account is 111111111111"


@pytest.mark.parametrize(
    ("ahead", "severity", "shown"),
    [
        (timedelta(seconds=2), Severity.OK, "2 s ahead of AWS's"),
        (timedelta(minutes=-2), Severity.WARNING, "120 s behind AWS's"),
        (timedelta(hours=1), Severity.ERROR, "3,600 s ahead of AWS's"),
    ],
)
@pytest.mark.usefixtures("sts")
def test_a_wrong_clock_is_told_by_the_date_of_the_reply(ahead: timedelta, severity: Severity, shown: str) -> None:
    (found,) = (each for what, each in findings(AwsSessions(), ahead).items() if "clock" in what)

    assert found.severity is severity
    assert shown in f"{found.what} {found.why}"


def test_a_proxy_is_named_without_its_password(sts: str) -> None:
    with answering(identity) as proxy:
        port = proxy.rpartition(":")[2]
        proxies = {"http": f"http://ana:hidden@127.0.0.1:{port}"}
        settings = ClientSettings(proxies=proxies, endpoints={"sts": "http://sts.example.test"})

        found = findings(AwsSessions(client=settings))

    assert found["STS answers"].why == f"http://sts.example.test through the proxy {proxy}"


@pytest.mark.usefixtures("sts")
def test_a_proxy_that_is_down_is_told_from_aws_that_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")
    no_aws = findings(AwsSessions())
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://sts.example.test")
    monkeypatch.setenv("http_proxy", "http://ana:hidden@127.0.0.1:1")
    no_proxy = findings(AwsSessions())

    assert no_aws["STS does not answer: http://127.0.0.1:1 directly"].why.startswith("EndpointConnectionError: ")
    failed = no_proxy["STS does not answer: http://sts.example.test through the proxy http://127.0.0.1:1"]
    assert failed.why.startswith("ProxyConnectionError: ")
    assert failed.fix == "env | grep -i _proxy"


def test_a_refusal_says_why_and_still_tells_the_clock(sts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(lambda _: Answer(403, REFUSED, DATE)) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        found = findings(AwsSessions(), timedelta(hours=1))

    assert found["AWS refuses the credentials"].why.startswith("InvalidClientTokenId: AWS does not know")
    assert found["This machine's clock is 3,600 s ahead of AWS's"].severity is Severity.ERROR


def test_the_root_user_is_warned_of(sts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(lambda _: Answer(body=IDENTITY.replace("user/ana", "root"), headers=DATE)) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        found = findings(AwsSessions())

    assert found["You are the root user of the account 111111111111"].severity is Severity.WARNING


def test_a_server_that_is_not_aws_is_an_error_with_advice(sts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(lambda _: Answer(body="<html>Sign in to the hotel's network, hidden</html>")) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        found = findings(AwsSessions())

    assert found[f"STS does not answer: {url} directly"].why.startswith("ResponseParserError: The reply is none")
