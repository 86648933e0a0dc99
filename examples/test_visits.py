"""Tests of an application that uses the store: in memory, with a clock that the test moves.

With `pytest_plugins = ("session_store.testing",)` in the application's `conftest.py`.
"""

from datetime import timedelta

import pytest

from session_store import InvalidTokenError, SessionStore
from session_store.testing import MovableClock


def test_a_visit_is_counted(session_store: SessionStore) -> None:
    session = session_store.create_session("customer-1").session

    session = session_store.increment(session, "visits")

    assert session.data == {"visits": 1}


def test_a_session_ends_by_itself(session_store: SessionStore, session_clock: MovableClock) -> None:
    token = session_store.create_session("customer-1").token

    session_clock.advance(timedelta(minutes=31))

    with pytest.raises(InvalidTokenError, match="expired"):
        session_store.validate(token)
