from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from session_store import SessionStore
from session_store.testing import MovableClock


@pytest.fixture
def deployed(session_store: SessionStore, session_clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> SessionStore:
    """The table of a deployed function, which goes by the machine's clock and by its environment."""
    session_clock.set(datetime.now(UTC) - timedelta(minutes=3))
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "us-east-1" if name.endswith("REGION") else "testing")
    monkeypatch.setenv("TABLE_NAME", "sessions")
    return session_store
