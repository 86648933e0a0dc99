"""Requests with marked data and real tokens: right ones to every route of the back end, and wrong ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from session_store.catalog.routes import BACKEND_ROUTES
from tests.canary.marks import MARKED_DATA
from tests.support.scene import SignedIn

Request = tuple[str, str, dict[str, Any] | None]  # method, URL, body

# Routes, and what stands before the token in their bodies.
TAKE_TOKENS: Final = {"/sessions/introspect": '"token"', "/sessions": '"anonymous": true, "replaces"'}
# In place of TOKEN a token, in place of "token" the name of the field that it belongs into.
MALFORMED: Final = (
    '{"token": "TOKEN"',
    '{"token": ["TOKEN"]}',
    '{"token": "TOKENx"}',
    '{"token": "TOKEN", "token": "TOKEN"}',
    '{"token": "TOKEN", "TOKEN": NaN}',
    '"TOKEN"',
    "TOKEN",
    "token=TOKEN",
)


class Subject(NamedTuple):
    """A customer's session with a child."""

    customer_id: str
    id: str
    token: str
    child_id: str
    child_token: str


def to_every_route(s: Subject | SignedIn) -> list[Request]:
    """One good request to each route of the back end. Those that end something come to it, too."""
    bodies: dict[str, dict[str, Any]] = {
        "POST /sessions": {"customer_id": s.customer_id, "data": MARKED_DATA, "replaces": s.token},
        "POST /sessions/introspect": {"token": s.token},
        "PATCH /sessions/{session_id}": {"data": MARKED_DATA},
        "POST /sessions/{session_id}/children": {"data": MARKED_DATA},
    }
    ids = {"session_id": s.id, "child_session_id": s.child_id, "customer_id": s.customer_id}
    return [(route.method, _filled(route.path, ids), bodies.get(route.key)) for route in BACKEND_ROUTES]


def with_tokens_misplaced(s: Subject | SignedIn) -> list[Request]:
    """Requests with a token where something else belongs, and with tokens that are not good."""
    in_paths = [
        (route.method, _filled(route.path, places), None)
        for places in (
            {"session_id": s.token, "child_session_id": s.child_token, "customer_id": s.token},
            {"session_id": s.id, "child_session_id": s.child_token[:60], "customer_id": s.token[:70]},
        )
        for route in BACKEND_ROUTES
        if "{" in route.path
    ]
    queries = [f"cursor={s.token}", f"limit={s.token}", f"{s.token}=1", f"token={s.token}"]
    fields = ["customer_id", "client", "absolute_timeout", "idle_timeout", "carry_data", "data"]
    return [
        *in_paths,
        *(("GET", f"/customers/ana/sessions?{query}", None) for query in queries),
        ("DELETE", f"/customers/ana/sessions?except={s.token}", None),
        ("GET", f"/customers/company%20{s.token}/last-login", None),
        *(("POST", "/sessions", {"customer_id": "ana", field: s.token}) for field in fields),
        *(("POST", "/sessions", {"customer_id": "ana", field: [s.token]}) for field in fields),
        ("POST", "/sessions", {"anonymous": s.token}),
        ("POST", "/sessions", {s.token: 1}),
        ("POST", "/sessions/introspect", {"token": {s.token: 1}}),
        ("POST", "/sessions/introspect", {"token": s.token, s.token: 1}),
        *(("POST", "/sessions/introspect", {"token": bad(s.token)}) for bad in (forged, str.lower, stolen)),
        ("PATCH", f"/sessions/{s.id}", {"session_state": s.token}),
        ("PATCH", f"/sessions/{s.id}", {"session_state": "gone", "data": MARKED_DATA}),
    ]


def malformed(text: str, path: str, token: str) -> str:
    """One of `MALFORMED` with the fields of a route and a token."""
    return text.replace('"token"', TAKE_TOKENS[path]).replace("TOKEN", token)


def stolen(token: str) -> str:
    """The right family with another secret."""
    return f"{token[:-1]}{'E' if token[-1] != 'E' else 'A'}"


def forged(token: str) -> str:
    """Another family."""
    *head, family, secret = token.split(".")
    return ".".join([*head, f"{family[:-1]}{'Q' if family[-1] != 'Q' else 'A'}", secret])


def _filled(path: str, values: Mapping[str, str]) -> str:
    """A route's path with values in place of its parameters."""
    return re.sub(r"{(\w+)\+?}", lambda name: values[name[1]], path)
