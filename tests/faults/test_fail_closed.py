"""How a method bears faults: its time budget, its retries, its messages. Every fault by itself is in `test_matrix`."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import timedelta

import pytest

from session_store import SessionStore, SessionStoreError, StoreUnavailableError, ThrottledError
from tests.faults.cells import budget
from tests.faults.kinds import KINDS
from tests.support.faults import FOREVER
from tests.support.methods import METHODS
from tests.support.scene import Scene, SignedIn


@pytest.mark.parametrize("slow", [1, 2, 3, 4])
@pytest.mark.parametrize("name", METHODS)
def test_methods_of_several_trips_share_one_budget(scene: Scene, signed_in: SignedIn, name: str, slow: int) -> None:
    scene.clock.advance(timedelta(minutes=5))  # an extension is due
    scene.faults.slow_down(seconds=0.99, times=slow)
    scene.faults.refuse(None, "InternalServerError", status=500, seconds=0.99, times=FOREVER)
    begun = scene.clock.monotonic()

    with suppress(StoreUnavailableError):
        METHODS[name](scene.store, signed_in)

    assert scene.clock.monotonic() - begun <= budget(name)


@pytest.mark.parametrize("name", METHODS)
def test_a_fault_that_passes_is_not_noticed(scene: Scene, signed_in: SignedIn, name: str) -> None:
    scene.faults.throttle(times=2)
    scene.faults.refuse(None, "InternalServerError", status=500, times=2)

    METHODS[name](scene.store, signed_in)

    assert len(scene.faults.calls) > 4


def test_pauses_are_random_and_not_too_short_also_in_copies_of_a_frozen_process(
    scene: Scene, signed_in: SignedIn
) -> None:
    scene.faults.throttle(times=FOREVER)
    totals, frozen = set(), random.getstate()
    for _ in range(3):
        random.setstate(frozen)
        begun = scene.clock.monotonic()
        with pytest.raises(ThrottledError):
            scene.store.get_session(signed_in.id)
        totals.add(scene.clock.monotonic() - begun)

    assert len(totals) == 3
    assert len(scene.faults.calls) < 3 * 40


def test_messages_say_what_to_do_and_hold_nothing_secret(
    scene: Scene, signed_in: SignedIn, caplog: pytest.LogCaptureFixture
) -> None:
    logging_store = SessionStore(scene.table_name, dynamodb_client=scene.disturbed_client, clock=scene.clock)
    secrets = (signed_in.token.rpartition(".")[2], signed_in.child_token.rpartition(".")[2], "tea")
    messages = []
    for kind in KINDS.values():
        if kind.has_effect:
            continue
        kind.provoke(scene.faults, FOREVER, 0)
        for method in METHODS.values():
            with pytest.raises(SessionStoreError) as error:
                method(logging_store, signed_in)
            messages.append(str(error.value))
        scene.faults.clear()
    scene.clock.advance(timedelta(minutes=5))
    scene.faults.throttle("UpdateItem", times=FOREVER)
    logging_store.validate(signed_in.token)

    assert "ExtensionFailed" in caplog.text
    assert signed_in.id in caplog.text
    assert all(secret not in message for secret in secrets for message in [*messages, caplog.text])
    assert any("grant it" in message for message in messages)
    assert any(scene.table_name in message for message in messages)
