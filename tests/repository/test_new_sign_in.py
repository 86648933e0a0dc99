"""`examples/new_sign_in`: one e-mail for each sign-in, however often and late its event comes."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterator

import boto3
import pytest

from local.paths import ROOT
from session_store import Session, SessionStore
from session_store.testing import moto_store

FUNCTION = ROOT / "examples" / "new_sign_in" / "functions" / "new_sign_in.py"
EARLIER, LATER = "9" * 21, "1" + "0" * 39  # the later number has more digits, and is the smaller text


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[SessionStore]:
    monkeypatch.setenv("TABLE_NAME", "sessions")
    monkeypatch.setenv("TOLD_TABLE", "told")
    monkeypatch.delenv("MAIL_FROM", raising=False)
    with moto_store() as store:
        boto3.client("dynamodb").create_table(
            TableName="told",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "session_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "session_id", "AttributeType": "S"}],
        )
        yield store


@pytest.fixture
def session(store: SessionStore) -> Session:
    return store.create_session("ana", client="Firefox on Linux").session


@pytest.fixture
def tell(store: SessionStore) -> Callable[..., None]:
    """Calls the function with the event of a session."""
    handler = runpy.run_path(str(FUNCTION))["handler"]

    def tell(session: Session, number: str = EARLIER) -> None:
        detail = {
            "session_id": session.session_id,
            "customer_id": session.customer_id,
            "version": 1,
            "sequence_number": number,
            "time": "2026-11-27T12:00:00+00:00",
        }
        handler({"source": "session-store", "detail-type": "session.created", "detail": detail}, None)

    return tell


def test_a_mail_says_when_and_from_which_device(
    tell: Callable[..., None], session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(session)

    assert capsys.readouterr().out == (
        "E-mail to ana@example.com: New sign-in at 2026-11-27 12:00 UTC, from Firefox on Linux. "
        "Was it not you? Change your password.\n"
    )


def test_a_repeated_event_and_an_older_one_are_dropped(
    tell: Callable[..., None], session: Session, store: SessionStore, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in (EARLIER, LATER, LATER, EARLIER):
        tell(session, number)
    assert len(capsys.readouterr().out.splitlines()) == 2

    tell(store.create_session("ana").session)  # each session has numbers of its own
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_device_that_is_not_known_is_said_to_be_so(
    tell: Callable[..., None], session: Session, store: SessionStore, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(store.create_session("ana").session)
    store.end_session(session)
    tell(session)

    unknown, ended = capsys.readouterr().out.splitlines()
    assert "from an unknown device." in unknown
    assert "from a device that is signed out again." in ended


def test_with_a_sender_ses_sends_it_and_a_mail_that_fails_is_tried_again(
    tell: Callable[..., None], session: Session, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MAIL_FROM", "no-reply@example.com")
    ses = boto3.client("sesv2")
    with pytest.raises(ses.exceptions.MessageRejected):
        tell(session)
    ses.create_email_identity(EmailIdentity="no-reply@example.com")

    for _ in range(2):
        tell(session)

    assert boto3.client("ses").get_send_quota()["SentLast24Hours"] == 1
    assert capsys.readouterr().out == ""
