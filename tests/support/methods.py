"""Every method of the store as one call on a customer's session with a child."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from session_store import CreatedSession, ProviderSession, SessionStore, SessionStoreError, Timeouts
from tests.support.scene import SignedIn

ISSUER: Final = "https://idp.example"
USED_BEFORE: Final = "used before"  # an idempotency key
_MONTH: Final = timedelta(days=30)
Method = Callable[[SessionStore, SignedIn], object]


def create_with_key(store: SessionStore, key: str, **more: Any) -> CreatedSession:
    """A session that outlasts the others, by an idempotency key, which is its client, too."""
    timeouts = Timeouts(_MONTH, _MONTH)
    return store.create_session("ana", timeouts=timeouts, client=key, idempotency_key=key, **more)


def provider_session(store: SessionStore, sid: str = "one") -> ProviderSession:
    """A session of the provider, in which it signs the customer in now."""
    return ProviderSession(ISSUER, sid, datetime.fromtimestamp(store.clock.now(), UTC))


def log_out(store: SessionStore, **named: str) -> int:
    """A logout of the provider, later than all sign-ins."""
    moment = datetime.fromtimestamp(store.clock.now(), UTC)
    return store.end_by_provider_logout(ISSUER, jti="one", issued_at=moment, expires_at=moment, **named)


READS: Final[dict[str, Method]] = {
    "get_session": lambda store, s: store.get_session(s.id),
    "get_session of a known customer": lambda store, s: store.get_session(s.id, customer_id="ana"),
    "get_session, strict": lambda store, s: store.get_session(s.id, strict=True),
    "get_child_sessions": lambda store, s: store.get_child_sessions(s.id),
    "get_session_by_child": lambda store, s: store.get_session_by_child(s.child_id),
    "get_customer_sessions": lambda store, _: store.get_customer_sessions("ana"),
    "get_last_login_time": lambda store, _: store.get_last_login_time("ana"),
    "validate": lambda store, s: store.validate(s.token),
    "validate, strict": lambda store, s: store.validate(s.token, strict=True),
    "validate, read only": lambda store, s: store.validate(s.token, activity="read_only"),
    "validate, no activity": lambda store, s: store.validate(s.token, activity="none"),
    "validate a child": lambda store, s: store.validate(s.child_token, child=True),
    "validate a new token": lambda store, s: store.validate(s.new_token),
    "validate_and_rotate": lambda store, s: store.validate_and_rotate(s.token),
    "validate_and_rotate, no data": lambda store, s: store.validate_and_rotate(s.token, with_data=False),
    "rotate": lambda store, s: store.rotate(s.token),
    "rotate a child": lambda store, s: store.rotate(s.child_token, child=True),
}
WRITES: Final[dict[str, Method]] = {
    "create_session": lambda store, _: store.create_session("ana"),
    "create_session, anonymous": lambda store, _: store.create_session(),
    "create_session in place of one": lambda store, s: store.create_session("ana", replaces=s.token),
    "create_session with an idempotency key": lambda store, _: create_with_key(store, "new"),
    "create_session with a key used before": lambda store, _: create_with_key(store, USED_BEFORE),
    "create_session in a provider's, in place of one": lambda store, s: store.create_session(
        "ana", replaces=s.token, provider_session=provider_session(store, "new")
    ),
    "create_child_session": lambda store, s: store.create_child_session(s.id),
    "create_child_session of a session read before": lambda store, s: store.create_child_session(s.root.session),
    "rotate, children ended": lambda store, s: store.rotate(s.token, end_children=True),
    "update_data": lambda store, s: store.update_data(s.id, {"theme": "dark"}),
    "update_data of a session read before": lambda store, s: store.update_data(s.root.session, {"theme": "dark"}),
    "save_changes of a session read before": lambda store, s: store.save_changes(s.root.session, {"theme": "dark"}),
    "replace_data": lambda store, s: store.replace_data(s.id, {}, version=1),
    "increment": lambda store, s: store.increment(s.id, "visits"),
    "extend_session": lambda store, s: store.extend_session(s.id),
    "extend_session of a known customer": lambda store, s: store.extend_session(s.id, customer_id="ana"),
    "take": lambda store, s: store.take(s.id, "visits"),
    "end_session": lambda store, s: store.end_session(s.id),
    "end_session read before": lambda store, s: store.end_session(s.root.session),
    "end_child_session": lambda store, s: store.end_child_session(s.id, s.child_id),
    "end_customer_sessions": lambda store, _: store.end_customer_sessions("ana"),
    "end_customer_sessions but one": lambda store, s: store.end_customer_sessions("ana", except_session_id=s.id),
    "end_by_provider_logout": lambda store, _: log_out(store, sid="one"),
    "end_by_provider_logout of a customer": lambda store, _: log_out(store, customer_id="ana"),
    "erase_customer": lambda store, _: store.erase_customer("ana"),
}
METHODS: Final = READS | WRITES


def attempt(call: Callable[[], Any]) -> tuple[SessionStoreError | None, Any]:
    """The error that a call raises, or what it returns."""
    try:
        return None, call()
    except SessionStoreError as error:
        return error, None
