"""A customer's id is the one that the identity provider gave, on every surface.

`tests/contract` has the library's part, `tests/unit/http` that of the HTTP API.
"""

from __future__ import annotations

import html
from typing import Any
from urllib.parse import urlencode

import pytest

from demo.app import handler as demo
from session_store import SessionStore
from session_store.adapters.aws_lambda.authorizer import Authorizer
from session_store.kernel.authorizer_settings import AuthorizerSettings
from session_store.kernel.web_settings import UserRouteSettings
from session_store.session_lambda import get_session_data
from session_store.session_lambda import session as lambda_session
from session_store.web import current_session, session
from tests.support.customer_ids import ODD_IDS
from tests.support.lambda_events import Payload, behind, event, get
from tests.support.visitor import visitor_with
from tests.unit.gateway import UserGateway

pytestmark = pytest.mark.parametrize("customer_id", ODD_IDS, ids=ascii)


def test_a_web_handler_signs_the_customer_in_and_out(session_store: SessionStore, customer_id: str) -> None:
    @session(store=session_store)
    def handler(_event: Any, _context: object) -> Any:
        handle = current_session()
        if handle.is_signed_in:
            handle.sign_out()
        else:
            handle.sign_in(customer_id)
        return {"statusCode": 200, "body": ""}

    visitor = visitor_with(behind(handler), None)
    assert visitor.post().status == 200
    assert session_store.validate(visitor.token or "").customer_id == customer_id
    assert visitor.post().status == 200
    assert not session_store.get_customer_sessions(customer_id).sessions


def test_session_lambdas_way_of_use_takes_the_customers_token(session_store: SessionStore, customer_id: str) -> None:
    token = session_store.create_session(customer_id, data={"json": "7"}).token

    @lambda_session(store=session_store)
    def handler(_event: Any, _context: object) -> Any:
        return {"headers": {}, "seen": get_session_data()}

    answer = handler(get(headers={"session-id": token}), None)

    assert (answer["seen"], answer["headers"]["session-id"]) == (7, token)


def test_the_user_routes_list_and_end_the_customers_sessions(session_store: SessionStore, customer_id: str) -> None:
    token, other = (session_store.create_session(customer_id) for _ in range(2))
    visitor = visitor_with(UserGateway(session_store, UserRouteSettings()).send, token.token)

    assert len(visitor.get("/me/sessions").json["sessions"]) == 2
    assert visitor.call("DELETE", f"/me/sessions/{other.session.session_id}").status == 204
    assert visitor.call("DELETE", "/session").status == 204
    assert not session_store.get_customer_sessions(customer_id).sessions


@pytest.mark.parametrize("payload", [Payload.HTTP_API, Payload.REST_API])
def test_the_authorizer_passes_the_id_on(session_store: SessionStore, customer_id: str, payload: Payload) -> None:
    token = session_store.create_session(customer_id).token
    arn = "arn:aws:execute-api:us-east-1:123456789012:api/$default/GET/"
    asked = event("GET", {"authorization": f"Bearer {token}"}, [], payload)
    asked |= {"type": "REQUEST", "methodArn" if payload is Payload.REST_API else "routeArn": arn}

    answer = Authorizer(session_store, AuthorizerSettings()).answer(asked)

    assert answer["context"]["customer_id"] == customer_id


def test_the_demo_signs_the_customer_in_and_deletes_the_account(
    session_store: SessionStore, customer_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("session_store.store.SessionStore.from_environment", lambda *_, **__: session_store)
    visitor = visitor_with(behind(demo), None)
    form = {"content-type": "application/x-www-form-urlencoded"}

    signed_in = visitor.call("POST", "/sign-in", text=urlencode({"user_name": customer_id}), headers=form)

    assert signed_in.status == 303
    assert f"<strong>{html.escape(customer_id)}</strong>" in visitor.get("/").text
    (session,) = session_store.get_customer_sessions(customer_id).sessions
    confirmed = urlencode({"binding": session.session_id, "confirmed": "on"})
    assert visitor.call("POST", "/account/delete", text=confirmed, headers=form).status == 303
    assert not session_store.get_customer_sessions(customer_id).sessions
