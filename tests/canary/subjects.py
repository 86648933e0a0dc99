"""A session with a child, and every method called with marked data."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from session_store import ProviderSession
from tests.canary.marks import KEY, MARKED_DATA, TOKEN
from tests.canary.requests import forged, stolen
from tests.faults.cells import EXTENSION_DUE
from tests.support.methods import METHODS, Method
from tests.support.scene import Scene, SignedIn

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
MARKED_METHODS: Final[dict[str, Method]] = METHODS | {
    "create_session with data": lambda store, _: store.create_session("ana", data=MARKED_DATA),
    "create_session, data carried": lambda store, s: store.create_session("ana", replaces=s.token, carry_data=True),
    "create_child_session with data": lambda store, s: store.create_child_session(s.id, data=MARKED_DATA),
    "update_data, marked": lambda store, s: store.update_data(s.id, MARKED_DATA),
    "save_changes, marked": lambda store, s: store.save_changes(s.id, MARKED_DATA),
    "replace_data, marked": lambda store, s: store.replace_data(s.id, MARKED_DATA, version=1),
    "replace_data, stale": lambda store, s: store.replace_data(s.id, MARKED_DATA, version=7),
    "increment of a text": lambda store, s: store.increment(s.id, KEY),
    "validate a stolen token": lambda store, s: store.validate(stolen(s.token)),
    "validate a forged token": lambda store, s: store.validate(forged(s.token)),
    "validate a malformed token": lambda store, s: store.validate(s.token[:-1]),
    "validate the wrong kind": lambda store, s: store.validate(s.child_token),
    "rotate a stolen child": lambda store, s: store.rotate(stolen(s.child_token), child=True),
    "replace a stolen token": lambda store, s: store.create_session("ana", replaces=stolen(s.token)),
    # Tokens where ids belong.
    "get_session by token": lambda store, s: store.get_session(s.token),
    "get_session by a part of the token": lambda store, s: store.get_session(s.token[:60]),
    "get_session_by_child by token": lambda store, s: store.get_session_by_child(s.child_token),
    "get_session of a customer by token": lambda store, s: store.get_session(s.token, customer_id=s.token),
    "get_last_login_time by token": lambda store, s: store.get_last_login_time(s.token),
    "get_customer_sessions by token": lambda store, s: store.get_customer_sessions("ana", cursor=s.token),
    "end_session by token": lambda store, s: store.end_session(s.token),
    "end_customer_sessions by token": lambda store, s: store.end_customer_sessions("ana", except_session_id=s.token),
    "erase_customer by token": lambda store, s: store.erase_customer(s.token),
    "create_session of a token": lambda store, s: store.create_session(s.token),
    "create_session from a token": lambda store, s: store.create_session("ana", client=s.token),
    "create_session in a provider's session by token": lambda store, s: store.create_session(
        "ana", provider_session=ProviderSession(s.token, s.token, NOW)
    ),
    "end_by_provider_logout by token": lambda store, s: store.end_by_provider_logout(
        s.token, jti=s.token, sid=s.token, issued_at=NOW, expires_at=NOW
    ),
    "update_data by token": lambda store, s: store.update_data(s.token, MARKED_DATA),
}


def marked(scene: Scene) -> SignedIn:
    """Ana's session with a child, both marked, after a rotation of both, when an extension is due."""
    store = scene.another_store()
    root = store.create_session("ana", data=MARKED_DATA)
    child = store.create_child_session(root.session, data=MARKED_DATA)
    assert root.token.count(TOKEN) == child.token.count(TOKEN) == 4
    new_token = store.rotate(root.token).token or ""
    scene.clock.advance(EXTENSION_DUE)
    return SignedIn(root, child, new_token)
