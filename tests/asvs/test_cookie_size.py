"""The cookie holds a reference: what is kept in the session does not make it larger."""

from __future__ import annotations

import pytest

from session_store import SessionSettings, SessionStore
from session_store.kernel.cookies import cookie_of
from session_store.settings import COOKIE_PREFIX
from session_store.testing import MovableClock

_LIMIT = 4096  # what browsers store, name and value together
_MOST_NEEDED = 200


@pytest.mark.shows("3.3.5")
@pytest.mark.parametrize("characters", [0, 300_000])
def test_the_cookie_is_small_with_any_session_data(
    session_store: SessionStore, session_clock: MovableClock, characters: int
) -> None:
    created = session_store.create_session("customer" * 16, data={"notes": "x" * characters}, client="c" * 512)

    name = SessionSettings(cookie_name=COOKIE_PREFIX + "n" * 57).cookie_name  # the longest

    sent, _, value = cookie_of(name, created.token, created.session, session_clock).partition(";")[0].partition("=")

    assert sent == name
    assert len(name) + len(value) < _MOST_NEEDED < _LIMIT


@pytest.mark.shows("3.3.5")
def test_a_rotated_token_is_no_longer_than_the_one_before(session_store: SessionStore) -> None:
    created = session_store.create_session("ana")

    rotated = session_store.rotate(created.token).token

    assert rotated is not None
    assert len(rotated) == len(created.token)
