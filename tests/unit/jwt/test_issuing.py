"""`Issuer`: what a token says, how long it is used again, and what happens without a signature."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, NoCredentialsError, ReadTimeoutError

from session_store import (
    DataTooLargeError,
    InvalidInputError,
    InvalidTokenError,
    Session,
    SessionNotFoundError,
    StoreConfigurationError,
    StoreUnavailableError,
    ThrottledError,
    Timeouts,
)
from session_store.jwt import InvalidJwtError, verify, verifying
from session_store.jwt.key_set import KeySet
from session_store.jwt.settings import RESERVED_CLAIMS, IssuerSettings
from session_store.kernel.problems import AnonymousSessionError
from session_store.storage import deadline
from tests.unit.jwt.world import ISSUER, KEY, World

MINUTE = timedelta(minutes=1)


def signed_in(world: World, customer_id: str | None = "ana", **given: Any) -> Session:
    return world.store.create_session(customer_id, **given).session


def test_a_token_says_what_was_true_of_the_session(world: World) -> None:
    session = signed_in(world, data={"tier": "gold", "cart": ["tea"], "secret": "s"})
    world.clock.advance(MINUTE)

    claims = world.issue(session)

    now = int(world.clock.now())
    token_id = claims.pop("jti")
    assert claims == {
        "iss": ISSUER,
        "aud": "orders",
        "sub": "ana",
        "sid": session.session_id,
        "iat": now,
        "nbf": now,
        "exp": now + 300,
        "auth_time": now - 60,
        "scope": "orders:read orders:write",
        "tier": "gold",
        "cart": ["tea"],
    }
    assert len(token_id) == 22


@pytest.mark.parametrize(("said", "age"), [({"auth_time": -3600}, 3660), ({}, None), ({"counts": True}, 60)], ids=str)
def test_a_sign_in_with_a_provider_is_as_old_as_the_provider_says(
    world: World, said: dict[str, Any], age: int | None
) -> None:
    now = int(world.clock.now())
    said |= {"at": now, **({"auth_time": now + said["auth_time"]} if "auth_time" in said else {})}
    session = signed_in(world, data={"$authentication": said})
    world.clock.advance(MINUTE)

    auth_time = world.issue(session).get("auth_time")

    assert (None if auth_time is None else int(world.clock.now()) - auth_time) == age


def test_its_header_says_what_it_is_and_which_key_signed_it(world: World) -> None:
    issued = world.issuer.issue(lambda: signed_in(world), audience="orders")

    assert jwt.get_unverified_header(issued.token) == {
        "alg": "RS256",
        "typ": "at+jwt",
        "kid": KEY.rpartition("/")[2],
    }
    assert issued.token not in repr(issued)


def test_our_own_verifier_accepts_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = KeySet(ISSUER, fetch=lambda _: world.documents().keys())
    monkeypatch.setattr(verifying, "key_set", lambda _: keys)
    session = signed_in(world, data={"tier": "gold"})
    token = world.issuer.issue(lambda: session, audience="billing").token

    found = verify(token, issuer=ISSUER, audience="billing", scopes=["orders:read"])

    assert (found.session_id, found.customer_id, found.claims["tier"]) == (session.session_id, "ana", "gold")
    assert found.auth_time == session.last_login_time
    with pytest.raises(InvalidJwtError, match="audience"):
        verify(token, issuer=ISSUER, audience="orders")


@pytest.mark.shows("T112")
@pytest.mark.parametrize(("left", "expected"), [(600, 300), (300, 300), (299, 299), (1, 1)])
def test_it_never_outlasts_the_session(world: World, left: int, expected: int) -> None:
    session = signed_in(world, timeouts=Timeouts(idle=timedelta(seconds=left), absolute=timedelta(hours=1)))

    assert world.issue(session)["exp"] == int(world.clock.now()) + expected
    assert world.issuer.issue(lambda: session, audience="orders").expires_in == expected


def test_a_data_key_that_is_missing_is_left_out_and_one_that_is_null_is_null(world: World) -> None:
    claims = world.issue(signed_in(world, data={"cart": None}))

    assert "tier" not in claims
    assert claims["cart"] is None


def test_text_of_any_language_and_nested_data_arrive_as_they_are(world: World) -> None:
    data = {"tier": "金 <gold> \u2028 é", "cart": {"a": [{"b": {"c": 1.5}}, True]}}

    claims = world.issue(signed_in(world, "josé@例え.jp", data=data))

    assert {"tier": claims["tier"], "cart": claims["cart"]} == data
    assert claims["sub"] == "josé@例え.jp"


def test_data_that_is_too_large_for_a_header_is_an_error_and_nothing_is_signed(world: World) -> None:
    session = signed_in(world, data={"tier": "x" * 10_000})

    with pytest.raises(DataTooLargeError, match="access token"):
        world.issue(session)
    assert world.kms.calls == []


# Audiences and scopes


@pytest.mark.shows("9.2.4")
@pytest.mark.parametrize("audience", ["evil", "", "ORDERS", "orders billing", None])
def test_a_token_is_for_one_of_the_audiences_that_are_configured(world: World, audience: str | None) -> None:
    with pytest.raises(InvalidInputError, match="audience: must be one of orders, billing"):
        world.issue(signed_in(world), audience=audience)
    assert world.issue(signed_in(world), audience="billing")["aud"] == "billing"


@pytest.mark.shows("9.2.4")
def test_a_single_audience_need_not_be_named(world: World) -> None:
    world = world.changed(audiences=("orders",))

    assert world.issue(signed_in(world), audience=None)["aud"] == "orders"


def test_a_request_may_ask_for_fewer_scopes_and_not_for_others(world: World) -> None:
    session = signed_in(world)

    assert world.issue(session, scopes=["orders:read"])["scope"] == "orders:read"
    assert "scope" not in world.issue(session, scopes=[])
    for asked in (["admin"], ["orders:read", "admin"]):
        with pytest.raises(InvalidInputError, match="scope: must be some"):
            world.issue(session, scopes=asked)


def test_without_scopes_there_is_no_such_claim(world: World) -> None:
    assert "scope" not in world.changed(scopes=()).issue(signed_in(world))


def test_a_function_may_choose_the_scopes_of_each_session(world: World) -> None:
    world.issuer = world.new_issuer(scopes=lambda session: ["admin"] if session.customer_id == "ana" else [])

    assert world.issue(signed_in(world))["scope"] == "admin"
    assert "scope" not in world.issue(signed_in(world, "ben"))
    with pytest.raises(InvalidInputError, match="scope"):
        world.issue(signed_in(world, "ben"), scopes=["admin"])


def test_a_function_that_gives_no_scopes_is_found_out(world: World) -> None:
    world.issuer = world.new_issuer(scopes=lambda _: ["two words"])

    with pytest.raises(InvalidInputError, match="scopes"):
        world.issue(signed_in(world))


# The session decides


def test_a_visitors_session_gives_no_token(world: World) -> None:
    with pytest.raises(AnonymousSessionError):
        world.issue(signed_in(world, None))
    assert world.kms.calls == []


def test_a_session_that_is_closing_gives_no_token(world: World) -> None:
    session = world.store.update_data(signed_in(world), {}, closing=True)

    with pytest.raises(SessionNotFoundError):
        world.issue(session)


def test_the_session_is_validated_before_each_use_of_a_signature(world: World) -> None:
    created = world.store.create_session("ana")

    def validate() -> Session:
        return world.store.validate(created.token, strict=True)

    world.issuer.issue(validate, audience="orders")
    world.store.end_session(created.session)

    with pytest.raises(InvalidTokenError):
        world.issuer.issue(validate, audience="orders")


@pytest.mark.shows("T112")
def test_a_session_that_ends_between_check_and_signature_leaves_a_token_for_no_longer_than_the_ttl(
    world: World,
) -> None:
    session = signed_in(world)
    began = int(world.clock.now())

    def validate_slowly() -> Session:
        world.clock.advance(3)
        world.store.end_session(session)
        return session

    issued = world.issuer.issue(validate_slowly, audience="orders")

    assert int(issued.expires_at.timestamp()) == began + 300


# One signature


def test_a_signature_is_used_until_a_minute_before_it_runs_out(world: World) -> None:
    session = signed_in(world)
    tokens = []
    for _ in range(9):
        tokens.append(world.issue(session)["jti"])
        world.clock.advance(30)

    assert len(set(tokens)) == 1
    assert world.kms.calls.count("Sign") == 1
    assert world.issue(session)["jti"] not in tokens


@pytest.mark.parametrize("what", ["data", "session", "audience", "scopes", "process"])
def test_a_token_that_would_say_something_else_is_signed_anew(world: World, what: str) -> None:
    session = signed_in(world)
    world.issue(session)
    asked: dict[str, Any] = {}
    if what == "data":
        session = world.store.update_data(session, {"theme": "dark"})
    elif what == "session":
        session = signed_in(world)
    elif what == "process":
        world.issuer = world.new_issuer()
    else:
        asked = {"audience": "billing"} if what == "audience" else {"scopes": ["orders:read"]}

    world.issue(session, **asked)

    assert world.kms.calls.count("Sign") == 2


def test_the_order_of_scopes_makes_no_other_token(world: World) -> None:
    session = signed_in(world)

    for scopes in (None, ["orders:read", "orders:write"], ["orders:write", "orders:read"], ["orders:read"] * 2):
        world.issue(session, scopes=scopes)
    assert world.kms.calls.count("Sign") == 2


def test_only_so_many_signatures_are_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("session_store.jwt.issuer._KEPT", 2)
    first, second, third = (signed_in(world) for _ in range(3))

    for session in (first, second, first, third, first, second):
        world.issue(session)
    assert world.kms.calls.count("Sign") == 4


# Without a signature there is no token


def refused(code: str, status: int = 400) -> Callable[[], object]:
    def fault() -> object:
        raise ClientError(
            {"Error": {"Code": code, "Message": "of KMS"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
            "Sign",
        )

    return fault


def lost(error: Exception) -> Callable[[], object]:
    def fault() -> object:
        raise error

    return fault


FAULTS: list[tuple[Callable[[], object], type[Exception]]] = [
    (refused("ThrottlingException"), ThrottledError),
    (refused("KMSInternalException", 500), StoreUnavailableError),
    (refused("DependencyTimeoutException", 503), StoreUnavailableError),
    (refused("KeyUnavailableException"), StoreUnavailableError),
    (refused("AccessDeniedException"), StoreConfigurationError),
    (refused("DisabledException"), StoreConfigurationError),
    (refused("NotFoundException"), StoreConfigurationError),
    (refused("KMSInvalidStateException"), StoreConfigurationError),
    (lost(ReadTimeoutError(endpoint_url="https://kms")), StoreUnavailableError),
    (lost(ConnectTimeoutError(endpoint_url="https://kms")), StoreUnavailableError),
    (lost(NoCredentialsError()), StoreConfigurationError),
    (lambda: {"KeyId": "another"}, StoreUnavailableError),
    (lambda: {"Signature": b""}, StoreUnavailableError),
    (lambda: {"Signature": "x" * 256}, StoreUnavailableError),
]


@pytest.mark.parametrize(("fault", "error"), FAULTS)
def test_without_a_signature_there_is_a_typed_error_in_time(
    world: World, fault: Callable[[], object], error: type[Exception]
) -> None:
    world.kms.fault = fault
    began = world.clock.monotonic()

    with pytest.raises(error) as caught:
        world.issue(signed_in(world))

    assert type(caught.value) is error
    assert world.clock.monotonic() - began <= deadline.DEADLINE_SECONDS
    assert "of KMS" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_fault_that_passes_is_not_noticed(world: World) -> None:
    faults: list[Callable[[], object]] = [refused("ThrottlingException"), lost(ReadTimeoutError(endpoint_url="kms"))]
    world.kms.fault = lambda: faults.pop()() if faults else None

    assert world.issuer.issue(lambda: signed_in(world), audience="orders").expires_in == 300
    assert world.kms.calls == ["Sign"] * 3


# Settings


@pytest.mark.parametrize("name", sorted(RESERVED_CLAIMS))
def test_no_data_goes_under_the_name_of_a_claim(world: World, name: str) -> None:
    with pytest.raises(InvalidInputError, match="data_keys"):
        world.changed(data_keys=("tier", name))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("issuer", None),
        ("issuer", "http://api.example.com"),
        ("issuer", "https://api.example.com/?a=b"),
        ("audiences", ()),
        ("audiences", ("",)),
        ("audiences", "orders"),
        ("scopes", ("two words",)),
        ("scopes", ('"',)),
        ("ttl", timedelta(seconds=4)),
        ("ttl", timedelta(hours=2)),
        ("key", None),
        ("key", "alias/jwt"),
        ("algorithm", "HS256"),
        ("by_cookie", 1),
    ],
)
def test_a_setting_that_is_wrong_is_refused_by_its_name(world: World, name: str, value: Any) -> None:
    with pytest.raises(InvalidInputError) as caught:
        world.changed(**{name: value})
    assert caught.value.field == name


def test_settings_travel_in_the_environment(world: World) -> None:
    settings = world.changed(ttl=MINUTE, by_cookie=True).settings

    assert IssuerSettings.from_environment(settings.environment()) == settings
    assert json.loads(settings.environment()["SESSION_JWT_AUDIENCES"]) == ["orders", "billing"]
