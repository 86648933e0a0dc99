"""Applications around the store, under every fault: session-lambda's way of use, and the demo."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from demo.app import ROUTES, handler
from demo.second_window import THIEF, cookie_name
from demo.theft import impatient_store
from session_store import SessionStore, SessionStoreError
from session_store.session_lambda import get_session_data, session, set_session_data
from session_store.settings import DEFAULT_COOKIE_NAME
from tests.canary.faults import WITH_EVERY_FAULT
from tests.canary.marks import KEY, MARKED_DATA, VALUE
from tests.canary.requests import forged, stolen
from tests.canary.subjects import marked
from tests.canary.witness import Witness
from tests.support.lambda_events import Payload, get, read
from tests.support.scene import Scene, SignedIn
from tests.support.visitor import SAME_ORIGIN


@WITH_EVERY_FAULT
def test_session_lambdas_way_leaks_no_token_and_no_data(
    scene: Scene, store: SessionStore, witness: Witness, fault: str
) -> None:
    @session(store=store, update=True)
    def count(event: dict[str, Any], context: object) -> dict[str, Any]:
        set_session_data([get_session_data(), {KEY: VALUE}])
        return {"statusCode": 200, "headers": {}}

    good = scene.another_store().create_session(data={"json": json.dumps(MARKED_DATA)}).token
    for token in (good, marked(scene).child_token, forged(good), good[:-1], stolen(good)):
        with witness.under(fault):
            answer = count(get(headers={"session-id": token}), None)
            kept = answer["headers"].pop("session-id", None)
            witness.answered(read(answer, Payload.HTTP_API), token=kept)


def test_a_value_of_session_lambdas_that_is_no_json_is_not_quoted(
    scene: Scene, store: SessionStore, witness: Witness
) -> None:
    @session(store=store)
    def keep(event: dict[str, Any], context: object) -> dict[str, Any]:
        set_session_data(event["value"])
        return {"headers": {}}

    for value in ({(VALUE,)}, {KEY: float("nan"), VALUE: 1}, {(VALUE,): 1}, [VALUE.encode(), 1j]):
        with witness.raises(SessionStoreError):
            keep(get(value=value), None)


def visits(s: SignedIn) -> Iterator[dict[str, Any]]:
    """A visit to every page with each kind of token."""
    form = {
        "user_name": "ana",
        "session_id": s.id,
        "binding": s.id,
        "end_others": "1",
        "confirmed": "1",
        "next": s.token,
    }
    for route in ROUTES:
        method, _, path = route.key.partition(" ")
        for token in (s.token, s.child_token, forged(s.token), stolen(s.token)):
            yield {
                "version": "2.0",
                "routeKey": route.key,
                "rawPath": path.replace("{file}", s.token).replace("{kind}", "thief") or f"/{s.token}",
                "queryStringParameters": {"notice": s.token, "next": s.token, "cursor": s.token},
                "headers": {**SAME_ORIGIN, "content-type": "application/x-www-form-urlencoded", "user-agent": s.token},
                "requestContext": {"http": {"method": method}},
                "body": urlencode(form) if method == "POST" else "",
                "cookies": [f"{DEFAULT_COOKIE_NAME}={token}", f"{cookie_name(THIEF)}={token}"],
            }


@WITH_EVERY_FAULT
def test_no_page_of_the_demo_leaks_a_token_or_data(
    scene: Scene, store: SessionStore, witness: Witness, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SessionStore, "from_environment", lambda *_, **__: store)
    impatient_store.cache_clear()
    for number in range(len(list(visits(marked(scene))))):
        visit = list(visits(marked(scene)))[number]
        with witness.under(fault):
            witness.answered(read(handler(visit, None), Payload.HTTP_API), visit["routeKey"])
