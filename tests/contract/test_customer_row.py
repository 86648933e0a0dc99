"""The customer's row: without it no session is valid, and under another one than its own none is, for good."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from session_store import (
    DataTooLargeError,
    InvalidInputError,
    InvalidTokenError,
    Refusal,
    SessionNotFoundError,
    SessionStore,
    StoreConfigurationError,
    Timeouts,
)
from session_store.storage import schema
from session_store.testing import MovableClock
from tests.contract.refusals import refusal
from tests.support.methods import METHODS
from tests.support.scene import START, Scene, SignedIn, sign_in

DAY = timedelta(days=1)
FIVE_MINUTES = timedelta(minutes=5)
ENDS: dict[str, Callable[[SessionStore], object]] = {
    "end_customer_sessions": lambda store: store.end_customer_sessions("ana"),
    "erase_customer": lambda store: store.erase_customer("ana"),
}


def write(scene: Scene, field: str, value: dict[str, str] | None) -> None:
    """Change, or remove, one attribute of the customer's row, as a person with access to the table may."""
    key = {
        schema.PARTITION_KEY: {"S": schema.customer_item_partition_key("ana")},
        schema.SORT_KEY: {"S": schema.customer_item_sort_key("ana")},
    }
    scene.client.update_item(
        TableName=scene.table_name,
        Key=key,
        UpdateExpression="SET #field = :value" if value else "REMOVE #field",
        ExpressionAttributeNames={"#field": field},
        **({"ExpressionAttributeValues": {":value": value}} if value else {}),
    )


@pytest.mark.parametrize("operation", ["UpdateItem", "PutItem"])
def test_two_first_sign_ins_at_once_are_both_valid(scene: Scene, operation: str) -> None:
    first: list[str] = []
    scene.faults.before(operation, lambda: first.append(scene.other.create_session("ana").token))

    second = scene.store.create_session("ana").token

    assert {refusal(scene.other, token, strict=True) for token in (*first, second)} == {None}
    assert len([row for row in scene.all_rows() if row["entity_type"] == "customer"]) == 1


@pytest.mark.parametrize("operation", ["UpdateItem", "PutItem"])
def test_a_first_sign_in_whose_reply_was_lost_is_valid(scene: Scene, operation: str) -> None:
    scene.faults.lose_reply(operation)

    assert refusal(scene.other, scene.store.create_session("ana").token, strict=True) is None


@pytest.mark.shows("T35")
@pytest.mark.parametrize("idle", [timedelta(minutes=30), 30 * DAY, 400 * DAY], ids=str)
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("again", [False, True], ids=["nothing after it", "signed in again"])
def test_a_sign_in_that_an_end_overtook_is_refused_within_five_minutes_of_use(
    scene: Scene, end: str, idle: timedelta, *, again: bool
) -> None:
    scene.other.create_session("ana")
    scene.faults.before("PutItem", lambda: ENDS[end](scene.other))
    in_flight = scene.store.create_session("ana", timeouts=Timeouts(idle=idle, absolute=max(idle, DAY))).token
    if again:
        assert refusal(scene.other, scene.other.create_session("ana").token, strict=True) is None

    minutes = 0
    while refusal(scene.other, in_flight) is None:
        scene.clock.advance(60)
        minutes += 1

    assert minutes <= 5
    scene.clock.advance(2 * DAY)
    assert refusal(scene.other, in_flight) is Refusal.ENDED


@pytest.mark.parametrize("end", ENDS)
def test_a_sign_in_after_an_end_is_valid(scene: Scene, signed_in: SignedIn, end: str) -> None:
    ENDS[end](scene.store)

    assert refusal(scene.other, scene.store.create_session("ana").token, strict=True) is None


def test_the_row_outlives_every_session_and_is_written_only_when_it_would_not(scene: Scene) -> None:
    a_month, a_year = (Timeouts(absolute=days * DAY) for days in (30, 365))

    def signs_in_with_calls(timeouts: Timeouts) -> list[str]:
        scene.faults.clear()
        session = scene.store.create_session("ana", timeouts=timeouts).session
        row = scene.customer_row("ana") or {}
        assert row["ttl"] >= int((session.absolute_expires_at + DAY).timestamp())
        return scene.faults.operations

    assert signs_in_with_calls(a_month) == ["GetItem", "UpdateItem", "PutItem"]
    scene.clock.advance(20 * DAY)
    assert signs_in_with_calls(a_month) == ["GetItem", "PutItem"]
    assert signs_in_with_calls(a_year) == ["GetItem", "UpdateItem", "PutItem"]
    assert signs_in_with_calls(a_month) == ["GetItem", "PutItem"]


def test_of_two_sign_ins_at_once_the_longer_session_decides_how_long_the_row_stays(scene: Scene) -> None:
    scene.store.create_session("ana")
    year = Timeouts(absolute=365 * DAY)
    scene.clock.advance(40 * DAY)
    scene.faults.before("UpdateItem", lambda: scene.other.create_session("ana", timeouts=year))

    scene.store.create_session("ana", timeouts=Timeouts(absolute=30 * DAY))

    assert (scene.customer_row("ana") or {})["ttl"] > int((START + 405 * DAY).timestamp())


@pytest.mark.usefixtures("in_rows")
def test_a_first_sign_in_with_too_much_data_writes_nothing(scene: Scene) -> None:
    with pytest.raises(DataTooLargeError):
        scene.store.create_session("ana", data={"filler": "x" * 409_500})

    assert scene.all_rows() == []


def test_the_row_says_nothing_of_the_customer_but_the_id(scene: Scene, signed_in: SignedIn) -> None:
    scene.store.end_customer_sessions("ana", except_session_id=signed_in.id)

    row = scene.customer_row("ana") or {}
    known = {"PK", "SK", "entity_type", "customer_id", "row_id", "generation", "ttl", "covered", "kept"}
    assert row.keys() <= known


FROM_THE_FUTURE = ("generation", {"N": str(int((START + FIVE_MINUTES).timestamp() * 1000) + 1)})
BROKEN: dict[str, tuple[str, dict[str, str] | None]] = {
    "no number": ("generation", {"S": "soon"}),
    "without a generation": ("generation", None),
    "without its id": ("row_id", None),
}


@pytest.mark.shows("T54")
def test_a_row_from_the_future_lets_nothing_in_and_ends_nothing(scene: Scene, signed_in: SignedIn) -> None:
    generation = (scene.customer_row("ana") or {})["generation"]
    write(scene, *FROM_THE_FUTURE)

    assert refusal(scene.store, signed_in.token, strict=True) is Refusal.REVOKED
    assert scene.store.get_session(signed_in.id, strict=True) is None
    with pytest.raises(SessionNotFoundError):
        scene.store.end_customer_sessions("ana", except_session_id=signed_in.id)

    write(scene, "generation", {"N": str(generation)})
    assert refusal(scene.store, signed_in.token, strict=True) is None


def test_a_strict_read_by_id_does_not_see_a_session_that_an_end_of_all_has_not_found(
    scene: Scene, signed_in: SignedIn
) -> None:
    assert scene.store.get_session(signed_in.id, strict=True) == scene.store.get_session(signed_in.id)
    write(scene, "generation", {"N": str((scene.customer_row("ana") or {})["generation"] + 1)})

    assert scene.store.get_session(signed_in.id) is not None
    assert scene.store.get_session(signed_in.id, strict=True) is None
    assert scene.store.get_session(signed_in.id, customer_id="ana", strict=True) is None
    visitor = scene.store.create_session().session
    assert scene.store.get_session(visitor.session_id, strict=True) == visitor


@pytest.mark.shows("T54")
@pytest.mark.parametrize("repaired_by", ["create_session", "end_customer_sessions", "erase_customer"])
def test_a_row_from_the_future_locks_the_customer_out_of_nothing(
    scene: Scene, signed_in: SignedIn, repaired_by: str
) -> None:
    write(scene, *FROM_THE_FUTURE)

    getattr(scene.store, repaired_by)("ana")

    assert refusal(scene.store, scene.store.create_session("ana").token, strict=True) is None
    assert refusal(scene.store, signed_in.token, strict=True) is not None
    write(scene, "generation", {"N": "1"})
    assert refusal(scene.store, signed_in.token, strict=True) is not None


@pytest.mark.parametrize("broken", BROKEN)
def test_a_row_that_cannot_be_read_lets_nothing_in_and_ends_nothing(
    scene: Scene, signed_in: SignedIn, broken: str
) -> None:
    generation = (scene.customer_row("ana") or {})["generation"]
    row_id = (scene.customer_row("ana") or {})["row_id"]
    write(scene, *BROKEN[broken])

    for call in (
        lambda: scene.store.validate(signed_in.token, strict=True),
        lambda: scene.store.create_session("ana"),
        lambda: scene.store.end_customer_sessions("ana"),
        lambda: scene.store.end_customer_sessions("ana", except_session_id=signed_in.id),
    ):
        with pytest.raises(StoreConfigurationError, match="erase_customer"):
            call()

    write(scene, "generation", {"N": str(generation)})
    write(scene, "row_id", {"B": bytes(row_id)})  # type: ignore[dict-item]
    assert refusal(scene.store, signed_in.token, strict=True) is None


@pytest.mark.parametrize("broken", BROKEN)
def test_erasing_a_customer_whose_row_cannot_be_read_lets_them_sign_in_again(
    scene: Scene, signed_in: SignedIn, broken: str
) -> None:
    write(scene, *BROKEN[broken])

    scene.store.erase_customer("ana")

    assert refusal(scene.store, signed_in.token, strict=True) is Refusal.UNKNOWN
    assert refusal(scene.store, scene.store.create_session("ana").token, strict=True) is None


def test_a_clock_that_is_five_minutes_behind_still_trusts_the_row(scene: Scene, signed_in: SignedIn) -> None:
    behind = scene.another_store(clock=MovableClock(START - FIVE_MINUTES))

    assert refusal(behind, signed_in.token, strict=True) is None
    assert refusal(scene.store, behind.create_session("ana").token, strict=True) is None


_NEEDS_A_SESSION = [
    name
    for name in METHODS
    if not name.startswith(("create_session", "end_", "erase", "get_last_login", "get_customer_sessions"))
]


@pytest.mark.parametrize("name", [*_NEEDS_A_SESSION, "end_customer_sessions but one"])
def test_a_session_from_before_the_moment_of_not_before_serves_no_read_and_no_write(
    scene: Scene, signed_in: SignedIn, name: str
) -> None:
    store, before = scene.store_with(not_before=START + timedelta(seconds=1)), scene.all_rows()

    with suppress(InvalidTokenError, SessionNotFoundError):
        assert METHODS[name](store, signed_in) is None

    assert scene.all_rows() == before
    assert store.get_customer_sessions("ana").sessions == ()
    store.end_session(signed_in.id)
    assert scene.other.get_session(signed_in.id) is None


def test_a_session_from_after_the_moment_of_not_before_is_kept(scene: Scene) -> None:
    session = sign_in(scene.other)
    store = scene.store_with(not_before=START)

    store.end_customer_sessions("ana", except_session_id=session.id)

    assert refusal(store, session.token, strict=True) is None


@pytest.mark.parametrize("foreign", ENDS)
def test_no_cursor_goes_on_but_that_of_the_last_call_that_ended_all(
    scene: Scene, signed_in: SignedIn, foreign: str
) -> None:
    scene.clock.advance(1)  # ids sort by time
    for _ in range(2):
        scene.other.create_session("ana")
        sign_in(scene.other, "ben")
    earlier = scene.other.end_customer_sessions("ana", limit=1).cursor
    scene.clock.advance(1)
    later = scene.other.create_session("ana").token
    hers = scene.store.end_customer_sessions("ana", except_session_id=later.split(".")[1], limit=1).cursor
    assert hers is not None
    bens = getattr(scene.other, foreign)("ben", limit=1).cursor

    for cursor in (earlier, bens, signed_in.id, f"{hers}x", hers.replace(".", ""), f"1{hers}"):
        with pytest.raises(InvalidInputError, match="cursor"):
            scene.store.end_customer_sessions("ana", cursor=cursor)

    assert refusal(scene.other, later, strict=True) is None
    assert scene.other.get_session(signed_in.id) is not None
    scene.store.end_customer_sessions("ana", cursor=hers)
    assert scene.other.get_session(signed_in.id) is None
