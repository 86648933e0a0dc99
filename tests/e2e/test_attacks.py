"""Attacks over HTTP on the deployed user routes and on a route behind the authorizer."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

import pytest

from session_store.tokens import Token
from tests.canary.requests import forged, stolen
from tests.support.protected_api import ProtectedApi
from tests.support.visitor import SAME_ORIGIN, Visitor, cookie_header

BY_EITHER = pytest.mark.parametrize("bearer", [False, True], ids=["cookie", "bearer"])


@pytest.fixture
def victim(protected_api: ProtectedApi) -> Visitor:
    return protected_api.sign_in(f"victim-{uuid.uuid4()}", data={"cart": {"tea": 1}})


def is_signed_in(visitor: Visitor) -> bool:
    return visitor.get("/session").status == 200


def parts(visitor: Visitor) -> list[str]:
    """Version, session id, family and secret of a token."""
    return str(visitor.token).split(".")


# Fixation


@pytest.mark.shows("T4", "C3", "7.2.4")
def test_a_session_planted_before_the_sign_in_is_worth_nothing_after_it(protected_api: ProtectedApi) -> None:
    planted = protected_api.sign_in(None, data={"cart": {"tea": 1}})
    attacker = protected_api.visitor(planted.token)

    created = protected_api.create_session(f"victim-{uuid.uuid4()}", replaces=planted.token, carry_data=True)

    assert attacker.get("/session").outcome == (401, "invalid-token")
    assert created["session"]["session_id"] != parts(planted)[1]
    assert created["session"]["data"] == {"cart": {"tea": 1}}
    assert is_signed_in(protected_api.visitor(created["token"]))


# Forged and tampered tokens

FORGERIES: dict[str, Callable[[Visitor], str]] = {
    "the id alone": lambda victim: parts(victim)[1],
    "the id with invented secrets": lambda victim: Token.new(parts(victim)[1]).encode(),
    "another family": lambda victim: forged(str(victim.token)),
    "truncated": lambda victim: str(victim.token)[:-1],
    "in capitals": lambda victim: str(victim.token).upper(),
    "in quotes": lambda victim: f'"{victim.token}"',
    "percent-encoded": lambda victim: str(victim.token).replace(".", "%2E"),
    "5 KB longer": lambda victim: f"{victim.token}{'x' * 5000}",
}


@pytest.mark.shows("7.2.1")
@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_is_refused_and_does_not_end_the_session(
    protected_api: ProtectedApi, victim: Visitor, forgery: str
) -> None:
    forged = FORGERIES[forgery](victim)

    assert protected_api.visitor(forged, bearer=True).get("/session").outcome == (401, "invalid-token")
    attacker = protected_api.visitor(forged)
    assert attacker.call("PATCH", "/session", {"data": {"cart": {}}}).outcome == (401, "invalid-token")
    assert attacker.call("DELETE", "/session").status == 204

    assert victim.get("/session").json["data"] == {"cart": {"tea": 1}}


def test_a_guess_at_the_secret_by_who_has_the_rest_ends_the_session(
    protected_api: ProtectedApi, victim: Visitor
) -> None:
    """A client that knows the family has seen a token of this session, so the store treats it as theft."""
    assert not is_signed_in(protected_api.visitor(stolen(str(victim.token))))
    assert not is_signed_in(victim)


@BY_EITHER
def test_a_childs_token_opens_nothing_of_its_roots(
    protected_api: ProtectedApi, victim: Visitor, *, bearer: bool
) -> None:
    created = protected_api.deployed.api.request("POST", f"/sessions/{parts(victim)[1]}/children", json_body={})
    token = created.json["token"]
    child = protected_api.visitor(token, bearer=bearer)

    for method, url in (("GET", "/session"), ("POST", "/session/rotate"), ("GET", "/me/sessions")):
        assert child.call(method, url).outcome == (401, "invalid-token")
    assert child.call("DELETE", "/session").status == 204
    assert protected_api.orders(authorization=f"Bearer {token}").status == 403
    assert is_signed_in(victim)


# More than one token


def test_of_a_header_and_a_cookie_only_the_headers_session_is_touched(
    protected_api: ProtectedApi, victim: Visitor
) -> None:
    attacker = protected_api.sign_in(f"attacker-{uuid.uuid4()}", bearer=True)
    both = {"cookie": cookie_header(str(victim.token))}

    assert attacker.call("PATCH", "/session", {"data": {"cart": {"milk": 9}}}, headers=both).status == 200
    assert attacker.call("DELETE", "/session", headers=both).set_cookies == ()

    assert victim.get("/session").json["data"] == {"cart": {"tea": 1}}


def test_two_bearer_tokens_in_one_header_are_none(protected_api: ProtectedApi, victim: Visitor) -> None:
    two = {"authorization": f"Bearer {victim.token}, Bearer {victim.token}"}

    assert protected_api.visitor(None).get("/session", **two).status == 401
    assert protected_api.orders(**two).status == 403


@pytest.mark.shows("T23")
@pytest.mark.parametrize("order", [1, -1], ids=["the attacker's first", "the attacker's last"])
def test_a_second_session_cookie_is_not_believed_whichever_comes_first(
    protected_api: ProtectedApi, victim: Visitor, order: int
) -> None:
    attacker = protected_api.sign_in(f"attacker-{uuid.uuid4()}")
    tokens = [str(attacker.token), str(victim.token)][::order]
    two = {"cookie": cookie_header(*tokens)}

    assert protected_api.visitor(None).get("/session", **two).outcome == (401, "invalid-token")
    assert protected_api.send("GET", "/orders", {**SAME_ORIGIN, **two}, "").status == 403
    assert is_signed_in(victim)


@pytest.mark.parametrize(
    "name", ["session", "__Secure-session", "__host-session", "__Host-session2", "\u2003__Host-session"]
)
def test_a_cookie_of_another_name_is_not_the_sessions(protected_api: ProtectedApi, victim: Visitor, name: str) -> None:
    header = f"{name}={victim.token}".encode().decode("latin-1")

    assert protected_api.visitor(None).get("/session", cookie=header).outcome == (401, "session-required")


def test_a_large_cookie_of_another_application_does_not_hide_the_session(victim: Visitor) -> None:
    assert victim.get("/session", cookie=f"junk={'x' * 5000}; {cookie_header(str(victim.token))}").status == 200


# Replay


@pytest.mark.shows("7.4.1")
@BY_EITHER
def test_a_signed_out_token_opens_nothing_any_more(
    protected_api: ProtectedApi, victim: Visitor, *, bearer: bool
) -> None:
    copied = str(victim.token)
    assert [protected_api.orders(copied).status for _ in range(2)] == [200, 200]
    victim.call("DELETE", "/session")
    thief = protected_api.visitor(copied, bearer=bearer)

    for method, url in (("GET", "/session"), ("POST", "/session/rotate"), ("GET", "/me/sessions")):
        assert thief.call(method, url).outcome == (401, "invalid-token")
    assert protected_api.orders(copied).status == 403


def test_a_token_that_was_rotated_away_ends_the_session_when_it_comes_back(protected_api: ProtectedApi) -> None:
    customer = f"victim-{uuid.uuid4()}"
    victim = protected_api.sign_in(customer)
    thief = protected_api.visitor(victim.token)
    victim.call("POST", "/session/rotate")
    assert is_signed_in(victim)
    assert is_signed_in(thief)  # within the grace window it may be a request that was under way
    protected_api.deployed.set_times(parts(victim)[1], customer, first_used_at=time.time() - 120)

    assert thief.get("/session").outcome == (401, "invalid-token")

    assert victim.get("/session").outcome == (401, "invalid-token")
    assert protected_api.orders(str(victim.token)).status == 403


# Other people's sessions


@pytest.mark.shows("T3")
def test_knowing_an_id_ends_nothing(protected_api: ProtectedApi, victim: Visitor) -> None:
    attacker = protected_api.sign_in(f"attacker-{uuid.uuid4()}")
    session_id = parts(victim)[1]

    assert attacker.call("DELETE", f"/me/sessions/{session_id}").status == 204
    assert attacker.call("DELETE", "/me/sessions").json["expired"] == 0
    assert session_id not in attacker.get("/me/sessions").text
    assert is_signed_in(victim)


@pytest.mark.parametrize("header", ["x-http-method-override", "x-method-override", "x-http-method"])
def test_a_read_cannot_be_turned_into_a_sign_out(victim: Visitor, header: str) -> None:
    assert victim.get("/session", **{header: "DELETE", "sec-fetch-site": "cross-site"}).status == 200
    assert is_signed_in(victim)


def test_the_application_goes_by_nothing_that_the_customer_can_write(
    protected_api: ProtectedApi, victim: Visitor
) -> None:
    assert victim.call("PATCH", "/session", {"data": {"tier": "gold"}}).status == 400
    assert victim.call("PUT", "/session/data", {"tier": "gold"}, headers={"if-match": "1"}).status == 400

    assert protected_api.orders(str(victim.token)).json["tier"] == "standard"
