"""Calls that make each deployed function do everything to the table that it ever does."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from session_store.catalog.functions import Function
from tests.least_privilege.functions import DEMO, SESSION_LIMIT, DeployedFunction, Rules
from tests.least_privilege.system import System
from tests.support.reply import Reply

Tour = Callable[["Guide"], None]


class FunctionFailedError(Exception):
    """A function answered with a fault of its own side, or left something undone; the message says what."""


@dataclass(frozen=True)
class Guide:
    """Makes the calls, and raises when a function fails."""

    system: System

    def call(self, method: str, url: str, body: Any = None) -> Any:
        """A back-end call that succeeds; its answer."""
        return self._json(f"{method} {url}", self.system.back_end(method, url, body), succeeds=True)

    def user(self, method: str, url: str, token: str, body: Any = None, *, succeeds: bool = True) -> Any:
        """A user's call; its answer."""
        return self._json(f"{method} {url}", self.system.user(method, url, token, body), succeeds=succeeds)

    def protected(self, token: str, status: int) -> None:
        """A call through the authorizer."""
        answered = self.system.protected(token).status
        self._raise_for(answered, "the authorizer")
        assert answered == status

    def page(self, method: str, path: str, token: str | None = None, **fields: str) -> str | None:
        """A visit to a page of the demo; the token that the browser has then."""
        reply = self.system.page(method, path, token, fields)
        self._raise_for(reply.status, f"{method} {path}")
        assert reply.status < 400, (method, path, reply.status)
        return reply.cookie or token

    def session(self, customer_id: str | None = None, **fields: Any) -> tuple[str, str]:
        """A new session: its id and token."""
        created = self.call("POST", "/sessions", {"customer_id": customer_id, **fields})
        return created["session"]["session_id"], created["token"]

    def superseded_session(self) -> str:
        """The token of a session that an end-all has not reached, though the customer's row knows of it."""
        customer_id = new_customer()
        session_id, token = self.session(customer_id)
        self.system.make_old(session_id, customer_id)
        self.system.put_generation(customer_id)
        return token

    def make_old(self, token: str) -> None:
        """Let so much time pass for a session that its token is to be replaced."""
        session = self.call("POST", "/sessions/introspect", {"token": token})["session"]
        self.system.make_old(session["session_id"], session["customer_id"])

    def _json(self, what: str, reply: Reply, *, succeeds: bool) -> Any:
        self._raise_for(reply.status, what)
        assert (reply.status < 300) is succeeds, (what, reply)
        return reply.json

    @staticmethod
    def _raise_for(status: int, what: str) -> None:
        if status >= 500:
            raise FunctionFailedError(f"{status} to {what}")


def new_customer() -> str:
    """A customer of nobody else's."""
    return f"customer-{uuid.uuid4()}"


def _create(guide: Guide) -> None:
    _, token = guide.session()
    guide.session(new_customer(), replaces=token, carry_data=True)


def _introspect(guide: Guide) -> None:
    session_id, token = guide.session(new_customer())
    child = guide.call("POST", f"/sessions/{session_id}/children", {})
    for valid in (token, child["token"]):
        assert guide.call("POST", "/sessions/introspect", {"token": valid})["active"] is True
    ended = guide.call("POST", "/sessions/introspect", {"token": guide.superseded_session()})
    assert ended["active"] is False


def _read(guide: Guide) -> None:
    customer_id = new_customer()
    session_id, _ = guide.session(customer_id)
    child = guide.call("POST", f"/sessions/{session_id}/children", {})["child"]["child_session_id"]
    for url in (
        f"/sessions/{session_id}",
        f"/sessions/{session_id}/children",
        f"/children/{child}/session",
        f"/customers/{customer_id}/sessions",
        f"/customers/{customer_id}/sessions/{session_id}",
        f"/customers/{customer_id}/last-login",
    ):
        guide.call("GET", url)


def _update(guide: Guide) -> None:
    session_id, _ = guide.session(new_customer())
    guide.call("PATCH", f"/sessions/{session_id}", {"data": {"theme": "dark"}})


def _create_child(guide: Guide) -> None:
    customer_id = new_customer()
    session_id, _ = guide.session(customer_id)
    for body in ({}, {"customer_id": customer_id}):
        guide.call("POST", f"/sessions/{session_id}/children", body)


def _expire(guide: Guide) -> None:
    customer_id = new_customer()
    kept, ended = guide.session(customer_id)[0], guide.session(customer_id)[0]
    child = guide.call("POST", f"/sessions/{kept}/children", {})["child"]["child_session_id"]
    guide.call("DELETE", f"/sessions/{kept}/children/{child}")
    guide.call("DELETE", f"/sessions/{ended}")
    for query in (f"?except={kept}", ""):
        guide.call("DELETE", f"/customers/{customer_id}/sessions{query}")


def _erase(guide: Guide) -> None:
    name = uuid.uuid4()
    kept, _ = guide.session(f"company/{name}")
    guide.session(f"company/{name}")
    guide.call("DELETE", f"/customers/company%2F{name}/sessions?except={kept}")
    customer_id = new_customer()
    session_id, _ = guide.session(customer_id)
    guide.call("POST", f"/sessions/{session_id}/children", {})
    assert guide.call("DELETE", f"/customers/{customer_id}")["purged"] == 2


def _user_session(guide: Guide) -> None:
    _, token = guide.session(new_customer())
    guide.user("GET", "/session", token)
    guide.user("PATCH", "/session", token, {"data": {"theme": "dark"}})
    guide.user("PUT", "/session/data", token, {"theme": "light"})
    guide.user("DELETE", "/session", token)
    guide.user("GET", "/session", guide.superseded_session(), succeeds=False)
    guide.user("POST", "/session/rotate", guide.session(new_customer())[1])


def _user_sessions(guide: Guide) -> None:
    customer_id = new_customer()
    other, _ = guide.session(customer_id)
    _, token = guide.session(customer_id)
    guide.session(customer_id)
    assert len(guide.user("GET", "/me/sessions", token)["sessions"]) == 3
    guide.user("DELETE", f"/me/sessions/{other}", token)
    guide.user("DELETE", "/me/sessions", token)


def _authorizer(guide: Guide) -> None:
    guide.protected(guide.session(new_customer())[1], 200)
    guide.protected(guide.superseded_session(), 403)


def _demo(guide: Guide) -> None:
    name = new_customer()
    guide.page("POST", "/sign-in", user_name=name)
    token = guide.page("POST", "/sign-in", guide.page("GET", "/"), user_name=name)
    guide.page("GET", "/", token)
    guide.page("GET", "/sessions", token)
    guide.page("POST", "/sessions/end-others", token)


def hold_to_the_limit(guide: Guide) -> None:
    """Start one session more than a customer may have: the oldest one ends. The sign-in itself never fails."""
    customer_id = new_customer()
    tokens = [guide.session(customer_id)[1] for _ in range(SESSION_LIMIT + 1)]
    oldest, newest = (guide.call("POST", "/sessions/introspect", {"token": tokens[n]})["active"] for n in (0, -1))
    assert newest is True
    if oldest:
        raise FunctionFailedError("the oldest session has not ended")


def _replace_token(guide: Guide, url: str) -> None:
    _, token = guide.session(new_customer())
    guide.make_old(token)
    if guide.system.user("GET", url, token, by_cookie=True).cookie is None:
        raise FunctionFailedError(f"no new token from {url}")


def _replace_token_of_demo(guide: Guide) -> None:
    token = guide.page("POST", "/sign-in", user_name=new_customer())
    assert token is not None
    guide.make_old(token)
    if guide.page("GET", "/", token) == token:
        raise FunctionFailedError("no new token from the demo")


_TOURS: Final[dict[str, Tour]] = {
    Function.CREATE: _create,
    Function.INTROSPECT: _introspect,
    Function.READ: _read,
    Function.UPDATE: _update,
    Function.CREATE_CHILD: _create_child,
    Function.END: _expire,
    Function.ERASE: _erase,
    Function.USER_SESSION: _user_session,
    Function.USER_SESSIONS: _user_sessions,
    Function.AUTHORIZER: _authorizer,
    DEMO: _demo,
}
_UNDER_STRICT_RULES: Final[dict[str, Tour]] = {
    Function.CREATE: hold_to_the_limit,
    Function.USER_SESSION: partial(_replace_token, url="/session"),
    Function.USER_SESSIONS: partial(_replace_token, url="/me/sessions"),
    DEMO: _replace_token_of_demo,
}


def tour(guide: Guide, function: DeployedFunction) -> None:
    """Make a function do all that it ever does under its system's rules.

    Raises:
        FunctionFailedError: it could not do something.
    """
    _TOURS[function.name](guide)
    if function.rules is Rules.STRICT and function.name in _UNDER_STRICT_RULES:
        _UNDER_STRICT_RULES[function.name](guide)
