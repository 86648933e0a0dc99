"""No method serves a session that is over, also while its row is still in the table, at the boundary second."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from session_store import CreatedSession, InvalidTokenError, Refusal, SessionNotFoundError, SessionPage, SessionStore
from tests.contract.refusals import refusal
from tests.support.methods import METHODS, READS, WRITES
from tests.support.scene import Scene, SignedIn, sign_in

IDLE = timedelta(minutes=10)
ABSOLUTE = timedelta(minutes=12)

# Methods that start or end something by themselves do not ask whether this session is there.
SHOW = [name for name in READS if not name.startswith(("validate", "rotate", "get_last"))]
USE = [
    *(name for name in READS if name.startswith(("validate", "rotate"))),
    *(name for name in WRITES if name.startswith(("create_child", "update", "replace", "increment", "take"))),
    *("create_session in place of one", "end_customer_sessions but one"),
]
ALL = [*SHOW, *USE]


def serves(store: SessionStore, signed_in: SignedIn, method: str) -> bool:
    """Whether a method treats the session as one that is there."""
    try:
        result: Any = METHODS[method](store, signed_in)
    except (InvalidTokenError, SessionNotFoundError):
        return False
    if isinstance(result, CreatedSession):
        return result.replaced_session_id is not None
    return bool(result.sessions if isinstance(result, SessionPage) else result)


@pytest.fixture
def signed_in(scene: Scene) -> SignedIn:
    return sign_in(scene.another_store(idle_timeout=IDLE, absolute_timeout=ABSOLUTE))


@pytest.mark.shows("7.3.1")
@pytest.mark.parametrize("method", ALL)
def test_a_session_is_served_until_the_second_before_it_expires(scene: Scene, signed_in: SignedIn, method: str) -> None:
    scene.clock.advance(IDLE - timedelta(milliseconds=1))

    assert serves(scene.store, signed_in, method)


@pytest.mark.shows("T25", "C4", "7.3.1", "7.4.1")
@pytest.mark.parametrize("method", ALL)
def test_an_expired_session_is_not_served_by_any_method_at_the_boundary_second(
    scene: Scene, signed_in: SignedIn, method: str
) -> None:
    scene.clock.advance(IDLE)

    assert not serves(scene.store, signed_in, method)
    assert scene.session_row(signed_in.id) is not None


@pytest.mark.shows("C4", "7.3.2")
@pytest.mark.parametrize("method", ALL)
def test_activity_does_not_carry_a_session_over_its_absolute_end(
    scene: Scene, signed_in: SignedIn, method: str
) -> None:
    scene.clock.advance(ABSOLUTE / 2)
    scene.store.validate(signed_in.token)
    scene.clock.advance(ABSOLUTE / 2)

    assert not serves(scene.store, signed_in, method)


@pytest.mark.shows("C12", "7.4.1")
@pytest.mark.parametrize("method", ALL)
def test_an_ended_session_is_not_served_by_any_method(scene: Scene, signed_in: SignedIn, method: str) -> None:
    scene.store.end_session(signed_in.id)

    assert not serves(scene.store, signed_in, method)
    assert scene.session_row(signed_in.id) is not None


@pytest.mark.parametrize("method", USE[:-2])
def test_a_closing_session_can_no_longer_be_used(scene: Scene, signed_in: SignedIn, method: str) -> None:
    scene.store.update_data(signed_in.id, {}, closing=True)

    assert not serves(scene.store, signed_in, method)


def test_a_refusal_says_why_to_logs_and_metrics(scene: Scene, signed_in: SignedIn) -> None:
    closing, ended = scene.store.create_session("ana"), scene.store.create_session("ana")
    scene.store.update_data(closing.session, {}, closing=True)
    scene.store.end_session(ended.session)
    scene.clock.advance(IDLE)

    assert refusal(scene.store, closing.token) is Refusal.CLOSING
    assert refusal(scene.store, ended.token) is Refusal.ENDED
    assert refusal(scene.store, signed_in.token) is Refusal.EXPIRED
    assert refusal(scene.store, signed_in.child_token, child=True) is Refusal.EXPIRED
