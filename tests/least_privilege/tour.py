"""Calls that make each deployed function do everything to the table that it ever does."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from session_store.catalog.access_tokens import DOCUMENT_ROUTES
from session_store.catalog.functions import Function
from tests.least_privilege.functions import DEMO, SESSION_LIMIT, DeployedFunction, Rules
from tests.least_privilege.system import FunctionFailedError, System, new_customer
from tests.support.jwts import AUDIENCE
from tests.support.provider import Browser
from tests.support.reply import Reply
from tests.support.visitor import SAME_ORIGIN, cookie_header

Tour = Callable[[System], None]


def _create(system: System) -> None:
    _, token = system.session()
    system.session(new_customer(), replaces=token, carry_data=True)
    body = {"customer_id": new_customer()}
    for _ in range(2):
        system.call("POST", "/sessions", body, {"Idempotency-Key": '"key"'})


def _introspect(system: System) -> None:
    session_id, token = system.session(new_customer())
    child = system.call("POST", f"/sessions/{session_id}/children", {})
    for valid in (token, child["token"]):
        asked = {"token": valid, "max_auth_age": 3600}
        assert system.call("POST", "/sessions/introspect", asked)["active"] is True
        assert system.call("POST", "/sessions/introspect", {**asked, "required_acr": ["gold"]})["active"] is False
    ended = system.call("POST", "/sessions/introspect", {"token": system.superseded_session()})
    assert ended["active"] is False


def _read(system: System) -> None:
    customer_id = new_customer()
    session_id, _ = system.session(customer_id)
    child = system.call("POST", f"/sessions/{session_id}/children", {})["child"]["child_session_id"]
    for url in (
        f"/sessions/{session_id}",
        f"/sessions/{session_id}/children",
        f"/children/{child}/session",
        f"/customers/{customer_id}/sessions",
        f"/customers/{customer_id}/sessions/{session_id}",
        f"/customers/{customer_id}/last-login",
    ):
        system.call("GET", url)


def _update(system: System) -> None:
    session_id, _ = system.session(new_customer())
    system.call("PATCH", f"/sessions/{session_id}", {"data": {"theme": "dark"}})
    system.call("POST", f"/sessions/{session_id}/extend")


def _create_child(system: System) -> None:
    customer_id = new_customer()
    session_id, _ = system.session(customer_id)
    for body in ({}, {"customer_id": customer_id}):
        system.call("POST", f"/sessions/{session_id}/children", body)


def _expire(system: System) -> None:
    customer_id = new_customer()
    kept, ended = system.session(customer_id)[0], system.session(customer_id)[0]
    child = system.call("POST", f"/sessions/{kept}/children", {})["child"]["child_session_id"]
    system.call("DELETE", f"/sessions/{kept}/children/{child}")
    system.call("DELETE", f"/sessions/{ended}")
    for query in (f"?except={kept}", ""):
        system.call("DELETE", f"/customers/{customer_id}/sessions{query}")


def _erase(system: System) -> None:
    customer_id = new_customer()
    session_id, _ = system.session(customer_id)
    system.call("POST", f"/sessions/{session_id}/children", {})
    system.session(customer_id)
    begun = system.call("DELETE", f"/customers/{customer_id}?limit=1")
    done = system.call("DELETE", f"/customers/{customer_id}?cursor={begun['cursor']}")
    assert (begun["purged"] + done["purged"], done["cursor"]) == (3, None)


def _user_session(system: System) -> None:
    _, token = system.session(new_customer())
    system.user("GET", "/session", token)
    system.user("PATCH", "/session", token, {"data": {"theme": "dark"}})
    system.user("PUT", "/session/data", token, {"theme": "light"})
    system.user("DELETE", "/session", token)
    system.user("GET", "/session", system.superseded_session(), succeeds=False)
    system.user("POST", "/session/rotate", system.session(new_customer())[1])


def _user_sessions(system: System) -> None:
    customer_id = new_customer()
    other, _ = system.session(customer_id)
    _, token = system.session(customer_id)
    system.session(customer_id)
    assert len(system.user("GET", "/me/sessions", token)["sessions"]) == 3
    system.user("DELETE", f"/me/sessions/{other}", token)
    system.user("DELETE", "/me/sessions", token)


def _authorizer(system: System) -> None:
    system.protected(system.session(new_customer())[1], succeeds=True)
    system.protected(system.superseded_session(), succeeds=False)


def _lifecycle_events(system: System) -> None:
    lifecycle = system.lifecycle
    events = lifecycle.events_url
    session_id, _ = system.session(new_customer())
    if not lifecycle.brings(events, session_id):
        raise FunctionFailedError("no event of a new session")
    if not lifecycle.brings(lifecycle.queue_url, system.put_unreadable_row()):
        raise FunctionFailedError("an unreadable row was not parked")


def _mint(system: System) -> None:
    session_id, _ = system.session(new_customer())
    system.call("POST", f"/sessions/{session_id}/token", {"audience": AUDIENCE})


def _user_mint(system: System) -> None:
    _, token = system.session(new_customer())
    system.user("POST", "/session/token", token, {"audience": AUDIENCE})
    system.make_old(token)
    system.user("POST", "/session/token", token, {"audience": AUDIENCE})
    system.user("POST", "/session/token", system.superseded_session(), {"audience": AUDIENCE}, succeeds=False)


def _issuer(system: System) -> None:
    system.new_processes(Function.ISSUER)
    for route in DOCUMENT_ROUTES:
        system.user("GET", route.path, "")


def _sign_in(system: System) -> None:
    system.new_processes(Function.SIGN_IN)
    customer = system.browser()
    customer.provider.claims["sid"] = secrets.token_hex(8)
    for _ in range(2):
        _sign_in_with_provider(customer)
    _check(customer.post("/auth/logout"), 303)


def _provider_logout(system: System) -> None:
    """Two logouts of a user. Both are older than their ID tokens: a later one would refuse the second sign-in."""
    customer = system.browser()
    now = int(time.time())
    named = {"sub": customer.provider.claims["sub"], "iat": now - 60, "exp": now + 30}
    for number in range(2):
        _sign_in_with_provider(customer)
        customer.cookies.clear()
        token = customer.provider.logout_token(**named, jti=f"{named['sub']} {number}")
        _check(customer.post("/auth/backchannel-logout", {"logout_token": token}), 200)


def _sign_in_with_provider(customer: Browser) -> None:
    begun = customer.login()
    _check(begun, 303)
    _check(customer.callback(customer.provider.authorize(begun.headers["location"])), 303)


def _check(reply: Reply, status: int) -> None:
    if reply.status != status:
        raise FunctionFailedError(f"{reply.status}: {reply.text}")


def _demo(system: System) -> None:
    name = new_customer()
    system.page("POST", "/sign-in", user_name=name)
    token = system.page("POST", "/sign-in", system.page("POST", "/count"), user_name=name)
    system.page("GET", "/", token)
    system.page("POST", "/second/device", token)
    system.page("GET", "/sessions", token)
    system.page("POST", "/sessions/end-others", token)


def hold_to_the_limit(system: System) -> None:
    """Start one session more than a customer may have: the oldest one ends. The sign-in itself never fails."""
    customer_id = new_customer()
    tokens = [system.session(customer_id)[1] for _ in range(SESSION_LIMIT + 1)]
    oldest, newest = (system.call("POST", "/sessions/introspect", {"token": tokens[n]})["active"] for n in (0, -1))
    assert newest is True
    if oldest:
        raise FunctionFailedError("the oldest session has not ended")


def _replace_token(system: System, url: str) -> None:
    _, token = system.session(new_customer())
    system.make_old(token)
    headers = {"cookie": cookie_header(token), **SAME_ORIGIN}
    if system.protected_api.send("GET", url, headers, "").cookie is None:
        raise FunctionFailedError(f"no new token from {url}")


def _replace_token_of_demo(system: System) -> None:
    token = system.page("POST", "/sign-in", user_name=new_customer())
    assert token is not None
    system.make_old(token)
    if system.page("GET", "/", token) == token:
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
    Function.LIFECYCLE_EVENTS: _lifecycle_events,
    Function.MINT: _mint,
    Function.USER_MINT: _user_mint,
    Function.ISSUER: _issuer,
    Function.SIGN_IN: _sign_in,
    Function.PROVIDER_LOGOUT: _provider_logout,
    DEMO: _demo,
}
_UNDER_STRICT_RULES: Final[dict[str, Tour]] = {
    Function.CREATE: hold_to_the_limit,
    Function.USER_SESSION: partial(_replace_token, url="/session"),
    Function.USER_SESSIONS: partial(_replace_token, url="/me/sessions"),
    DEMO: _replace_token_of_demo,
}


def tour(system: System, function: DeployedFunction) -> None:
    """Make a function do all that it ever does under its system's rules."""
    _TOURS[function.name](system)
    if function.rules is Rules.STRICT and function.name in _UNDER_STRICT_RULES:
        _UNDER_STRICT_RULES[function.name](system)
