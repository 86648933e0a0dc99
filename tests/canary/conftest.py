"""Every family and secret of these tests carries a mark, and a witness listens to everything."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from session_store import SessionStore
from session_store.observing import to_request
from session_store.tokens import Token
from tests.canary.marks import MarkedTokens
from tests.canary.witness import Witness
from tests.support.scene import Scene


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> MarkedTokens:
    marked = MarkedTokens()
    original = Token.successor

    def successor(token: Token, *arguments: Any) -> Token:
        made = original(token, *arguments)
        marked.made.append(made.secret)
        return made

    monkeypatch.setattr(secrets, "token_urlsafe", marked.part)
    monkeypatch.setattr(secrets, "token_bytes", marked.random_bytes)
    monkeypatch.setattr(Token, "successor", successor)
    return marked


@pytest.fixture
def listener(
    scene: Scene,
    tokens: MarkedTokens,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    recwarn: pytest.WarningsRecorder,
) -> Witness:
    return Witness(scene, tokens, caplog, capsys, recwarn)


@pytest.fixture
def witness(listener: Witness) -> Iterator[Witness]:
    """At the end of the test, the marks are where they belong."""
    yield listener
    listener.check()


@pytest.fixture
def store(scene: Scene) -> SessionStore:
    """A store that logs its incidents, as an application's does by default. Its calls count in lines of requests."""
    return SessionStore(
        scene.table_name, dynamodb_client=scene.disturbed_client, clock=scene.clock, observer=to_request
    )
