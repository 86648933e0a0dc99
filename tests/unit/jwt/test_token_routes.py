"""The routes of an issuer: tokens for back ends and for users, and the documents for verifiers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from session_store import Timeouts
from session_store.settings import DEFAULT_COOKIE_NAME
from tests.contract.test_customer_row import write
from tests.support.scene import Scene
from tests.unit.jwt.test_issuing import FAULTS, refused
from tests.unit.jwt.world import ISSUER, KEY, World

UNKNOWN = "018813f5-0000-7000-8000-000000000000"
ORDERS = {"audience": "orders"}


def cookie(token: str, **headers: str) -> dict[str, Any]:
    """An event with the token in the cookie, as from the site's own page unless told otherwise."""
    return {"cookies": [f"{DEFAULT_COOKIE_NAME}={token}"], "headers": headers or {"sec-fetch-site": "same-origin"}}


def test_a_back_end_gets_a_token_for_a_session(world: World) -> None:
    session = world.store.create_session("ana", data={"tier": "gold"}).session

    reply = world.back_end(session.session_id, **ORDERS)

    assert reply.status == 200
    answer = reply.json
    token = answer.pop("access_token")
    assert answer == {
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "orders:read orders:write",
    }
    assert reply.headers["cache-control"] == "no-store"
    assert world.read(token)["sid"] == session.session_id


@pytest.mark.shows("10.1.1")
def test_a_user_gets_a_token_for_the_sessions_own(world: World) -> None:
    created = world.store.create_session("ana")

    reply = world.user(created.token, fields={"audience": "billing", "scope": "orders:read"})

    claims = world.read(reply.json["access_token"])
    assert (claims["sid"], claims["aud"], claims["scope"]) == (created.session.session_id, "billing", "orders:read")
    assert created.token not in reply.text


def test_asking_for_a_token_keeps_a_users_session_alive_and_not_a_back_ends(world: World) -> None:
    users, back_ends = world.store.create_session("ana"), world.store.create_session("ben")
    world.clock.advance(timedelta(minutes=20))

    assert world.user(users.token, fields=ORDERS).status == 200
    assert world.back_end(back_ends.session.session_id, **ORDERS).status == 200
    world.clock.advance(timedelta(minutes=20))

    assert world.user(users.token, fields=ORDERS).status == 200
    assert world.back_end(back_ends.session.session_id, **ORDERS).outcome == (404, "session-not-found")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "audience"),
        ({"audience": "evil"}, "audience"),
        ({"audience": ["orders"]}, "audience"),
        ({**ORDERS, "scope": "admin"}, "scope"),
        ({**ORDERS, "scope": "orders:read  orders:write"}, "scope"),
        ({**ORDERS, "scope": ["orders:read"]}, "scope"),
        ({**ORDERS, "scope": 'orders:read"'}, "scope"),
        ({**ORDERS, "ttl": 1}, "ttl"),
    ],
)
def test_a_field_that_is_wrong_is_named_before_anything_is_asked_of_aws(
    world: World, fields: dict[str, Any], field: str
) -> None:
    created = world.store.create_session("ana")

    for reply in (world.back_end(UNKNOWN, **fields), world.user(created.token, fields=fields)):
        assert reply.outcome == (400, "invalid-input")
        assert reply.json["errors"][0]["field"] == field
    assert world.kms.calls == []


def test_an_empty_scope_asks_for_none(world: World) -> None:
    created = world.store.create_session("ana")

    assert "scope" not in world.user(created.token, fields={**ORDERS, "scope": ""}).json


@pytest.mark.shows("10.4.9")
def test_a_session_that_is_not_live_gives_no_token(world: World) -> None:
    created = world.store.create_session("ana")
    world.user(created.token, fields=ORDERS)
    closing = world.store.create_session("ana").session
    world.store.update_data(closing, {}, closing=True)
    world.store.end_session(created.session)

    assert world.back_end(UNKNOWN, **ORDERS).outcome == (404, "session-not-found")
    assert world.back_end(created.session.session_id, **ORDERS).outcome == (404, "session-not-found")
    assert world.back_end(closing.session_id, **ORDERS).outcome == (404, "session-not-found")
    assert world.user(created.token, fields=ORDERS).outcome == (401, "invalid-token")
    assert world.user(fields=ORDERS).outcome == (401, "session-required")


def test_visitors_and_applications_of_a_single_sign_on_get_none(world: World) -> None:
    visitor = world.store.create_session()
    child = world.store.create_child_session(world.store.create_session("ana").session)

    assert world.user(visitor.token, fields=ORDERS).outcome == (403, "anonymous-session")
    assert world.back_end(visitor.session.session_id, **ORDERS).outcome == (403, "anonymous-session")
    assert world.user(child.token, fields=ORDERS).outcome == (401, "invalid-token")


@pytest.mark.shows("10.4.5")
def test_a_sessions_token_that_was_replaced_and_comes_back_ends_the_session(world: World) -> None:
    created = world.store.create_session("ana")
    new = world.store.rotate(created.token).token or ""
    for _ in range(2):  # its first use, and one that takes over
        assert world.user(new, fields=ORDERS).status == 200
        world.clock.advance(2 * world.store.settings.rotation_grace + timedelta(seconds=1))

    assert world.user(created.token, fields=ORDERS).outcome == (401, "invalid-token")
    assert world.user(new, fields=ORDERS).outcome == (401, "invalid-token")
    assert world.back_end(created.session.session_id, **ORDERS).outcome == (404, "session-not-found")


@pytest.mark.shows("10.4.8")
def test_asking_for_tokens_carries_no_session_over_its_absolute_end(world: World) -> None:
    timeouts = Timeouts(idle=timedelta(minutes=30), absolute=timedelta(hours=1))
    created = world.store.create_session("ana", timeouts=timeouts)
    for _ in range(3):
        assert world.user(created.token, fields=ORDERS).status == 200
        world.clock.advance(timedelta(minutes=20))

    assert world.user(created.token, fields=ORDERS).outcome == (401, "invalid-token")


@pytest.mark.shows("T113")
def test_an_access_token_is_no_sessions_token(world: World) -> None:
    token = world.user(world.store.create_session("ana").token, fields=ORDERS).json["access_token"]

    assert world.user(token, fields=ORDERS).outcome == (401, "invalid-token")


@pytest.mark.shows("T115", "10.1.1")
def test_the_cookie_counts_only_where_that_is_allowed(world: World) -> None:
    token = world.store.create_session("ana").token

    assert world.user(fields=ORDERS, **cookie(token)).outcome == (401, "session-required")
    allowed = world.changed(by_cookie=True)
    assert allowed.user(fields=ORDERS, **cookie(token)).status == 200


@pytest.mark.shows("T115")
def test_a_page_of_another_site_gets_no_token_by_the_cookie(world: World) -> None:
    world, token = world.changed(by_cookie=True), world.store.create_session("ana").token
    evil = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    known = {"origin": "https://app.example.com", "sec-fetch-site": "same-site"}

    assert world.user(fields=ORDERS, **cookie(token, **evil)).outcome == (403, "cross-site-request")
    assert world.user(fields=ORDERS, **cookie(token, **known)).outcome == (403, "cross-site-request")
    origins = ("https://app.example.com",)
    assert world.user(fields=ORDERS, origins=origins, **cookie(token, **known)).status == 200


def test_a_page_that_was_made_in_another_session_gets_no_token(world: World) -> None:
    created = world.store.create_session("ana")

    bound = {"session-binding": created.session.session_id}
    assert world.user(created.token, fields=ORDERS, headers=bound).status == 200
    assert world.user(created.token, fields=ORDERS, headers={"session-binding": UNKNOWN}).status == 409


def test_data_that_is_too_large_is_a_problem_of_its_own(world: World) -> None:
    session = world.store.create_session("ana", data={"tier": "x" * 10_000}).session

    reply = world.back_end(session.session_id, **ORDERS)

    assert reply.outcome == (413, "data-too-large")
    assert "xxx" not in reply.text


@pytest.mark.shows("A34")
@pytest.mark.parametrize(("fault", "error"), FAULTS)
def test_a_fault_of_kms_is_a_503_without_a_token(world: World, fault: Any, error: type[Exception]) -> None:
    session = world.store.create_session("ana").session
    world.kms.fault = fault

    reply = world.back_end(session.session_id, **ORDERS)

    assert reply.status == 503
    assert "access_token" not in reply.text
    assert error.__name__ in "".join(world.lines)


# Documents


def test_the_documents_lead_a_verifier_to_the_keys(world: World) -> None:
    discovery, keys = world.published("getIssuer"), world.published("getIssuerKeys")

    assert discovery.json["issuer"] == ISSUER
    assert discovery.json["jwks_uri"] == f"{ISSUER}/.well-known/jwks.json"
    assert discovery.json["id_token_signing_alg_values_supported"] == ["RS256"]
    (key,) = keys.json["keys"]
    assert (key["kid"], key["use"], key["alg"], key["kty"]) == (KEY.rpartition("/")[2], "sig", "RS256", "RSA")
    assert set(key) == {"kid", "use", "alg", "kty", "n", "e"}
    for reply in (discovery, keys):
        assert reply.headers["cache-control"] == "public, max-age=300"


def test_a_fault_publishes_no_part_of_the_keys_and_no_cache_keeps_it(world: World) -> None:
    world.kms.fault = refused("ThrottlingException")

    reply = world.published("getIssuerKeys")

    assert reply.outcome == (503, "throttled")
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("usage", ["ENCRYPT_DECRYPT", "GENERATE_VERIFY_MAC"])
def test_a_key_for_something_else_is_not_published(world: World, usage: str) -> None:
    world.kms.usage = usage

    assert world.published("getIssuerKeys").outcome == (503, "misconfigured")


def test_each_public_key_is_read_once_per_process(world: World) -> None:
    documents = world.documents()

    assert [len(documents.keys()["keys"]) for _ in range(3)] == [1, 1, 1]
    assert world.kms.calls == ["GetPublicKey"]


def test_the_users_route_may_begin_with_a_prefix(world: World) -> None:
    assert world.user(world.store.create_session("ana").token, fields=ORDERS, prefix="/api").status == 200


def test_a_session_that_an_end_of_all_has_not_found_gives_no_token(scene: Scene) -> None:
    world, created = World(scene.store, scene.clock), scene.store.create_session("ana")
    assert world.back_end(created.session.session_id, **ORDERS).status == 200
    write(scene, "generation", {"N": str((scene.customer_row("ana") or {})["generation"] + 1)})

    assert world.back_end(created.session.session_id, **ORDERS).outcome == (404, "session-not-found")
    assert world.user(created.token, fields=ORDERS).outcome == (401, "invalid-token")
