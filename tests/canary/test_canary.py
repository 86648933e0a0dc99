"""Marked tokens and marked data go through everything, under every fault, and are found where they belong only.

They belong: a token in the answer that hands it out; the hashes of its parts in the hashes' attributes of the table;
data in the attribute `data`, and in good answers. A key of the data may be named to the caller who sent it, as the
place of the fault. The witness searches everything else. `tests/e2e/test_canary.py` searches a deployed system.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from session_store import SessionStore, SessionStoreError
from session_store.adapters.aws_lambda.authorizer import authorizer_handler
from session_store.catalog.routes import USER_ROUTES
from session_store.kernel.authorizer_settings import AuthorizerSettings
from session_store.kernel.web_settings import UserRouteSettings
from session_store.web import current_session, session
from tests.canary.faults import BUG, NO_FAULT, WITH_EVERY_FAULT, WITH_EVERY_FAULT_AND_A_BUG, break_it
from tests.canary.marks import KEY, MARKED_DATA, VALUE
from tests.canary.requests import (
    MALFORMED,
    TAKE_TOKENS,
    Request,
    forged,
    malformed,
    stolen,
    to_every_route,
    with_tokens_misplaced,
)
from tests.canary.subjects import MARKED_METHODS, marked
from tests.canary.witness import Witness
from tests.support.lambda_events import Payload, behind, event, get
from tests.support.scene import Scene, SignedIn
from tests.support.visitor import SAME_ORIGIN, cookie_header, visitor_with
from tests.unit.gateway import Gateway, UserGateway


@pytest.mark.shows("T49")
@WITH_EVERY_FAULT
def test_no_method_of_the_store_leaks_a_token_or_data(
    scene: Scene, store: SessionStore, witness: Witness, fault: str
) -> None:
    for name, method in MARKED_METHODS.items():
        signed_in = marked(scene)
        with witness.under(fault):
            witness.saw(f"the result of {name}", method(store, signed_in))


@pytest.mark.shows("T49")
@WITH_EVERY_FAULT_AND_A_BUG
def test_no_route_of_the_back_end_leaks_a_token_or_data(
    scene: Scene, store: SessionStore, witness: Witness, fault: str
) -> None:
    send_each(to_every_route, scene, store, witness, fault)


def test_a_token_where_something_else_belongs_is_not_leaked(
    scene: Scene, store: SessionStore, witness: Witness
) -> None:
    send_each(with_tokens_misplaced, scene, store, witness, NO_FAULT)


def send_each(
    requests: Callable[[SignedIn], list[Request]], scene: Scene, store: SessionStore, witness: Witness, fault: str
) -> None:
    """Send each of the requests about a session of its own to the back end."""
    gateway = Gateway(store)
    for number in range(len(requests(marked(scene)))):
        method, url, body = requests(marked(scene))[number]
        with witness.under(fault):
            witness.answered(gateway.call(method, url, body), f"{method} {url.partition('v1.')[0]}")
    witness.saw("lines", *gateway.lines)


@pytest.mark.parametrize("text", MALFORMED)
@pytest.mark.parametrize("path", TAKE_TOKENS)
def test_a_token_in_a_malformed_request_is_not_leaked(
    scene: Scene, store: SessionStore, witness: Witness, path: str, text: str
) -> None:
    gateway = Gateway(store)
    body = malformed(text, path, marked(scene).token)
    for headers in ({"content-type": "application/json"}, {"content-type": body}, {}):
        witness.answered(gateway.call("POST", path, text=body, headers=headers))
    witness.answered(gateway.call("POST", path, text=body.encode("utf-16")))
    witness.saw("lines", *gateway.lines)


@WITH_EVERY_FAULT_AND_A_BUG
@pytest.mark.parametrize("bearer", [False, True], ids=["cookie", "bearer"])
def test_no_user_route_leaks_a_token_or_data(
    scene: Scene, store: SessionStore, witness: Witness, fault: str, *, bearer: bool
) -> None:
    gateway = UserGateway(store, UserRouteSettings(data_keys=tuple(MARKED_DATA)))
    for route in USER_ROUTES:
        signed_in = marked(scene)
        for token in (signed_in.token, signed_in.child_token, stolen(signed_in.token), signed_in.token[:-1]):
            header = {"authorization": f"Bearer {token}"} if bearer else {"cookie": cookie_header(token)}
            headers = {**header, **SAME_ORIGIN, "content-type": "application/json", "if-match": '"1"'}
            body = json.dumps({"PATCH": {"data": MARKED_DATA}, "PUT": MARKED_DATA}.get(route.method))
            with witness.under(fault):
                reply = gateway.send(route.method, route.path.replace("{session_id}", signed_in.id), headers, body)
                rotated = reply.json.get("token") if route.operation_id == "rotateMyToken" else None
                witness.answered(reply, route.key, token=rotated)
    witness.saw("lines", *gateway.lines)


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("/session", {"cookie": cookie_header("TOKEN", "TOKEN")}),
        ("/session", {"authorization": "Bearer TOKEN, Bearer TOKEN"}),
        ("/session", {"authorization": "TOKEN", "x-session": "TOKEN", "TOKEN": "TOKEN"}),
        ("/session?token=TOKEN", {}),
        ("/me/sessions?cursor=TOKEN", {"cookie": cookie_header("TOKEN")}),
        ("/me/sessions?limit=TOKEN", {"cookie": cookie_header("TOKEN")}),
    ],
    ids=str,
)
def test_a_users_token_where_it_does_not_count_is_not_leaked(
    scene: Scene, store: SessionStore, witness: Witness, url: str, headers: dict[str, str]
) -> None:
    token = marked(scene).token
    gateway = UserGateway(store, UserRouteSettings(data_keys=("data",)))
    sent = {name.replace("TOKEN", token): value.replace("TOKEN", token) for name, value in headers.items()}
    sent |= {**SAME_ORIGIN, "content-type": "application/json", "if-match": token}
    body = json.dumps({"data": [token], token: VALUE})
    for method, path in (("GET", url.replace("TOKEN", token)), ("PUT", "/session/data"), ("PATCH", "/session")):
        reply = gateway.send(method, path, sent, body if method != "GET" else "")
        witness.saw("cookies", *reply.set_cookies)
        witness.answered(reply)
    witness.saw("lines", *gateway.lines)


def test_data_that_is_not_the_users_to_write_is_refused_and_not_leaked(
    scene: Scene, store: SessionStore, witness: Witness
) -> None:
    gateway = UserGateway(store, UserRouteSettings(data_keys=("theme",)))
    headers = {"cookie": cookie_header(marked(scene).token), **SAME_ORIGIN, "content-type": "application/json"}
    for method, path, body in (
        ("PATCH", "/session", {"data": {**MARKED_DATA, "theme": VALUE}}),
        ("PUT", "/session/data", {**MARKED_DATA, "theme": VALUE}),
    ):
        reply = gateway.send(method, path, {**headers, "if-match": "1"}, json.dumps(body))
        assert reply.outcome == (400, "invalid-input")
        witness.answered(reply)


@WITH_EVERY_FAULT
def test_the_decorator_leaks_no_token_and_no_data(
    scene: Scene, store: SessionStore, witness: Witness, fault: str
) -> None:
    @session(store=store)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        visit = current_session()
        witness.saw("the current session", visit)
        visit["again"] = {KEY: VALUE}
        return {"statusCode": 200, "body": ""}

    for bad in (str, stolen, forged, str.lower):
        browser = visitor_with(behind(handler), bad(marked(scene).token))
        for ask in (browser.get, browser.post):
            with witness.under(fault):
                witness.answered(ask())


@WITH_EVERY_FAULT_AND_A_BUG
def test_the_authorizer_leaks_no_token_and_no_data(
    scene: Scene, store: SessionStore, witness: Witness, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TABLE_NAME", scene.table_name)
    handler = authorizer_handler(store, AuthorizerSettings())
    signed_in = marked(scene)
    token = signed_in.token
    for presented in (token, signed_in.child_token, token[:-1], forged(token), stolen(token)):
        request = event("GET", {"authorization": f"Bearer {presented}"}, [], Payload.HTTP_API)
        with witness.under(fault, Exception):  # Lambda logs all that gets out
            witness.saw("the authorizer's answer", handler(request, None))


@pytest.mark.parametrize("name", ["ExtensionFailed", "TokenReused"])
def test_an_event_is_logged_without_the_token(scene: Scene, store: SessionStore, witness: Witness, name: str) -> None:
    signed_in = marked(scene)
    scene.faults.throttle("UpdateItem", times=1)
    store.validate(signed_in.token)
    with witness.raises(SessionStoreError):
        store.validate(stolen(signed_in.token))

    assert name in witness.caplog.text


def test_a_bug_in_the_authorizer_is_told_by_its_kind_and_place_alone(
    scene: Scene, store: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lambda logs the message of every exception that leaves a function, and X-Ray shows it."""
    monkeypatch.setenv("TABLE_NAME", scene.table_name)
    token = marked(scene).token
    break_it(scene, BUG)

    with pytest.raises(RuntimeError, match=r"^LookupError at .+\.py:\d+$") as error:
        authorizer_handler(store, AuthorizerSettings())(get(headers={"authorization": f"Bearer {token}"}), None)

    assert error.value.__context__ is None
