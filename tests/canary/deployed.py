"""Marked data and real tokens sent through everything that is deployed."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from demo.app import ROUTES as PAGES
from demo.second_window import THIEF, cookie_name
from session_store.catalog.access_tokens import DOCUMENT_ROUTES
from session_store.catalog.routes import USER_ROUTES
from session_store.settings import DEFAULT_COOKIE_NAME
from tests.canary.marks import MARKED_DATA, VALUE
from tests.canary.requests import (
    MALFORMED,
    TAKE_TOKENS,
    Subject,
    forged,
    malformed,
    stolen,
    to_every_route,
    with_tokens_misplaced,
)
from tests.canary.surfaces import denied
from tests.support.http_client import ApiClient
from tests.support.jwts import AUDIENCE
from tests.support.protected_api import ProtectedApi
from tests.support.provider import CLIENT_SECRET, Browser, handler_over
from tests.support.reply import Reply
from tests.support.visitor import SAME_ORIGIN, cookie_header

_JSON: Final = {"content-type": "application/json", "if-match": '"1"'}
_FORM: Final = {"content-type": "application/x-www-form-urlencoded"}
_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class Tour:
    """Calls everything, and keeps what comes back."""

    api: ProtectedApi
    tokens: set[str] = field(default_factory=set)  # all that were handed out
    statuses: dict[str, set[int]] = field(default_factory=dict)  # by what was asked
    secrets: set[str] = field(default_factory=set)  # of sign-ins: codes, tokens of the provider, sealed cookies
    bad: list[tuple[str, str]] = field(default_factory=list)  # answers, each with its name
    good: list[tuple[str, str]] = field(default_factory=list)  # likewise, without the tokens in their places

    def go(self) -> None:
        """Send everything once."""
        for number in range(len(to_every_route(self.subject()))):
            self._back_end(*to_every_route(self.subject())[number])
        self._send_bad_requests()
        self._visit_user_routes()
        self._visit_protected_route()
        self._make_access_tokens()
        self._sign_in_with_provider()
        self._visit_pages()

    def go_without(self, *actions: str) -> None:
        """Send everything while no function may do some actions on the table."""
        subject = self.subject()
        self.api.deployed.set_times(subject.id, subject.customer_id, last_seen_at=1)  # an extension is due
        with denied(self.api.deployed, actions):
            for request in to_every_route(subject):
                self._back_end(*request)
            for route in USER_ROUTES:
                self._user(route.method, route.path.replace("{session_id}", subject.id), subject.token, bearer=False)
            self._orders({"authorization": f"Bearer {subject.token}"})
            self._sign_in_with_provider()
            for page in PAGES:
                self._page(page.key, subject, subject.token)

    def subject(self, *, child_of: Subject | None = None) -> Subject:
        """A new session with a child, or with the child of another one: that saves a call."""
        customer_id = f"canary-{uuid.uuid4()}"
        root = self._back_end("POST", "/sessions", {"customer_id": customer_id, "data": MARKED_DATA})
        session_id = root["session"]["session_id"]
        if child_of:
            return Subject(customer_id, session_id, root["token"], child_of.child_id, child_of.child_token)
        child = self._back_end("POST", f"/sessions/{session_id}/children", {"data": MARKED_DATA})
        return Subject(customer_id, session_id, root["token"], child["child"]["child_session_id"], child["token"])

    def _send_bad_requests(self) -> None:
        for request in with_tokens_misplaced(self.subject()):
            self._back_end(*request)
        subject = self.subject()
        for text in MALFORMED:
            for path in TAKE_TOKENS:
                self._back_end("POST", path, malformed(text, path, subject.token))

    def _visit_user_routes(self) -> None:
        parent = self.subject()
        for route in USER_ROUTES:
            for bearer in (False, True):
                subject = self.subject(child_of=parent)
                url = route.path.replace("{session_id}", subject.id)
                for bad in (subject.token[:-1], forged(subject.token), subject.child_token):
                    self._user(route.method, url, bad, bearer=bearer)
                self._user(route.method, url, subject.token, bearer=bearer)
        subject = self.subject()
        cookie = {"cookie": cookie_header(subject.token)}
        for url in (f"/session?token={subject.token}", f"/me/sessions?cursor={subject.token}", f"/{subject.token}"):
            self._send("GET", url, {**SAME_ORIGIN, **cookie}, "")
        self._send("DELETE", f"/me/sessions/{subject.token}", {**SAME_ORIGIN, **cookie}, "")
        self._send("PATCH", "/session", {**SAME_ORIGIN, **cookie, **_JSON}, f'{{"data": {{"{subject.token}"')
        self._send("GET", "/session", {**SAME_ORIGIN, "cookie": cookie_header(subject.token, subject.child_token)}, "")
        not_his = json.dumps({"data": MARKED_DATA})
        self._send("PATCH", "/session", {**SAME_ORIGIN, **cookie, **_JSON}, not_his)
        self._send("PATCH", "/session", cookie, "")  # from elsewhere
        self._user("GET", "/session", stolen(subject.token), bearer=True)
        self._user("GET", "/session", subject.token, bearer=False)  # ended by that

    def _visit_protected_route(self) -> None:
        subject = self.subject()
        for token in (subject.token, subject.token[:-1], subject.child_token, stolen(subject.token), subject.token):
            self._orders({"authorization": f"Bearer {token}"})
            self._orders({"cookie": cookie_header(token)})

    def _make_access_tokens(self) -> None:
        subject, asked = self.subject(), {"audience": AUDIENCE}
        made = self._back_end("POST", f"/sessions/{subject.id}/token", asked)["access_token"]
        for token in (subject.token, subject.token[:-1], made):
            self._send("POST", "/session/token", {"authorization": f"Bearer {token}", **_JSON}, json.dumps(asked))
        for token in (made, made[:-1], subject.token):
            self._send("GET", "/by-token", {"authorization": f"Bearer {token}"}, "")
        for route in DOCUMENT_ROUTES:
            self._send("GET", route.path, {}, "")

    def _sign_in_with_provider(self) -> None:
        browser = Browser(handler_over(self.api.send), self.api.provider)
        browser.provider.claims = {"sub": f"canary-{uuid.uuid4()}", "email": VALUE}
        for changes in ({}, {"code": "another-code-than-its-own"}, {"iss": "https://evil.example"}, {}):
            begun = browser.login(return_to="/orders")
            answer = browser.provider.authorize(begun.headers["location"], **changes)
            self.secrets |= {answer["code"], *browser.cookies.values()}
            self._answered("GET /auth/callback", browser.callback(answer))
        logout = browser.provider.logout_token(sub=browser.provider.claims["sub"], jti=str(uuid.uuid4()))
        self.secrets |= {logout, CLIENT_SECRET}
        for token in (logout[:-1], logout):
            self._answered(
                "POST /auth/backchannel-logout", browser.post("/auth/backchannel-logout", {"logout_token": token})
            )
        self._answered("POST /auth/logout", browser.post("/auth/logout"))

    def _answered(self, what: str, reply: Reply) -> None:
        sessions = [each for each in reply.set_cookies if each.startswith(DEFAULT_COOKIE_NAME)]
        cookie = {"set-cookie": sessions[0]} if sessions else {}
        self._note(what, reply.status, {**reply.headers, **cookie}, reply.text, None)

    def _visit_pages(self) -> None:
        parent = self.subject()
        for page in PAGES:
            subject = self.subject(child_of=parent)
            for token in (subject.child_token, forged(subject.token), subject.token, stolen(subject.token)):
                self._page(page.key, subject, token)

    def _back_end(self, method: str, url: str, body: Any) -> Any:
        content = body if isinstance(body, str) else json.dumps(body)
        answer = self.api.deployed.api.request(
            method, url, body=b"" if body is None else content.encode(), headers={"content-type": "application/json"}
        )
        value: Any = answer.json or {}
        created = value["token"] if answer.status == 201 else value.get("access_token")
        self._note(_name(method, url), answer.status, {**answer.headers}, answer.text, created)
        return value

    def _user(self, method: str, url: str, token: str, *, bearer: bool) -> None:
        header = {"authorization": f"Bearer {token}"} if bearer else {"cookie": cookie_header(token)}
        body = {"PATCH": {"data": {"theme": MARKED_DATA}}, "PUT": {"theme": MARKED_DATA}}.get(method, "")
        self._send(method, url, {**header, **SAME_ORIGIN, **_JSON}, json.dumps(body) if body else "")

    def _orders(self, headers: Mapping[str, str]) -> None:
        self._send("GET", "/orders", {**SAME_ORIGIN, **headers}, "")

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: str) -> None:
        reply = self.api.send(method, url, headers, body)
        field = {"/session/rotate": "token", "/session/token": "access_token"}.get(url)
        made = reply.json.get(field) if reply.status == 200 and field else None
        self._note(_name(method, url), reply.status, {**reply.headers}, reply.text, made)

    def _page(self, key: str, subject: Subject, token: str) -> None:
        method, _, path = key.partition(" ")
        path = path.replace("{file}", subject.token).replace("{kind}", "thief") or f"/{subject.token}"
        cookies = f"{DEFAULT_COOKIE_NAME}={token}; {cookie_name(THIEF)}={token}"
        query = urlencode({"notice": subject.token, "next": subject.token, "cursor": subject.token})
        form = {"user_name": subject.customer_id, "session_id": subject.id, "confirmed": "1", "next": subject.token}
        form["binding"] = subject.id
        answer = ApiClient(self.api.deployed.demo_url, None).request(
            "GET" if method == "$default" else method,
            f"{path}?{query}",
            body=urlencode(form).encode() if method == "POST" else b"",
            headers={**SAME_ORIGIN, **_FORM, "user-agent": subject.token, "cookie": cookies},
        )
        self._note(f"the demo's {key}", answer.status, {**answer.headers}, answer.text, None)

    def _note(self, what: str, status: int, headers: dict[str, str], text: str, created: str | None) -> None:
        cookie = headers.pop("set-cookie", "")
        in_cookie = cookie.partition(";")[0].partition("=")[2]
        self.tokens |= {token for token in (created, in_cookie) if token}
        self.statuses.setdefault(what, set()).add(status)
        text = text.replace(created, "") if created else text
        shown = f"{status} {headers} {cookie.replace(in_cookie, '') if in_cookie else cookie} {text}"
        (self.good if status < 400 else self.bad).append((what, shown))


def _name(method: str, url: str) -> str:
    """A request's name, without what differs from one to the next."""
    return _ID.sub("ID", f"{method} {url.partition('v1.')[0]}")
