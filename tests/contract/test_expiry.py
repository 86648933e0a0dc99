"""No method serves a session that is over, also while its row is still in the table, at the boundary second."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from session_store import InvalidTokenError, Refusal, SessionNotFoundError, SessionStore
from tests.support.scene import SignedIn, sign_in

if TYPE_CHECKING:
    from session_store.testing import MovableClock
    from tests.support.scene import Scene

IDLE = timedelta(minutes=10)
ABSOLUTE = timedelta(minutes=12)

Serves = Callable[[SessionStore, SignedIn], bool]


def _accepted(call: Callable[[], object]) -> bool:
    try:
        call()
    except (InvalidTokenError, SessionNotFoundError):
        return False
    return True


# Each says whether the method treats the session as one that is there.
READS: dict[str, Serves] = {
    "get_session": lambda store, s: store.get_session(s.id) is not None,
    "get_session of a known customer": lambda store, s: store.get_session(s.id, customer_id="ana") is not None,
    "get_session of a customer": lambda store, s: store.get_session(s.id, customer_id="ana") is not None,
    "get_child_sessions": lambda store, s: bool(store.get_child_sessions(s.id)),
    "get_session_by_child": lambda store, s: store.get_session_by_child(s.child_id) is not None,
    "get_customer_sessions": lambda store, _: bool(store.get_customer_sessions("ana").sessions),
}
USES: dict[str, Serves] = {
    "validate": lambda store, s: _accepted(lambda: store.validate(s.token)),
    "validate, strict": lambda store, s: _accepted(lambda: store.validate(s.token, strict=True)),
    "validate a child": lambda store, s: _accepted(lambda: store.validate(s.child_token, child=True)),
    "rotate": lambda store, s: _accepted(lambda: store.rotate(s.token)),
    "rotate a child": lambda store, s: _accepted(lambda: store.rotate(s.child_token)),
    "create_child_session": lambda store, s: _accepted(lambda: store.create_child_session(s.id)),
    "create_child_session of a session read before": lambda store, s: _accepted(
        lambda: store.create_child_session(s.root.session)
    ),
    "update_data": lambda store, s: _accepted(lambda: store.update_data(s.id, {"late": True})),
    "update_data of a session read before": lambda store, s: _accepted(
        lambda: store.update_data(s.root.session, {"late": True})
    ),
    "increment": lambda store, s: _accepted(lambda: store.increment(s.id, "visits")),
    "increment of a session read before": lambda store, s: _accepted(lambda: store.increment(s.root.session, "visits")),
    "end_customer_sessions, to be kept": lambda store, s: _accepted(
        lambda: store.end_customer_sessions("ana", except_session_id=s.id)
    ),
    "create_session, to be replaced": lambda store, s: (
        store.create_session("ben", replaces=s.token).replaced_session_id is not None
    ),
}
ALL = READS | USES


@pytest.fixture
def signed_in(scene: Scene) -> SignedIn:
    return sign_in(scene.another_store(idle_timeout=IDLE, absolute_timeout=ABSOLUTE))


@pytest.mark.asvs("7.3.1")
@pytest.mark.parametrize("method", ALL)
def test_a_session_is_served_until_the_second_before_it_expires(
    store: SessionStore, clock: MovableClock, signed_in: SignedIn, method: str
) -> None:
    clock.advance(IDLE - timedelta(milliseconds=1))

    assert ALL[method](store, signed_in)


@pytest.mark.asvs("7.3.1")
@pytest.mark.asvs("7.4.1")
@pytest.mark.parametrize("method", ALL)
def test_an_expired_session_is_not_served_by_any_method_at_the_boundary_second(
    store: SessionStore, scene: Scene, clock: MovableClock, signed_in: SignedIn, method: str
) -> None:
    clock.advance(IDLE)

    assert not ALL[method](store, signed_in)
    assert scene.session_row(signed_in.id) is not None


@pytest.mark.asvs("7.3.2")
@pytest.mark.parametrize("method", ALL)
def test_activity_does_not_carry_a_session_over_its_absolute_end(
    store: SessionStore, clock: MovableClock, signed_in: SignedIn, method: str
) -> None:
    clock.advance(ABSOLUTE / 2)
    store.validate(signed_in.token)
    clock.advance(ABSOLUTE / 2)

    assert not ALL[method](store, signed_in)


@pytest.mark.asvs("7.4.1")
@pytest.mark.parametrize("method", ALL)
def test_an_ended_session_is_not_served_by_any_method(
    store: SessionStore, scene: Scene, signed_in: SignedIn, method: str
) -> None:
    store.end_session(signed_in.id)

    assert not ALL[method](store, signed_in)
    assert scene.session_row(signed_in.id) is not None


@pytest.mark.parametrize("method", READS)
def test_a_closing_session_is_shown_by_reads(store: SessionStore, signed_in: SignedIn, method: str) -> None:
    store.update_data(signed_in.id, {}, closing=True)

    assert READS[method](store, signed_in)


@pytest.mark.parametrize("method", [name for name in USES if "to be" not in name])
def test_a_closing_session_can_no_longer_be_used(store: SessionStore, signed_in: SignedIn, method: str) -> None:
    store.update_data(signed_in.id, {}, closing=True)

    assert not USES[method](store, signed_in)


def test_a_refusal_says_why_to_logs_and_metrics(store: SessionStore, clock: MovableClock, signed_in: SignedIn) -> None:
    def refusal(token: str, *, child: bool = False) -> Refusal:
        with pytest.raises(InvalidTokenError) as refused:
            store.validate(token, child=True) if child else store.validate(token)
        return refused.value.refusal

    closing, ended = store.create_session("ana"), store.create_session("ana")
    store.update_data(closing.session, {}, closing=True)
    store.end_session(ended.session)
    clock.advance(IDLE)

    assert refusal(closing.token) is Refusal.CLOSING
    assert refusal(ended.token) is Refusal.ENDED
    assert refusal(signed_in.token) is Refusal.EXPIRED
    assert refusal(signed_in.child_token, child=True) is Refusal.EXPIRED
