"""Reads of live sessions: by id, by customer, by child, page by page."""

from __future__ import annotations

import pytest

from session_store import InvalidInputError, Session, SessionState, SessionStore
from session_store.testing import MovableClock
from tests.support.faults import Faults
from tests.support.scene import Scene, SignedIn

UNKNOWN = "018f0000-0000-7000-8000-000000000000"


def test_a_session_is_found_by_its_id_with_or_without_its_customer(store: SessionStore, signed_in: SignedIn) -> None:
    session = signed_in.root.session

    assert store.get_session(session.session_id) == session
    assert store.get_session(session.session_id, customer_id="ana") == session


def test_a_session_of_somebody_else_is_not_found(store: SessionStore, signed_in: SignedIn) -> None:
    assert store.get_session(signed_in.id, customer_id="ben") is None


def test_what_does_not_exist_is_none_or_empty(store: SessionStore) -> None:
    assert store.get_session(UNKNOWN) is None
    assert store.get_session("any-other-id") is None
    assert store.get_child_sessions(UNKNOWN) is None
    assert store.get_session_by_child(UNKNOWN) is None
    assert store.get_customer_sessions("nobody").sessions == ()
    assert store.get_customer_sessions("nobody").cursor is None


def test_reading_a_session_by_id_never_answers_with_one_of_its_children(
    store: SessionStore, signed_in: SignedIn
) -> None:
    session = store.get_session(signed_in.id)

    assert session is not None
    assert session.data == {"cart": ["tea"], "visits": 1}


def test_the_children_of_a_session_are_listed_oldest_first(
    store: SessionStore, clock: MovableClock, signed_in: SignedIn
) -> None:
    clock.advance(1)
    second = store.create_child_session(signed_in.id).child

    children = store.get_child_sessions(signed_in.id)

    assert children is not None
    assert [child.child_session_id for child in children] == [signed_in.child_id, second.child_session_id]


def test_a_session_without_children_has_an_empty_list(store: SessionStore) -> None:
    assert store.get_child_sessions(store.create_session("ana").session.session_id) == ()


def test_the_owner_of_a_child_is_found(store: SessionStore, signed_in: SignedIn) -> None:
    assert store.get_session_by_child(signed_in.child_id) == signed_in.root.session


def test_the_owner_of_an_anonymous_sessions_child_is_found(store: SessionStore) -> None:
    root = store.create_session().session
    child = store.create_child_session(root).child

    assert store.get_session_by_child(child.child_session_id) == root


def test_a_child_is_no_session_and_a_session_is_no_child(store: SessionStore, signed_in: SignedIn) -> None:
    assert store.get_session(signed_in.child_id) is None
    assert store.get_session_by_child(signed_in.id) is None


def _pages(store: SessionStore, customer_id: str, limit: int) -> list[list[str]]:
    pages, cursor = [], None
    while True:
        page = store.get_customer_sessions(customer_id, limit=limit, cursor=cursor)
        pages.append([session.session_id for session in page.sessions])
        cursor = page.cursor
        if cursor is None:
            return pages


def test_a_customers_sessions_come_page_by_page_newest_first(store: SessionStore, clock: MovableClock) -> None:
    ids = []
    for _ in range(5):
        ids.append(store.create_session("ana").session.session_id)
        clock.advance(1)
    store.create_session("ben")

    pages = _pages(store, "ana", limit=2)

    assert [session_id for page in pages for session_id in page] == ids[::-1]
    assert all(len(page) <= 2 for page in pages)


def test_a_session_that_ended_leaves_its_page_short_but_the_list_goes_on(store: SessionStore) -> None:
    ids = [store.create_session("ana").session.session_id for _ in range(4)]
    store.end_session(ids[2])

    assert [session_id for page in _pages(store, "ana", limit=1) for session_id in page] == [ids[3], ids[1], ids[0]]


def test_a_page_holds_up_to_a_hundred_sessions(store: SessionStore, scene: Scene) -> None:
    oldest = store.create_session("ana").session
    scene.clock.advance(1)
    newer = scene.put_copies(oldest, 100)

    page = store.get_customer_sessions("ana", limit=100)

    assert [session.session_id for session in page.sessions] == newer[::-1]
    assert page.cursor == newer[0]
    assert store.get_customer_sessions("ana", limit=100, cursor=page.cursor).sessions == (oldest,)


def test_sessions_of_a_page_that_were_unprocessed_are_asked_for_again(store: SessionStore, faults: Faults) -> None:
    ids = [store.create_session("ana").session.session_id for _ in range(3)]
    faults.leave_unprocessed("BatchGetItem", times=2)

    listed = [session.session_id for session in store.get_customer_sessions("ana").sessions]

    assert listed == ids[::-1]


@pytest.mark.parametrize("end", ["end_customer_sessions", "erase_customer"])
def test_what_ended_since_the_index_was_asked_is_not_shown(
    scene: Scene, other: SessionStore, faults: Faults, signed_in: SignedIn, end: str
) -> None:
    faults.before("BatchGetItem", lambda: getattr(other, end)("ana"), times=2)

    assert scene.store.get_customer_sessions("ana").sessions == ()
    assert scene.store.get_session_by_child(signed_in.child_id) is None


def test_a_session_too_new_for_the_index_is_missing_from_the_list_but_not_from_the_table(
    store: SessionStore, faults: Faults, signed_in: SignedIn
) -> None:
    new = store.create_session("ana")
    faults.hide_from_index(new.session.session_id)

    assert store.get_customer_sessions("ana").sessions == (signed_in.root.session,)
    assert store.get_session(new.session.session_id) == new.session


def test_a_cursor_does_not_lead_into_another_customers_list(store: SessionStore, signed_in: SignedIn) -> None:
    store.create_session("ben")

    page = store.get_customer_sessions("ben", cursor=signed_in.id)

    assert all(session.customer_id == "ben" for session in page.sessions)


@pytest.mark.parametrize("cursor", ["", "#", "suuid#1", "a" * 129, "\x00"])
def test_a_cursor_that_is_garbage_is_refused(store: SessionStore, cursor: str) -> None:
    with pytest.raises(InvalidInputError, match="cursor"):
        store.get_customer_sessions("ana", cursor=cursor)


def test_a_closing_session_is_shown_as_closing(store: SessionStore, signed_in: SignedIn) -> None:
    store.update_data(signed_in.id, {}, closing=True)

    shown: list[Session | None] = [
        store.get_session(signed_in.id),
        store.get_session(signed_in.id, customer_id="ana"),
        store.get_session_by_child(signed_in.child_id),
        *store.get_customer_sessions("ana").sessions,
    ]

    assert [session and session.session_state for session in shown] == [SessionState.CLOSING] * 4


def test_what_a_read_returned_is_a_private_copy(store: SessionStore, signed_in: SignedIn) -> None:
    session = store.get_session(signed_in.id)
    assert session is not None
    session.data["cart"] = []

    assert store.get_session(signed_in.id) == signed_in.root.session


def test_session_data_does_not_show_in_a_repr(scene: Scene) -> None:
    created = scene.store.create_session("ana", data={"iban": "DE00 1234"})

    assert "1234" not in repr(created)
    assert "1234" not in repr(scene.store.get_customer_sessions("ana"))
