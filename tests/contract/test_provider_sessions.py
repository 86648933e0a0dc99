"""Sessions of an identity provider: its logout ends what was made in them, and refuses sign-ins that it overtakes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from session_store import (
    ConflictError,
    CreatedSession,
    EndReason,
    InvalidInputError,
    ProviderSession,
    ProviderSessionEndedError,
    StoreConfigurationError,
    ThrottledError,
    Timeouts,
)
from session_store.operations import end_all
from session_store.storage import schema
from session_store.storage.attribute_values import item_bytes
from session_store.storage.deadline import DEADLINE_SECONDS
from session_store.storage.provider_rows import MAX_SESSION_IDS
from tests.contract.refusals import refusal
from tests.support.faults import FOREVER
from tests.support.scene import START, Scene

ISSUER = "https://idp.example"
KINDS = (schema.EntityType.PROVIDER_SESSION, schema.EntityType.PROVIDER_LOGOUT)
MINUTE = timedelta(minutes=1)
TRANSACTION = "TransactWriteItems"


def inside(sid: str | None = "s-1", *, issuer: str = ISSUER, minutes: int = 0) -> ProviderSession:
    """A session of the provider, with an ID token of so many minutes after the start."""
    return ProviderSession(issuer, sid, START + minutes * MINUTE)


def sign_in(
    scene: Scene, sid: str | None = "s-1", *, customer_id: str = "ana", minutes: int = 0, **more: Any
) -> CreatedSession:
    return scene.store.create_session(customer_id, provider_session=inside(sid, minutes=minutes), **more)


def log_out(
    scene: Scene, sid: str | None = None, customer_id: str | None = None, *, jti: str = "one", minutes: int = 1
) -> int:
    """A logout that the provider has sent so many minutes after the start."""
    moment = START + minutes * MINUTE
    return scene.store.end_by_provider_logout(
        ISSUER, jti=jti, issued_at=moment, expires_at=moment + MINUTE, sid=sid, customer_id=customer_id
    )


def live(scene: Scene, *created: CreatedSession) -> list[bool]:
    """Which of them are good."""
    return [refusal(scene.other, each.token, strict=True) is None for each in created]


def rows_of(scene: Scene, *kinds: str) -> list[dict[str, Any]]:
    return [row for row in scene.all_rows() if row["entity_type"] in (kinds or KINDS)]


# A logout of the provider's session


def test_it_ends_every_session_that_was_made_in_it_and_no_other(scene: Scene) -> None:
    first, second = sign_in(scene), sign_in(scene)
    others = [
        sign_in(scene, "s-2"),
        sign_in(scene, None),
        scene.store.create_session("ana"),
        scene.store.create_session("ana", provider_session=inside(issuer="https://other.example")),
    ]

    assert log_out(scene, "s-1") == 2

    assert live(scene, first, second, *others) == [False, False, True, True, True, True]
    assert [scene.session_row(each.session.session_id)["end_reason"] for each in (first, second)] == [  # type: ignore[index]
        EndReason.PROVIDER
    ] * 2


def test_with_a_customer_it_ends_none_of_another_one(scene: Scene) -> None:
    of_ana, of_bob = sign_in(scene), sign_in(scene, customer_id="bob")

    assert log_out(scene, "s-1", "bob") == 1
    assert live(scene, of_ana, of_bob) == [True, False]


def test_without_one_it_ends_those_of_all_customers(scene: Scene) -> None:
    of_ana, of_bob = sign_in(scene), sign_in(scene, customer_id="bob")

    assert log_out(scene, "s-1") == 2
    assert live(scene, of_ana, of_bob) == [False, False]


@pytest.mark.parametrize("customer_id", [None, "ana"])
def test_no_sign_in_with_it_succeeds_afterwards_and_the_session_before_goes_on(
    scene: Scene, customer_id: str | None
) -> None:
    old = scene.store.create_session("ana")
    log_out(scene, "s-1", customer_id)
    before = scene.all_rows()

    for replaces in (None, old.token):
        with pytest.raises(ProviderSessionEndedError):
            sign_in(scene, replaces=replaces, minutes=2)

    assert scene.all_rows() == before
    assert live(scene, old, sign_in(scene, "s-2")) == [True, True]


def test_a_day_later_its_sid_is_as_good_as_any(scene: Scene) -> None:
    log_out(scene, "s-1")
    scene.clock.advance(timedelta(days=1, seconds=1))

    assert live(scene, sign_in(scene)) == [True]


def test_after_a_sign_out_here_its_user_signs_in_with_the_same_sid_again(scene: Scene) -> None:
    first = sign_in(scene)
    scene.store.end_session(first.session)
    again = sign_in(scene)

    assert live(scene, again) == [True]
    assert log_out(scene, "s-1") == 1
    assert live(scene, again) == [False]


def test_a_session_that_the_index_does_not_show_ends_too(scene: Scene) -> None:
    created = sign_in(scene)
    scene.faults.hide_from_index(created.session.session_id)

    assert log_out(scene, "s-1") == 1


def test_a_session_with_so_many_sign_ins_stands_for_all_of_its_customers(scene: Scene) -> None:
    of_bob, elsewhere = sign_in(scene, customer_id="bob"), scene.store.create_session("ana")
    made = [sign_in(scene) for _ in range(25)]
    (row,) = (row for row in rows_of(scene, KINDS[0]) if row["SK"] == "c#ana")
    assert len(row["session_ids"]) == MAX_SESSION_IDS

    assert log_out(scene, "s-1") == 25 + 1 + 1

    assert not any(live(scene, *made, elsewhere, of_bob))


# A logout of a customer


def test_it_ends_all_sessions_of_the_customer(scene: Scene) -> None:
    created = [sign_in(scene), sign_in(scene, None), scene.store.create_session("ana")]
    of_bob = sign_in(scene, customer_id="bob")

    assert log_out(scene, customer_id="ana") == 3

    assert live(scene, *created, of_bob) == [False, False, False, True]
    row = scene.session_row(created[0].session.session_id)
    assert row is not None
    assert row["end_reason"] == EndReason.PROVIDER


@pytest.mark.parametrize("known", [True, False], ids=["known", "new"])
@pytest.mark.parametrize("sid", ["s-1", None])
def test_only_sign_ins_with_a_later_id_token_succeed(scene: Scene, sid: str | None, *, known: bool) -> None:
    if known:
        scene.store.create_session("ana")
    log_out(scene, customer_id="ana", minutes=5)

    for minutes in (4, 5):
        with pytest.raises(ProviderSessionEndedError):
            sign_in(scene, sid, minutes=minutes)

    by_password = scene.store.create_session("ana")
    assert live(scene, sign_in(scene, sid, minutes=6), by_password) == [True, True]


def test_an_earlier_logout_that_comes_later_takes_nothing_back(scene: Scene) -> None:
    log_out(scene, customer_id="ana", minutes=5)
    log_out(scene, customer_id="ana", minutes=3, jti="two")

    with pytest.raises(ProviderSessionEndedError):
        sign_in(scene, minutes=4)


def test_it_goes_on_until_all_are_ended(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(end_all, "_CHUNK", 1)  # one after the other: threads would share the clock
    created = [scene.store.create_session("ana") for _ in range(5)]
    scene.faults.slow_down("UpdateItem", seconds=0.9, times=FOREVER)
    begun = scene.clock.monotonic()

    assert log_out(scene, customer_id="ana") == 5

    assert scene.clock.monotonic() - begun > DEADLINE_SECONDS
    assert not any(live(scene, *created))


# The same token again


@pytest.mark.parametrize("named", [("s-1", None), (None, "ana")], ids=str)
def test_a_token_that_was_served_ends_nothing_more(scene: Scene, named: tuple[str | None, str | None]) -> None:
    sign_in(scene)
    assert log_out(scene, *named) == 1
    later = scene.store.create_session("ana"), sign_in(scene, "s-2", minutes=2)

    assert log_out(scene, *named) == 0
    assert live(scene, *later) == [True, True]
    assert log_out(scene, customer_id="ana", jti="two") == 2


def test_another_providers_token_may_have_the_same_id(scene: Scene) -> None:
    created = sign_in(scene)
    scene.store.end_by_provider_logout("https://x.example", jti="one", issued_at=START, expires_at=START, sid="s-1")

    log_out(scene, "s-1")

    assert live(scene, created) == [False]


@pytest.mark.parametrize(("by_sid", "requests"), [(True, 5), (False, 8)])
def test_a_logout_that_was_throttled_anywhere_can_be_sent_again(scene: Scene, requests: int, *, by_sid: bool) -> None:
    for number in range(requests):
        sid, customer_id = f"s-{number}", f"ana-{number}"
        created = sign_in(scene, sid, customer_id=customer_id)
        named = (sid, None) if by_sid else (None, customer_id)
        scene.faults.throttle(times=FOREVER, skip=number)

        with pytest.raises(ThrottledError):
            log_out(scene, *named, jti=sid)

        scene.faults.clear()
        log_out(scene, *named, jti=sid)
        assert live(scene, created) == [False]
        assert log_out(scene, *named, jti=sid) == 0


def test_two_at_once_do_no_harm(scene: Scene) -> None:
    created = sign_in(scene)
    scene.faults.before(
        "UpdateItem",
        lambda: scene.other.end_by_provider_logout(ISSUER, jti="one", issued_at=START, expires_at=START, sid="s-1"),
    )

    assert log_out(scene, "s-1") == 0
    assert live(scene, created) == [False]


# The rows


def test_a_row_has_neither_what_the_provider_said_nor_more_than_a_kilobyte(scene: Scene) -> None:
    for _ in range(MAX_SESSION_IDS + 1):
        sign_in(scene, "the-sid")
    log_out(scene, "the-sid", jti="the-jti")

    raw = [row for row in scene.raw_rows() if row["entity_type"]["S"] in KINDS]
    assert len(raw) == 3
    assert max(map(item_bytes, raw)) <= 1024
    said = json.dumps(raw, default=str)
    assert not [word for word in ("idp.example", "the-sid", "the-jti") if word in said]


def test_a_sign_in_without_a_sid_writes_no_row_of_them_and_takes_no_trip_more(scene: Scene) -> None:
    scene.other.create_session("ana")
    sign_in(scene, None)

    assert scene.faults.operations == ["GetItem", "PutItem"]
    assert rows_of(scene) == []


def test_the_row_outlasts_each_of_its_sessions(scene: Scene) -> None:
    day = timedelta(days=1)
    long = sign_in(scene, timeouts=Timeouts(30 * day, 30 * day))
    short = sign_in(scene, timeouts=Timeouts(day, day))
    (row,) = rows_of(scene)

    assert row["session_ids"] == {long.session.session_id, short.session.session_id}
    assert row["ttl"] >= long.session.absolute_expires_at.timestamp()


@pytest.mark.parametrize("number", [1, MAX_SESSION_IDS])
def test_an_erasure_finds_it(scene: Scene, number: int) -> None:
    for _ in range(number):
        sign_in(scene)
    sign_in(scene, customer_id="bob")

    scene.store.erase_customer("ana")

    assert {row["SK"] for row in scene.all_rows()} == {"c#bob", "customer#bob"}


def test_an_erased_customers_mark_is_gone_with_their_row(scene: Scene) -> None:
    log_out(scene, customer_id="ana")
    scene.store.erase_customer("ana")

    assert scene.customer_row("ana") is None
    assert live(scene, sign_in(scene)) == [True]


def test_lists_and_the_last_login_take_no_notice_of_it(scene: Scene) -> None:
    created = sign_in(scene)

    assert scene.store.get_last_login_time("ana") == created.session.last_login_time
    assert [each.session_id for each in scene.store.get_customer_sessions("ana", limit=1).sessions] == [
        created.session.session_id
    ]
    assert scene.store.end_customer_sessions("ana").count == 1
    assert scene.events == []


# Sign-ins that meet others


def test_a_logout_right_before_the_transaction_refuses_it(scene: Scene) -> None:
    old = scene.other.create_session("ana")
    other = scene.other.end_by_provider_logout
    scene.faults.before(
        TRANSACTION, lambda: other(ISSUER, jti="one", issued_at=START, expires_at=START, sid="s-1", customer_id="ana")
    )

    with pytest.raises(ProviderSessionEndedError):
        sign_in(scene, replaces=old.token)

    assert live(scene, old) == [True]


def test_a_sign_in_whose_reply_was_lost_is_noted_once(scene: Scene) -> None:
    scene.faults.lose_reply(TRANSACTION)
    created = sign_in(scene)

    (row,) = rows_of(scene)
    assert row["session_ids"] == {created.session.session_id}
    assert live(scene, created) == [True]


def test_others_who_keep_changing_the_row_are_a_conflict(scene: Scene) -> None:
    days = iter(range(40, 60))

    def sign_in_for_longer() -> None:
        day = timedelta(days=next(days))
        scene.other.create_session("ana", provider_session=inside(), timeouts=Timeouts(day, day))

    scene.faults.before(TRANSACTION, sign_in_for_longer, times=FOREVER)

    with pytest.raises(ConflictError):
        sign_in(scene)


def test_it_goes_along_with_a_replaced_session_and_an_idempotency_key(scene: Scene) -> None:
    visitor = scene.store.create_session(data={"cart": ["tea"]})
    first, second = (sign_in(scene, replaces=visitor.token, carry_data=True, idempotency_key="key") for _ in range(2))

    assert live(scene, visitor, first, second) == [False, False, True]
    assert second.session.data == {"cart": ["tea"]}
    assert log_out(scene, "s-1") == 1


# Bad input

NAIVE = datetime(2040, 1, 1)  # noqa: DTZ001 - it is what is refused
LOGOUT: dict[str, Any] = {"jti": "one", "issued_at": START, "expires_at": START, "sid": "s-1"}


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda _: ProviderSession("", "s-1", START), "issuer"),
        (lambda _: ProviderSession(ISSUER, "", START), "sid"),
        (lambda _: ProviderSession(ISSUER, 7, START), "sid"),  # type: ignore[arg-type]
        (lambda _: ProviderSession(ISSUER, "s-1", NAIVE), "issued_at"),
        (lambda scene: scene.store.create_session(provider_session=inside()), "provider_session"),
        (lambda scene: scene.store.create_session("ana", provider_session="s-1"), "provider_session"),
        (lambda scene: scene.store.end_by_provider_logout("", **LOGOUT), "issuer"),
        (lambda scene: scene.store.end_by_provider_logout(ISSUER, **LOGOUT | {"jti": ""}), "jti"),
        (lambda scene: scene.store.end_by_provider_logout(ISSUER, **LOGOUT | {"sid": ""}), "sid"),
        (lambda scene: scene.store.end_by_provider_logout(ISSUER, **LOGOUT | {"sid": None}), "sid"),
        (lambda scene: scene.store.end_by_provider_logout(ISSUER, **LOGOUT | {"customer_id": ""}), "customer_id"),
        (lambda scene: scene.store.end_by_provider_logout(ISSUER, **LOGOUT | {"issued_at": NAIVE}), "issued_at"),
        (lambda scene: scene.store.end_by_provider_logout(ISSUER, **LOGOUT | {"expires_at": 1}), "expires_at"),
    ],
)
def test_a_malformed_argument_is_named(scene: Scene, make: Callable[[Scene], object], field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        make(scene)

    assert caught.value.field == field
    assert scene.faults.calls == []


def test_a_row_that_cannot_be_read_hides_no_session_from_the_logout(scene: Scene) -> None:
    sign_in(scene)
    (row,) = (row for row in scene.raw_rows() if row["entity_type"]["S"] == KINDS[0])
    scene.client.put_item(TableName=scene.table_name, Item={name: row[name] for name in ("PK", "SK", "entity_type")})

    with pytest.raises(StoreConfigurationError, match="provider's session"):
        log_out(scene, "s-1")
