"""An end is final. It leaves a tombstone without data, which is kept for the retention and purged on request."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

import pytest

from session_store import (
    InvalidInputError,
    InvalidTokenError,
    Refusal,
    SessionNotFoundError,
    StoreConfigurationError,
    ThrottledError,
    Timeouts,
)
from session_store.storage import schema
from session_store.testing import MovableClock
from tests.contract.refusals import refusal
from tests.support.faults import FOREVER
from tests.support.methods import METHODS
from tests.support.scene import START, Scene, SignedIn, sign_in

UNKNOWN = "018f0000-0000-7000-8000-000000000000"
TWO_SECONDS = timedelta(seconds=2)
EXTENSION_DUE = timedelta(minutes=3)
# They write to a session which has to be there.
_WRITE = ("validate", "rotate", "create_child", "update_data", "replace_data", "increment", "take")
WITHOUT_A_WRITE = {"validate, read only", "validate, no activity"}
LATE = [name for name in METHODS if name.startswith(_WRITE)]


def test_ending_is_acknowledged_once(scene: Scene, signed_in: SignedIn) -> None:
    assert scene.store.end_session(signed_in.id) is True
    assert scene.store.end_session(signed_in.id) is False
    assert scene.store.end_session(signed_in.root.session) is False
    assert scene.store.end_session(signed_in.id, customer_id="ana") is False


def test_ending_what_never_existed_changes_nothing(scene: Scene) -> None:
    assert scene.store.end_session(UNKNOWN) is False
    assert scene.store.end_session(UNKNOWN, customer_id="ana") is False
    assert scene.store.end_child_session("no-session", "no-child") is False
    assert scene.all_rows() == []


def test_a_session_of_another_customer_is_not_ended(scene: Scene, signed_in: SignedIn) -> None:
    assert scene.store.end_session(signed_in.id, customer_id="ben") is False
    assert scene.store.end_session(signed_in.root.session, customer_id="ben") is False
    assert scene.store.get_session(signed_in.id) is not None


def test_an_anonymous_session_is_ended(scene: Scene) -> None:
    one, two = scene.store.create_session(), scene.store.create_session()

    assert scene.store.end_session(one.session) is True
    assert scene.store.end_session(two.session.session_id) is True
    assert scene.other.get_session(one.session.session_id) is scene.other.get_session(two.session.session_id) is None


def test_an_expired_session_is_ended_for_machines_whose_clock_is_behind(scene: Scene, signed_in: SignedIn) -> None:
    behind = scene.another_store(clock=MovableClock(START + timedelta(minutes=30) - TWO_SECONDS))
    scene.clock.advance(timedelta(minutes=30))

    assert scene.store.end_session(signed_in.id) is True
    assert behind.get_session(signed_in.id) is None


@pytest.mark.shows("T53")
def test_a_tombstone_holds_neither_secrets_nor_data(scene: Scene) -> None:
    created = scene.store.create_session("ana", data={"iban": "DE00"}, client="Firefox")
    scene.store.update_data(created.session, {"more": 1})
    scene.store.validate(scene.store.rotate(created.token).token or "")
    scene.clock.advance(60)

    scene.store.end_session(created.session)

    row = scene.session_row(created.session.session_id) or {}
    now = int(scene.clock.now())
    assert row == {
        "PK": schema.session_partition_key(created.session.session_id),
        "SK": schema.customer_sort_key("ana"),
        "entity_type": "session",
        "session_state": "ended",
        "customer_id": "ana",
        "version": 2,
        "generation": row["generation"],  # by these two the customer's row knows it
        "customer_row": row["customer_row"],
        "created_at": now - 60,
        "last_login_time": now - 60,
        "last_seen_at": now - 60,
        "idle_timeout": 1800,
        "expires_at": 0,
        "absolute_expires_at": now - 60 + 12 * 3600,
        "ended_at": now,
        "end_reason": "signed_out",
        "write_id": row["write_id"],  # the end's own, for who repeats it
        "ttl": now + 30 * 24 * 3600,
    }


@pytest.mark.shows("A5")
@pytest.mark.parametrize("retention", [timedelta(0), timedelta(days=365)])
def test_rows_are_kept_for_the_retention(scene: Scene, retention: timedelta) -> None:
    store = scene.store_with(retention=retention)
    running, ended = store.create_session("ana").session, store.create_session("ana").session
    store.end_session(ended)

    kept = int(retention.total_seconds())
    ttls = {row["PK"]: row["ttl"] for row in scene.all_rows() if row["entity_type"] == "session"}
    assert ttls == {
        schema.session_partition_key(running.session_id): int(START.timestamp()) + 1800 + kept,
        schema.session_partition_key(ended.session_id): int(START.timestamp()) + kept,
    }


def test_the_last_login_is_known_until_the_row_is_gone(scene: Scene, signed_in: SignedIn) -> None:
    scene.store.end_session(signed_in.id)
    assert scene.store.get_last_login_time("ana") == START

    scene.delete_session_row(signed_in.id)

    assert scene.store.get_last_login_time("ana") is None


@pytest.mark.shows("T32", "7.4.1")
@pytest.mark.parametrize("difference", [TWO_SECONDS, -TWO_SECONDS])
def test_nothing_brings_an_ended_session_back_with_any_clock(
    scene: Scene, signed_in: SignedIn, difference: timedelta
) -> None:
    scene.store.end_session(signed_in.id)
    ended = scene.session_row(signed_in.id)
    skewed = scene.another_store(clock=MovableClock(START + difference))

    for name in LATE:
        with pytest.raises((InvalidTokenError, SessionNotFoundError)):
            METHODS[name](skewed, signed_in)

    assert scene.session_row(signed_in.id) == ended


@pytest.mark.shows("C7")
@pytest.mark.parametrize(("meanwhile", "difference"), [("end_session", 2), ("end_session", -2), ("erase_customer", 0)])
@pytest.mark.parametrize("method", [name for name in LATE if name not in WITHOUT_A_WRITE])
def test_a_write_that_arrives_after_the_end_changes_nothing(
    scene: Scene, signed_in: SignedIn, method: str, meanwhile: str, difference: int
) -> None:
    expected = Refusal.ENDED if meanwhile == "end_session" else Refusal.UNKNOWN
    scene.clock.advance(EXTENSION_DUE)
    skewed = scene.another_store(clock=MovableClock(START + EXTENSION_DUE + timedelta(seconds=difference)))
    after: list[list[dict[str, Any]]] = []

    def end() -> None:
        METHODS[meanwhile](skewed, signed_in)
        after.append(scene.all_rows())

    for operation in ("UpdateItem", "TransactWriteItems"):
        scene.faults.before(operation, end)

    with pytest.raises((InvalidTokenError, SessionNotFoundError)) as refused:
        METHODS[method](scene.store, signed_in)

    assert getattr(refused.value, "refusal", expected) is expected
    assert scene.all_rows() == after[0]


@pytest.mark.shows("7.4.2")
@pytest.mark.parametrize("limit", [1, 25])
def test_a_purge_deletes_every_row_of_the_customer_and_no_other_row(
    scene: Scene, signed_in: SignedIn, limit: int
) -> None:
    second = sign_in(scene.store)
    scene.store.end_session(second.id)
    bens = sign_in(scene.store, "ben")

    done = [scene.store.erase_customer("ana", limit=limit)]
    while done[-1].cursor is not None:
        done.append(scene.store.erase_customer("ana", limit=limit, cursor=done[-1].cursor))

    assert sum(part.count for part in done) == 4
    left = {row["PK"] for row in scene.all_rows()}
    assert left == {schema.session_partition_key(bens.id), schema.customer_item_partition_key("ben")}
    assert scene.store.get_last_login_time("ana") is None


@pytest.mark.shows("7.4.2")
@pytest.mark.parametrize("then", ["end_session", "get_session", "validate", "it is replaced", "end_child_session"])
def test_a_session_stays_for_as_long_as_its_children_so_that_a_purge_finds_them(scene: Scene, then: str) -> None:
    month = Timeouts(idle=timedelta(minutes=30), absolute=timedelta(days=30))
    signed_in = sign_in(scene.store, timeouts=month)
    scene.clock.advance(timedelta(minutes=10))
    if then == "it is replaced":
        scene.store.create_session("ben", replaces=signed_in.token)
    else:
        METHODS[then](scene.store, signed_in)

    row, child = scene.rows(schema.session_partition_key(signed_in.id))

    assert row["ttl"] == child["ttl"] == int((START + timedelta(days=60)).timestamp())


@pytest.mark.usefixtures("in_rows")
def test_a_purge_that_runs_out_of_time_in_one_session_has_got_somewhere(scene: Scene, signed_in: SignedIn) -> None:
    for _ in range(46):  # more than one page, also compressed
        scene.store.create_child_session(signed_in.root.session, data={"filler": secrets.token_urlsafe(22_500)})
    scene.faults.throttle("Query", skip=2, times=FOREVER)  # the index, and the first page of the session

    with pytest.raises(ThrottledError):
        scene.store.erase_customer("ana")

    left = scene.rows(schema.session_partition_key(signed_in.id))
    assert 1 < len(left) <= 48 - 25


@pytest.mark.shows("T35")
@pytest.mark.parametrize("again", [False, True], ids=["nothing after it", "signed in again"])
def test_a_session_that_the_index_hid_from_a_purge_is_never_valid_again(
    scene: Scene, signed_in: SignedIn, *, again: bool
) -> None:
    scene.faults.hide_from_index(signed_in.id)

    assert scene.store.erase_customer("ana").count == 0
    if again:  # by this clock in the same millisecond, and by another one before it
        behind = scene.another_store(clock=MovableClock(START - TWO_SECONDS))
        assert refusal(scene.store, behind.create_session("ana").token, strict=True) is None

    assert refusal(scene.store, signed_in.token, strict=True) is Refusal.REVOKED
    scene.clock.advance(timedelta(days=2))
    assert refusal(scene.store, signed_in.token) is Refusal.ENDED


@pytest.mark.parametrize("foreign", ["end_customer_sessions", "erase_customer"])
def test_a_purge_goes_on_with_no_cursor_but_one_of_its_own(scene: Scene, signed_in: SignedIn, foreign: str) -> None:
    bens = [sign_in(scene.other, "ben") for _ in range(2)]
    cursors = [getattr(scene.other, foreign)("ben", limit=1).cursor, signed_in.id, f"1.{bens[0].id}x"]

    for cursor in cursors:
        with pytest.raises(InvalidInputError, match="cursor"):
            scene.store.erase_customer("ana", cursor=cursor)

    assert refusal(scene.store, signed_in.token, strict=True) is None


def test_a_purge_interrupted_half_way_is_finished_by_the_next(scene: Scene, signed_in: SignedIn) -> None:
    for _ in range(30):
        scene.store.create_child_session(signed_in.root.session)
    scene.faults.leave_unprocessed("BatchWriteItem", times=2)
    scene.faults.refuse("BatchWriteItem", "ResourceNotFoundException", skip=1)
    with pytest.raises(StoreConfigurationError, match="BatchWriteItem"):
        scene.store.erase_customer("ana")

    scene.store.erase_customer("ana")

    assert scene.all_rows() == []


def test_ending_takes_more_children_than_one_request_could(scene: Scene, signed_in: SignedIn) -> None:
    children = [scene.store.create_child_session(signed_in.root.session) for _ in range(30)]

    scene.store.end_session(signed_in.id)

    assert scene.store.get_session_by_child(children[0].child.child_session_id) is None
    assert refusal(scene.store, children[-1].token, child=True) is Refusal.ENDED
