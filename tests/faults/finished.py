"""The facts that hold once a method has done its work, after any fault on the way."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from session_store import InvalidTokenError, SessionStore
from tests.support.scene import SignedIn

# The store of another process, the session, what the method returned at last.
Finished = Callable[[SessionStore, SignedIn, Any], bool]


def _refused(store: SessionStore, token: str, *, child: bool = False) -> bool:
    with suppress(InvalidTokenError):
        store.validate(token, child=child, strict=True)
        return False
    return True


def _live(store: SessionStore, s: SignedIn) -> bool:
    return store.validate(s.new_token, strict=True).session_id == s.id


def data_of(store: SessionStore, session_id: str) -> dict[str, Any]:
    """The stored data of a session, which has to exist."""
    session = store.get_session(session_id)
    assert session is not None
    return session.data


def _made(store: SessionStore, _: SignedIn, result: Any) -> bool:
    return bool(store.validate(result.token, strict=True).session_id == result.session.session_id)


def _replaced(store: SessionStore, s: SignedIn, result: Any) -> bool:
    return _made(store, s, result) and _refused(store, s.token)


def _made_by_key(store: SessionStore, s: SignedIn, result: Any) -> bool:
    """No other session of the key, which is their client, is left."""
    clients = [session.client for session in store.get_customer_sessions("ana").sessions]
    return _made(store, s, result) and clients.count(result.session.client) == 1


def _child_made(store: SessionStore, s: SignedIn, result: Any) -> bool:
    return store.validate(result.token, child=True, strict=True).session_id == s.id


def _extended(store: SessionStore, s: SignedIn, result: Any) -> bool:
    return store.get_session(s.id) == result and bool(result.expires_at > s.root.session.expires_at)


def read(store: SessionStore, s: SignedIn, result: Any) -> bool:
    """A read gave an answer and took nothing away."""
    return result is not None and _live(store, s)


FINISHED: Final[dict[str, Finished]] = {
    "create_session": _made,
    "create_session, anonymous": _made,
    "create_session in place of one": _replaced,
    "create_session with an idempotency key": _made_by_key,
    "create_session with a key used before": _made_by_key,
    "create_session in a provider's, in place of one": lambda store, s, r: (
        _made(store, s, r) and _refused(store, s.token)
    ),
    "create_child_session": _child_made,
    "create_child_session of a session read before": _child_made,
    "rotate, children ended": lambda store, s, _: _refused(store, s.child_token, child=True) and _live(store, s),
    "update_data": lambda store, s, _: data_of(store, s.id) == {"cart": ["tea"], "visits": 1, "theme": "dark"},
    "update_data of a session read before": lambda store, s, _: data_of(store, s.id)["theme"] == "dark",
    "save_changes of a session read before": lambda store, s, _: data_of(store, s.id)["theme"] == "dark",
    "replace_data": lambda store, s, _: data_of(store, s.id) == {},
    # Told that it failed, a caller who adds again may have added twice; not told, once.
    "increment": lambda store, s, _: data_of(store, s.id)["visits"] in {2, 3},
    "extend_session": _extended,
    "extend_session of a known customer": _extended,
    "take": lambda store, s, _: "visits" not in data_of(store, s.id),
    "end_session": lambda store, s, _: _refused(store, s.token) and _refused(store, s.child_token, child=True),
    "end_session read before": lambda store, s, _: _refused(store, s.token),
    "end_child_session": lambda store, s, _: _refused(store, s.child_token, child=True) and _live(store, s),
    "end_customer_sessions": lambda store, s, _: _refused(store, s.token) and store.get_session(s.id) is None,
    "end_customer_sessions but one": lambda store, s, _: _live(store, s),
    "end_by_provider_logout": lambda store, s, _: _live(store, s),
    "end_by_provider_logout of a customer": lambda store, s, _: _refused(store, s.token),
    "erase_customer": lambda store, s, _: store.get_child_sessions(s.id) is None and _refused(store, s.token),
}
