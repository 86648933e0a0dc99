"""The canary through the transport of our own: its errors hold whole replies, and its requests the credentials."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator

import pytest

from session_store import SessionStore, StoreUnavailableError, Transport
from session_store.testing import MovableClock
from tests.canary.faults import WITH_FAULTS_THAT_QUOTE
from tests.canary.subjects import MARKED_METHODS, marked
from tests.canary.witness import Witness
from tests.support.engines import Engine, Memory
from tests.support.scene import Scene
from tests.support.scenes import running


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    yield from running(Memory("memory", own_transport=True))


@pytest.mark.proof
@WITH_FAULTS_THAT_QUOTE
def test_no_method_of_the_store_leaks_a_token_or_data(
    scene: Scene, store: SessionStore, witness: Witness, fault: str
) -> None:
    for name, method in MARKED_METHODS.items():
        signed_in = marked(scene)
        with witness.under(fault):
            witness.saw(f"the result of {name}", method(store, signed_in))


def test_nothing_shows_the_roles_credentials(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "SECRETS-OF-THE-ROLE")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    closed = "http://127.0.0.1:9"  # the port of the discard protocol
    store = SessionStore(
        "sessions", region_name="us-east-1", endpoint_url=closed, transport=Transport.OWN, clock=MovableClock()
    )

    with pytest.raises(StoreUnavailableError, match="could not be reached") as error:
        store.get_last_login_time("ana")

    shown = "".join(traceback.format_exception(error.value))
    assert "SECRETS-OF" not in caplog.text + shown + repr(vars(error.value))
