"""A marked token and marked data go through everything, under every fault, and are found nowhere they do not belong."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from session_store import Session, SessionStore, SessionStoreError
from session_store.http.routes import BACKEND_ROUTES, USER_ROUTES
from session_store.web import current_session, session
from session_store.web.authorizer import Authorizer
from session_store.web_settings import UserRouteSettings
from tests.canary.marks import DATA, MARKED_DATA, TOKEN, Witness
from tests.faults.cells import REFRESH_DUE
from tests.faults.kinds import KINDS
from tests.support.methods import METHODS
from tests.support.scene import SignedIn, sign_in
from tests.unit.http.gateway import Gateway
from tests.unit.user_routes.gateway import UserGateway
from tests.unit.web.browser import Browser, Payload, event

if TYPE_CHECKING:
    from tests.support.scene import Scene

    Request = tuple[str, str, dict[str, Any] | None]

NO_FAULT = "no fault"
WITH_EVERY_FAULT = pytest.mark.parametrize("fault", [NO_FAULT, *KINDS])


@pytest.fixture
def witness(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> Witness:
    return Witness(caplog, capsys)


@pytest.fixture
def store(scene: Scene) -> SessionStore:
    """A store that logs its events, as an application's does by default."""
    return SessionStore(scene.table_name, client=scene.disturbed_client, clock=scene.clock)


def marked(scene: Scene) -> SignedIn:
    """A marked session with a child, a refresh due."""
    signed_in = sign_in(scene.another_store(), data=MARKED_DATA)
    assert TOKEN in signed_in.token
    scene.clock.advance(REFRESH_DUE)
    return signed_in


def break_it(scene: Scene, fault: str) -> None:
    scene.faults.clear()
    if fault != NO_FAULT:
        KINDS[fault].provoke(scene.faults, KINDS[fault].lasting, 0)


@WITH_EVERY_FAULT
def test_every_method_of_the_store(scene: Scene, store: SessionStore, witness: Witness, fault: str) -> None:
    for method in METHODS.values():
        scene.faults.clear()
        signed_in = marked(scene)
        break_it(scene, fault)
        try:
            result = method(store, signed_in)
        except SessionStoreError as error:
            witness.saw(error)
        else:
            witness.errors.append(repr(result))

    witness.check(scene.all_rows())


def requests(s: SignedIn) -> list[Request]:
    """One request to each route of the back end."""
    bodies: dict[str, dict[str, Any]] = {
        "POST /sessions": {"customer_id": "ana", "data": MARKED_DATA, "replaces": s.token},
        "POST /sessions/introspect": {"token": s.token},
        "PATCH /sessions/{session_id}": {"data": MARKED_DATA},
        "POST /sessions/{session_id}/children": {"data": MARKED_DATA},
    }
    ids = {"session_id": s.id, "child_session_id": s.child_id, "customer_id": "ana"}
    return [
        (route.method, re.sub(r"{(\w+)\+?}", lambda name: ids[name[1]], route.path), bodies.get(route.key))
        for route in BACKEND_ROUTES
        if not route.stands_for
    ]


@WITH_EVERY_FAULT
def test_every_route_of_the_back_end(scene: Scene, store: SessionStore, witness: Witness, fault: str) -> None:
    gateway = Gateway(store)
    for number in range(len(requests(marked(scene)))):
        scene.faults.clear()
        method, url, body = requests(marked(scene))[number]
        assert TOKEN not in url
        break_it(scene, fault)
        reply = gateway.call(method, url, body)
        witness.answered(reply.status, reply.text)
        if (method, url) != ("POST", "/sessions") and not url.endswith("/children"):
            assert TOKEN not in reply.text + str(reply.headers)

    witness.lines = gateway.lines
    witness.check(scene.all_rows())


@pytest.mark.parametrize("text", ['{"token": "TOKEN"', '{"token": ["TOKEN"]}', '{"token": "TOKENx"}', '"TOKEN"'])
@pytest.mark.parametrize("route", [("/sessions/introspect", "token"), ("/sessions", "replaces")], ids=str)
def test_a_malformed_request_with_a_token_in_it(
    scene: Scene, store: SessionStore, witness: Witness, route: tuple[str, str], text: str
) -> None:
    path, field = route
    gateway = Gateway(store)
    reply = gateway.call("POST", path, text=text.replace("TOKEN", marked(scene).token).replace('"token"', f'"{field}"'))
    witness.answered(reply.status, reply.text)

    witness.lines = gateway.lines
    witness.check(scene.all_rows())


@WITH_EVERY_FAULT
def test_every_user_route(scene: Scene, store: SessionStore, witness: Witness, fault: str) -> None:
    gateway = UserGateway(store, UserRouteSettings())
    for route in USER_ROUTES:
        scene.faults.clear()
        signed_in = marked(scene)
        break_it(scene, fault)
        headers = {
            "cookie": f"__Host-session={signed_in.token}",
            "sec-fetch-site": "same-origin",
            "content-type": "application/json",
            "if-match": '"1"',
        }
        body = json.dumps(MARKED_DATA) if route.method in {"PATCH", "PUT"} else ""
        reply = gateway.send(route.method, route.path.replace("{session_id}", signed_in.id), headers, body)
        witness.answered(reply.status, reply.text + str(reply.headers))
        assert TOKEN not in reply.text.replace(_token_in(reply.text), "")

    witness.lines = gateway.metrics
    witness.check(scene.all_rows())


def _token_in(text: str) -> str:
    """The successor that a rotation hands to a caller who sends his token in the header; else nothing to leave out."""
    found = re.search(r'"token": ?"([^"]+)"', text)
    return found[1] if found else "\0"


@WITH_EVERY_FAULT
def test_the_decorator(scene: Scene, store: SessionStore, witness: Witness, fault: str) -> None:
    @session(store=store)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        visit = current_session()
        visit["again"] = DATA
        return {"statusCode": 200, "body": ""}

    browser = Browser(handler)
    browser.token = marked(scene).token
    break_it(scene, fault)
    for page in (browser.get(), browser.post()):
        witness.answered(page.status, page.text)
        assert TOKEN not in page.text

    witness.check(scene.all_rows())


@WITH_EVERY_FAULT
def test_the_authorizer(scene: Scene, store: SessionStore, witness: Witness, fault: str) -> None:
    token = marked(scene).token
    break_it(scene, fault)
    for presented in (token, token[:-1], token[:-1] + "E"):
        request = event("GET", {"authorization": f"Bearer {presented}"}, [], Payload.HTTP_API)
        try:
            witness.errors.append(repr(Authorizer(store).answer(request)))
        except SessionStoreError as error:
            witness.saw(error)

    witness.check(scene.all_rows())


def test_a_stolen_token_and_a_failed_refresh_are_logged_without_it(
    scene: Scene, store: SessionStore, witness: Witness
) -> None:
    signed_in = marked(scene)
    scene.faults.throttle("UpdateItem", times=1)
    store.validate(signed_in.token)
    stolen = signed_in.token[:-1] + "E"
    with pytest.raises(SessionStoreError) as error:
        store.validate(stolen)
    witness.saw(error.value)

    assert {"RefreshFailed", "TokenReused"} <= set(re.findall(r"\w+", witness.caplog.text))
    witness.check(scene.all_rows())


def test_no_object_shows_a_token_or_data(scene: Scene) -> None:
    signed_in = marked(scene)
    store = scene.another_store()
    shown = repr([signed_in, store.validate(signed_in.token), store.get_child_sessions(signed_in.id), store])

    assert isinstance(store.get_session(signed_in.id), Session)
    assert TOKEN not in shown
    assert DATA not in shown


def test_the_search_finds_a_mark(scene: Scene, witness: Witness) -> None:
    marked(scene)
    witness.errors.append(f"session {DATA}")

    with pytest.raises(AssertionError, match="data"):
        witness.check(scene.all_rows())
