"""The line that a function writes for each request of a sign-in: whose failure it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from session_store import SessionStore, StoreConfigurationError
from session_store.adapters.aws_lambda import environment
from session_store.adapters.aws_lambda.request_lines import RequestLines
from session_store.oidc import OidcSignIn, SignInRefusedError, sign_in_handler
from session_store.settings import REQUEST_LINES
from tests.support.answering import Answer
from tests.support.provider import Browser, Provider

SignIns = Callable[..., Browser]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Those that were written."""
    written: list[str] = []
    monkeypatch.setenv(REQUEST_LINES, "true")
    monkeypatch.setattr(environment, "lines", lambda: RequestLines("sessions", write=written.append))
    return written


@pytest.fixture
def browser(provider: Provider, signing_in: Callable[..., OidcSignIn], session_store: SessionStore) -> SignIns:
    def make(*, on_sign_in: Any = None, **changed: Any) -> Browser:
        return Browser(sign_in_handler(signing_in(**changed), store=session_store, on_sign_in=on_sign_in), provider)

    return make


def last(lines: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def test_a_sign_in_has_a_line_for_each_of_its_requests(lines: list[str], browser: SignIns) -> None:
    browser().sign_in()

    assert [(line["route"], line["outcome"], line["status"]) for line in map(json.loads, lines)] == [
        ("GET /auth/login", "ok", 303),
        ("GET /auth/callback", "ok", 303),
    ]


def test_without_the_variable_there_is_no_line(
    lines: list[str], browser: SignIns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(REQUEST_LINES, "false")
    browser().sign_in()
    assert lines == []


def test_an_answer_that_a_stranger_may_have_made_up_is_refused_and_no_failure(
    lines: list[str], browser: SignIns
) -> None:
    visitor = browser()
    answer = visitor.provider.authorize(visitor.login().headers["location"], code="made up")

    assert visitor.callback(answer).status == 502
    assert (last(lines)["outcome"], last(lines)["error"]) == ("refused", "ProviderAnswerError")
    assert "_aws" not in last(lines)


def test_a_provider_that_is_down_is_unavailable_and_no_failure_of_the_store(
    lines: list[str], browser: SignIns, provider: Provider
) -> None:
    provider.answers["/.well-known/openid-configuration"] = lambda: Answer(500)

    assert browser().login().status == 503
    assert (last(lines)["outcome"], last(lines)["error"]) == ("unavailable", "ProviderUnavailableError")
    assert "_aws" not in last(lines)


def test_a_secret_that_may_not_be_read_is_a_failure_of_ours(lines: list[str], browser: SignIns) -> None:
    def denied() -> str:
        raise StoreConfigurationError("GetSecretValue: AccessDeniedException")

    assert browser(client_secret=denied).login().status == 503
    assert (last(lines)["outcome"], last(lines)["Failed"]) == ("failed", 1)
    assert last(lines)["cause"] == "GetSecretValue: AccessDeniedException"


def test_a_user_whom_the_application_does_not_let_in_is_refused(lines: list[str], browser: SignIns) -> None:
    def refuse(_: object) -> None:
        raise SignInRefusedError("closed for today")

    assert browser(on_sign_in=refuse).sign_in().status == 403
    assert (last(lines)["outcome"], last(lines)["status"]) == ("refused", 403)
    assert "closed" not in lines[-1]
