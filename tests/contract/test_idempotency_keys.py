"""Sign-ins that are sent again: with the same idempotency key there is one live session, that of the last answer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from session_store import (
    CreatedSession,
    IdempotencyKeyReusedError,
    StoreUnavailableError,
    ThrottledError,
    Timeouts,
)
from session_store.storage import schema
from tests.contract.refusals import refusal
from tests.support.faults import FOREVER
from tests.support.scene import START, Scene, SignedIn

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"
CUSTOMERS = pytest.mark.parametrize("customer_id", ["ana", None], ids=["customer", "visitor"])
TRANSACTION = "TransactWriteItems"


def live(scene: Scene, *created: CreatedSession) -> list[bool]:
    """Which of them are good."""
    return [refusal(scene.other, each.token, strict=True) is None for each in created]


def notes(scene: Scene) -> list[dict[str, Any]]:
    """The rows of idempotency keys."""
    return [row for row in scene.all_rows() if row["entity_type"] == schema.EntityType.IDEMPOTENCY_KEY]


def sessions(scene: Scene) -> int:
    """How many sessions can still be used."""
    return len([row for row in scene.all_rows() if row.get("session_state") == "active"])


@CUSTOMERS
def test_a_call_that_is_repeated_ends_the_first_session_and_answers_with_its_own(
    scene: Scene, customer_id: str | None
) -> None:
    calls = [
        scene.store.create_session(customer_id, data={"cart": ["tea"]}, client="Firefox", idempotency_key=KEY)
        for _ in range(3)
    ]

    assert live(scene, *calls) == [False, False, True]
    ids = [each.session.session_id for each in calls]
    assert [each.replaced_session_id for each in calls] == [None, *ids[:2]]
    assert calls[2].session.data == {"cart": ["tea"]}
    assert len(notes(scene)) == sessions(scene) == 1


def test_the_first_call_takes_no_trip_more_and_the_next_one_reads_what_refused_it(scene: Scene) -> None:
    scene.other.create_session("ana")
    scene.store.create_session("ana", idempotency_key=KEY)
    assert scene.faults.operations == ["GetItem", TRANSACTION]

    scene.faults.clear()
    scene.store.create_session("ana", idempotency_key=KEY)
    assert scene.faults.operations == ["GetItem", TRANSACTION, "GetItem", TRANSACTION]


def test_what_is_carried_over_comes_along_again(scene: Scene) -> None:
    visitor = scene.store.create_session(data={"cart": ["tea"]})

    first, second = (
        scene.store.create_session(
            "ana", data={"theme": "dark"}, replaces=visitor.token, carry_data=True, idempotency_key=KEY
        )
        for _ in range(2)
    )

    assert live(scene, visitor, first, second) == [False, False, True]
    assert second.session.data == first.session.data == {"cart": ["tea"], "theme": "dark"}


OTHERS: dict[str, dict[str, Any]] = {
    "data": {"data": {"cart": ["coffee"]}},
    "client": {"client": "Safari"},
    "timeouts": {"timeouts": Timeouts(absolute=timedelta(hours=1))},
    "replaces": {"replaces": "v1.token"},
    "carry_data": {"carry_data": True},
    "ends_with_browser": {"ends_with_browser": True},
}


@pytest.mark.parametrize("argument", OTHERS)
def test_a_call_for_something_else_under_the_same_key_is_refused_and_writes_nothing(
    scene: Scene, argument: str
) -> None:
    first = scene.store.create_session("ana", idempotency_key=KEY)
    before = scene.all_rows()

    with pytest.raises(IdempotencyKeyReusedError) as error:
        scene.store.create_session("ana", idempotency_key=KEY, **OTHERS[argument])

    assert (error.value.field, KEY in str(error.value)) == ("idempotency_key", False)
    assert scene.all_rows() == before
    assert live(scene, first) == [True]


@pytest.mark.shows("T61")
def test_keys_of_two_customers_are_two_and_so_are_two_keys_of_one(scene: Scene) -> None:
    created = [
        scene.store.create_session(customer_id, idempotency_key=key)
        for customer_id, key in (("ana", KEY), ("ben", KEY), (None, KEY), ("None", KEY), ("ana", f"{KEY}2"))
    ]

    assert live(scene, *created) == [True] * 5
    assert len(notes(scene)) == 5


def test_a_key_is_good_for_a_day(scene: Scene) -> None:
    days = Timeouts(timedelta(days=3), timedelta(days=3))
    first = scene.store.create_session("ana", timeouts=days, idempotency_key=KEY)
    scene.clock.advance(timedelta(days=1, seconds=1))
    second = scene.store.create_session("ana", data={"other": 1}, idempotency_key=KEY)

    assert live(scene, first, second) == [True, True]
    assert [row["session_id"] for row in notes(scene)] == [second.session.session_id]


def test_the_row_holds_hashes_of_the_key_and_of_the_call_and_goes_by_ttl(scene: Scene) -> None:
    session = scene.store.create_session("ana", data={"iban": "DE89"}, idempotency_key=KEY).session

    (row,) = notes(scene)

    assert KEY not in repr(scene.all_rows())
    assert row.keys() == {"PK", "SK", "entity_type", "session_id", "fingerprint", "ttl"}
    assert (row["SK"], row["session_id"]) == ("c#ana", session.session_id)
    assert row["ttl"] == int((START + timedelta(days=1)).timestamp())
    assert len(row["PK"]) == len("idempotency#") + 64


def test_a_customer_with_many_keys_is_listed_ended_and_erased_as_any_other(scene: Scene) -> None:
    for number in range(30):
        scene.store.create_session("ana", idempotency_key=f"{KEY}{number}")
    bens = scene.store.create_session("ben", idempotency_key=KEY)

    first = scene.store.get_customer_sessions("ana", limit=20)
    rest = scene.store.get_customer_sessions("ana", limit=20, cursor=first.cursor)
    assert (len(first.sessions), len(rest.sessions), rest.cursor) == (20, 10, None)
    assert scene.store.get_last_login_time("ana") == START
    assert scene.store.end_customer_sessions("ana").count == 30
    progress = scene.store.erase_customer("ana", limit=20)
    assert scene.store.erase_customer("ana", limit=20, cursor=progress.cursor).cursor is None

    assert {row["SK"] for row in scene.all_rows()} == {"c#ben", "customer#ben"}
    assert live(scene, bens) == [True]
    assert not scene.events


@pytest.mark.parametrize("number", [1, 60])
def test_rows_of_keys_that_outlast_their_sessions_are_erased_too(scene: Scene, number: int) -> None:
    for each in range(number):
        session = scene.store.create_session("ana", idempotency_key=f"{KEY}{each}").session
        scene.delete_session_row(session.session_id)

    assert scene.store.get_last_login_time("ana") is None
    assert not scene.store.get_customer_sessions("ana", limit=2).sessions
    assert scene.store.erase_customer("ana", limit=2).cursor is None
    assert not scene.all_rows()


# Faults


@pytest.mark.parametrize("times", [1, FOREVER], ids=["once", "until the end"])
@CUSTOMERS
def test_a_retry_after_a_lost_reply_leaves_one_session(scene: Scene, customer_id: str | None, times: float) -> None:
    scene.faults.lose_reply(TRANSACTION, times=times)
    with suppress(StoreUnavailableError):
        scene.store.create_session(customer_id, idempotency_key=KEY)
    scene.faults.clear()

    retry = scene.store.create_session(customer_id, idempotency_key=KEY)

    assert live(scene, retry) == [True]
    assert sessions(scene) == 1


@pytest.mark.parametrize("customers_row", [False, True], ids=["nothing was written", "the customer's row was"])
@pytest.mark.parametrize("fault", ["throttle", "lose_request"])
def test_a_retry_after_a_call_that_got_half_way_or_nowhere_is_the_first(
    scene: Scene, fault: str, *, customers_row: bool
) -> None:
    getattr(scene.faults, fault)(TRANSACTION if customers_row else None, times=FOREVER)
    with pytest.raises(ThrottledError if fault == "throttle" else StoreUnavailableError):
        scene.store.create_session("ana", idempotency_key=KEY)
    assert (scene.customer_row("ana") is not None, sessions(scene), notes(scene)) == (customers_row, 0, [])
    scene.faults.clear()

    retry = scene.store.create_session("ana", idempotency_key=KEY)

    assert (live(scene, retry), retry.replaced_session_id) == ([True], None)


MEANWHILE: dict[str, Callable[[Scene, CreatedSession], object]] = {
    "it was used": lambda scene, first: scene.other.update_data(first.session, {"theme": "dark"}),
    "it has ended": lambda scene, first: scene.other.end_session(first.session),
    "it is closing": lambda scene, first: scene.other.update_data(first.session, {}, closing=True),
    "all have ended": lambda scene, _: scene.other.end_customer_sessions("ana"),
    "all was erased": lambda scene, _: scene.other.erase_customer("ana"),
    "its row has gone": lambda scene, first: scene.delete_session_row(first.session.session_id),
}


@pytest.mark.parametrize("at", [0, 1], ids=["before the call", "while the call is under way"])
@pytest.mark.parametrize("what", MEANWHILE)
def test_the_last_answer_is_good_in_any_state_of_the_first_session(scene: Scene, what: str, at: int) -> None:
    first = scene.other.create_session("ana", idempotency_key=KEY)
    if at:
        scene.faults.before(TRANSACTION, lambda: MEANWHILE[what](scene, first), skip=1)
    else:
        MEANWHILE[what](scene, first)

    second = scene.store.create_session("ana", idempotency_key=KEY)

    assert live(scene, first) == [False]
    # A sign-in that an end of all overtakes has ended, too.
    assert live(scene, second) == [not (at and what.startswith("all "))]


def test_of_two_calls_at_once_the_second_ends_the_session_of_the_first(scene: Scene) -> None:
    first: list[CreatedSession] = []
    scene.faults.before(TRANSACTION, lambda: first.append(scene.other.create_session("ana", idempotency_key=KEY)))

    second = scene.store.create_session("ana", idempotency_key=KEY)

    assert live(scene, *first, second) == [False, True]


def test_a_row_in_another_form_is_of_another_call(scene: Scene, signed_in: SignedIn) -> None:
    scene.store.create_session("ana", idempotency_key=KEY)
    (row,) = notes(scene)
    key = {name: {"S": row[name]} for name in ("PK", "SK")}
    scene.client.put_item(
        TableName=scene.table_name,
        Item=key | {"entity_type": {"S": row["entity_type"]}, "ttl": {"N": str(row["ttl"])}},
    )

    with pytest.raises(IdempotencyKeyReusedError):
        scene.store.create_session("ana", idempotency_key=KEY)

    assert refusal(scene.other, signed_in.token) is None
