"""`Idempotency-Key` on `POST /sessions`: of a caller, and of no other."""

from __future__ import annotations

from typing import Any

import pytest

from session_store import SessionStore
from tests.support.reply import Reply
from tests.unit.gateway import CALLER, JSON_HEADERS, Gateway

KEY = '"8e03978e-40d5-43dd-bc93-6894a57f9324"'
BODY: dict[str, Any] = {"customer_id": "ana", "data": {"cart": ["tea"]}}
ROLE = "arn:aws:sts::123456789012:assumed-role/back-end"


def create(gateway: Gateway, key: str = KEY, body: dict[str, Any] = BODY, caller: str = CALLER) -> Reply:
    return gateway.call("POST", "/sessions", body, headers=JSON_HEADERS | {"Idempotency-Key": key}, caller=caller)


def live(store: SessionStore) -> int:
    return len(store.get_customer_sessions("ana").sessions)


def test_a_request_that_is_sent_again_is_answered_with_a_new_session_in_place_of_the_first(
    gateway: Gateway, session_store: SessionStore
) -> None:
    first, second = create(gateway), create(gateway)

    assert (first.status, second.status, live(session_store)) == (201, 201, 1)
    assert second.json["token"] != first.json["token"]
    assert second.json["replaced_session_id"] == first.json["session"]["session_id"]
    for answer, active in ((first, False), (second, True)):
        said = gateway.call("POST", "/sessions/introspect", {"token": answer.json["token"]})
        assert said.json["active"] is active


def test_another_body_is_422_and_names_the_header(gateway: Gateway, session_store: SessionStore) -> None:
    create(gateway)

    refused = create(gateway, body={**BODY, "client": "Firefox"})

    assert refused.outcome == (422, "idempotency-key-reused")
    assert [error["field"] for error in refused.json["errors"]] == ["Idempotency-Key"]
    assert KEY not in refused.text
    assert live(session_store) == 1


@pytest.mark.shows("T61", "A19")
@pytest.mark.parametrize(
    ("one", "other", "sessions"),
    [
        (f"{ROLE}/i-1", f"{ROLE}/i-2", 1),
        (f"{ROLE}/i-1", f"{ROLE}-2/i-1", 2),
        ("arn:aws:iam::123456789012:user/ops/a", "arn:aws:iam::123456789012:user/ops/b", 2),
        ("arn:aws:iam::123456789012:root", "arn:aws:iam::210987654321:root", 2),
    ],
    ids=["sessions of a role", "roles", "users", "accounts"],
)
def test_a_key_is_of_one_user_or_role(
    gateway: Gateway, session_store: SessionStore, one: str, other: str, sessions: int
) -> None:
    assert [create(gateway, caller=caller).status for caller in (one, other)] == [201, 201]

    assert live(session_store) == sessions


@pytest.mark.parametrize("key", ["", "x" * 256, "clé", "a\tb"])
def test_a_malformed_key_is_400(gateway: Gateway, session_store: SessionStore, key: str) -> None:
    refused = create(gateway, key)

    assert (refused.status, refused.json["errors"][0]["field"]) == (400, "Idempotency-Key")
    assert live(session_store) == 0


def test_a_visitors_session_can_have_a_key_and_other_routes_ignore_it(gateway: Gateway) -> None:
    first, second = (create(gateway, body={"anonymous": True}) for _ in range(2))
    assert second.json["replaced_session_id"] == first.json["session"]["session_id"]

    headers = JSON_HEADERS | {"Idempotency-Key": "x" * 999}
    assert gateway.call("POST", "/sessions/introspect", {"token": "x"}, headers=headers).status == 200
