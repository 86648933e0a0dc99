"""How a type checker sees code that uses the library: `test_wheel.py` has mypy check it against the wheel, strictly.

A line that must be refused says so: mypy calls the comment unused where it accepts the line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any, TypedDict, assert_type

from session_store import ChildSession, CreatedSession, JSONObject, Session, SessionSettings, SessionStore, Timeouts
from session_store.web import current_session, session


class User(TypedDict):
    name: str
    age: int


def what_goes_in(store: SessionStore, preferences: Mapping[str, str], tags: Sequence[str]) -> CreatedSession:
    items = ["tea"]
    counts = {"tea": 1}
    nested = {"cart": [{"name": "tea", "price": 2.5}], "seen": None}
    signed_in = store.create_session("customer-1", data={"items": items, "counts": counts})
    store.create_session(data=nested, timeouts=Timeouts(idle=timedelta(minutes=5)))
    store.create_session(data=MappingProxyType({"a": 1}))
    store.create_session(data={"pair": ("a", 1)})
    store.update_data(signed_in.session, {"preferences": preferences, "tags": tags, "gone": None})
    store.replace_data(signed_in.session, counts, version=1)
    store.create_child_session(signed_in.session, data=counts)
    user: User = {"name": "Ana", "age": 40}
    store.update_data(signed_in.session.session_id, user)
    store.update_data(signed_in.session, signed_in.session.data)
    store.create_session(data=["cart"])  # type: ignore[arg-type]
    store.create_session(data={1: "cart"})  # type: ignore[dict-item]
    return signed_in


def what_comes_out(store: SessionStore, token: str) -> int:
    found = store.validate(token)
    found.data["cart"].append("coffee")
    found.data["user"]["name"] = "Ana"
    data: JSONObject = found.data
    assert_type(data, dict[str, Any])
    visits: int = found.data.get("visits", 0) + 1
    store.update_data(found, {"visits": visits})
    return visits


def which_kind_it_is(store: SessionStore, token: str, *, child: bool) -> None:
    assert_type(store.validate(token), Session)
    assert_type(store.validate(token, child=False), Session)
    assert_type(store.validate(token, child=True), ChildSession)
    assert_type(store.validate(token, child=child, strict=True), Session | ChildSession)
    if page := store.get_child_sessions(store.validate(token)):
        assert_type(page.children, tuple[ChildSession, ...])
        store.update_data(page.children[0], {})  # type: ignore[arg-type]


def with_rules_of_ones_own() -> SessionStore:
    settings = SessionSettings(idle_timeout=timedelta(minutes=5), max_sessions_per_customer=3)
    SessionSettings(idle_timeout=300)  # type: ignore[arg-type]
    SessionSettings(idle=timedelta(minutes=5))  # type: ignore[call-arg]
    SessionStore("sessions", retention=timedelta(days=1))  # type: ignore[call-arg]
    return SessionStore("sessions", settings=settings)


@session
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    current_session().sign_in("customer-1", data={"items": ["tea"]})
    return {"statusCode": 200, "body": str(current_session().increment("visits"))}
