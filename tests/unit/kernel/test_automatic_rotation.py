"""Which tokens are rotated without being asked for, and when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from session_store.kernel.exchange import Exchange
from session_store.kernel.request import Request
from session_store.kernel.rules import Rules
from session_store.settings import DEFAULT_COOKIE_NAME
from session_store.web import SessionHandle
from tests.support.scene import Scene

INTERVAL = timedelta(minutes=5)


Action = Callable[[SessionHandle], object]


def look(handle: SessionHandle) -> object:
    return handle.customer_id


def token_after(
    scene: Scene, token: str, *, bearer: bool = False, status: int = 200, action: Action = look
) -> str | None:
    """The token that is good after a request."""
    store = scene.store_with(rotation_interval=INTERVAL)
    sent = ("Authorization", f"Bearer {token}") if bearer else ("Cookie", f"{DEFAULT_COOKIE_NAME}={token}")
    with Exchange(Rules(find_store=lambda: store), Request.of("GET", [sent])) as exchange:
        action(exchange.handle)
        exchange.finish(status)
    return exchange.token.text


@pytest.mark.shows("C10")
def test_a_cookie_is_rotated_when_its_secret_is_old_enough(scene: Scene) -> None:
    token = scene.store.create_session("ana").token
    scene.clock.advance(INTERVAL - timedelta(seconds=1))
    assert token_after(scene, token) == token

    scene.clock.advance(1)
    new = token_after(scene, token)

    assert new not in {None, token}
    assert token_after(scene, new or "") == new


@pytest.mark.parametrize(
    ("customer_id", "how"),
    [("ana", {"bearer": True}), (None, {}), ("ana", {"status": 500}), ("ana", {"action": lambda _: None})],
    ids=["a Bearer client's", "a visitor's", "with a failed response", "not looked at"],
)
def test_other_tokens_stay(scene: Scene, customer_id: str | None, how: dict[str, object]) -> None:
    token = scene.store.create_session(customer_id).token
    scene.clock.advance(INTERVAL)

    assert token_after(scene, token, **how) == token  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("action", "updates"),
    # The extension, and what the handler did.
    [(lambda it: it.sign_out(), 2), (lambda it: it.rotate(), 1), (lambda it: it.sign_in("ana"), 0)],
    ids=["sign out", "rotate", "sign in"],
)
def test_a_token_that_the_handler_has_replaced_or_taken_away_is_not_rotated_again(
    scene: Scene, action: Action, updates: int
) -> None:
    token = scene.store.create_session("ana").token
    scene.clock.advance(INTERVAL)
    scene.faults.calls.clear()

    assert token_after(scene, token, action=action) != token
    assert scene.faults.operations.count("UpdateItem") == updates
