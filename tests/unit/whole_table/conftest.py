"""Tables to go through, in memory unless a module has another engine."""

from __future__ import annotations

import pytest

from session_store import ProviderSession
from session_store.testing import create_table
from tests.support.scene import START, Scene, SignedIn, sign_in
from tests.unit.whole_table.tables import Copy


@pytest.fixture
def copy(scene: Scene) -> Copy:
    """An empty table beside the scene's."""
    name = f"{scene.table_name}-copy"
    create_table(scene.client, name)
    return Copy(scene, name)


@pytest.fixture
def ana(scene: Scene) -> SignedIn:
    """Ana's session with a child, in a table that has sessions of others, too: a visitor's, one that has ended."""
    visitor = scene.other.create_session(None)
    scene.other.end_session(visitor.session)
    scene.other.create_session(None, data={"seen": 1})
    session = ProviderSession("https://idp.example", "s-1", START)
    scene.other.create_session("bob", client="Firefox", idempotency_key="once", provider_session=session)
    scene.other.end_by_provider_logout(session.issuer, jti="one", issued_at=START, expires_at=START, sid="s-2")
    return sign_in(scene.other)
