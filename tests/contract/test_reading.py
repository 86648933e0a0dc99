"""Reads of live sessions: by id, by customer, by child, page by page."""

from __future__ import annotations

from functools import partial
from itertools import chain

import pytest

from session_store import ChildSessionPage, InvalidInputError, SessionPage, SessionState, SessionStore
from session_store.storage import schema
from tests.faults.finished import data_of
from tests.support.scene import Scene, SignedIn, children_of

UNKNOWN = "018f0000-0000-7000-8000-000000000000"


def test_a_session_is_found_by_its_id_under_its_own_customer_or_none(scene: Scene, signed_in: SignedIn) -> None:
    session = signed_in.root.session

    assert scene.store.get_session(session.session_id) == session
    assert scene.store.get_session(session.session_id, customer_id="ana") == session
    assert scene.store.get_session(session.session_id, customer_id="ben") is None


def test_what_does_not_exist_is_none_or_empty(scene: Scene) -> None:
    assert scene.store.get_session(UNKNOWN) is None
    assert scene.store.get_session("any-other-id") is None
    assert scene.store.get_child_sessions(UNKNOWN) is None
    assert scene.store.get_session_by_child(UNKNOWN) is None
    assert scene.store.get_customer_sessions("unknown") == SessionPage((), None)
    assert scene.store.get_last_login_time("unknown") is None


def test_the_children_of_a_session_are_listed_oldest_first(scene: Scene, signed_in: SignedIn) -> None:
    scene.clock.advance(1)
    second = scene.store.create_child_session(signed_in.id).child

    assert children_of(scene.store, signed_in.id) == (signed_in.under.child, second)
    assert children_of(scene.store, scene.store.create_session("ana").session) == ()


def test_the_children_of_a_session_are_listed_in_pages(scene: Scene, signed_in: SignedIn) -> None:
    children = [signed_in.under.child]
    for _ in range(4):
        scene.clock.advance(1)
        children.append(scene.store.create_child_session(signed_in.id).child)
    scene.store.end_child_session(signed_in.id, children.pop(1).child_session_id)

    read = partial(scene.store.get_child_sessions, signed_in.id, limit=2)
    pages = [read()]
    while pages[-1] and pages[-1].cursor:
        pages.append(read(cursor=pages[-1].cursor))

    listed = [page.children for page in pages if page]
    assert [len(page) for page in listed] == [1, 2, 1]  # of the first page one has ended
    assert list(chain(*listed)) == children
    scene.store.end_session(signed_in.id)
    assert scene.store.get_child_sessions(signed_in.id, limit=2, cursor=children[0].child_session_id) is None


def test_a_page_of_children_begins_in_no_place_of_a_foreign_row(scene: Scene, signed_in: SignedIn) -> None:
    key = schema.session_partition_key(signed_in.id)
    for sort_key in ("child#suuid#", "child#suuid#0", "child#suuid#00000000-0000-7000"):
        scene.client.put_item(TableName=scene.table_name, Item={"PK": {"S": key}, "SK": {"S": sort_key}})

    scene.clock.advance(1)
    second = scene.store.create_child_session(signed_in.id).child

    page = scene.store.get_child_sessions(signed_in.id, limit=1)
    assert page == ChildSessionPage((signed_in.under.child,), signed_in.child_id)
    rest = scene.store.get_child_sessions(signed_in.id, limit=2, cursor=page.cursor)

    assert rest == ChildSessionPage((second,), None)


def test_the_owner_of_a_child_is_found(scene: Scene, signed_in: SignedIn) -> None:
    visitor = scene.store.create_session().session
    child = scene.store.create_child_session(visitor).child

    assert scene.store.get_session_by_child(signed_in.child_id) == signed_in.root.session
    assert scene.store.get_session_by_child(child.child_session_id) == visitor


def test_a_child_is_no_session_and_a_session_is_no_child(scene: Scene, signed_in: SignedIn) -> None:
    assert scene.store.get_session(signed_in.child_id) is None
    assert scene.store.get_session_by_child(signed_in.id) is None


def _listed(store: SessionStore, *, limit: int) -> list[str]:
    listed, page = [], None
    while page is None or page.cursor is not None:
        page = store.get_customer_sessions("ana", limit=limit, cursor=page.cursor if page else None)
        assert len(page.sessions) <= limit
        listed += [session.session_id for session in page.sessions]
    return listed


def test_a_customers_sessions_come_page_by_page_newest_first(scene: Scene) -> None:
    ids = []
    for _ in range(5):
        ids.append(scene.store.create_session("ana").session.session_id)
        scene.clock.advance(1)
    scene.store.create_session("ben")

    assert _listed(scene.store, limit=2) == ids[::-1]


def test_a_session_that_ended_leaves_its_page_short_but_the_list_goes_on(scene: Scene) -> None:
    ids = [scene.store.create_session("ana").session.session_id for _ in range(4)]
    scene.store.end_session(ids[2])

    assert _listed(scene.store, limit=1) == [ids[3], ids[1], ids[0]]


@pytest.mark.usefixtures("copyable")
def test_a_page_holds_up_to_a_hundred_sessions(scene: Scene) -> None:
    oldest = scene.store.create_session("ana").session
    scene.clock.advance(1)
    newer = scene.put_copies(oldest, 100)

    page = scene.store.get_customer_sessions("ana", limit=100)

    assert [session.session_id for session in page.sessions] == newer[::-1]
    assert page.cursor == newer[0]
    assert scene.store.get_customer_sessions("ana", limit=100, cursor=page.cursor).sessions == (oldest,)


def test_sessions_of_a_page_that_were_unprocessed_are_asked_for_again(scene: Scene) -> None:
    ids = [scene.store.create_session("ana").session.session_id for _ in range(3)]
    scene.faults.leave_unprocessed("BatchGetItem", times=2)

    assert _listed(scene.store, limit=100) == ids[::-1]


@pytest.mark.shows("C8")
@pytest.mark.parametrize("end", ["end_customer_sessions", "erase_customer"])
def test_what_ended_since_the_index_was_asked_is_not_shown(scene: Scene, signed_in: SignedIn, end: str) -> None:
    scene.faults.before("BatchGetItem", lambda: getattr(scene.other, end)("ana"), times=2)

    assert scene.store.get_customer_sessions("ana").sessions == ()
    assert scene.store.get_session_by_child(signed_in.child_id) is None


def test_a_session_too_new_for_the_index_is_found_though_not_listed(scene: Scene, signed_in: SignedIn) -> None:
    new = scene.store.create_session("ana")
    scene.faults.hide_from_index(new.session.session_id)

    assert scene.store.get_customer_sessions("ana").sessions == (signed_in.root.session,)
    assert scene.store.get_session(new.session.session_id) == new.session


def test_a_cursor_does_not_lead_into_another_customers_list(scene: Scene) -> None:
    created = []
    for customer_id in ("ana", "ben", "ana"):
        created.append(scene.store.create_session(customer_id).session)
        scene.clock.advance(1)

    page = scene.store.get_customer_sessions("ben", cursor=created[2].session_id)

    assert page.sessions == (created[1],)


@pytest.mark.parametrize("cursor", ["", "#", "suuid#1", "a" * 129, "\x00"])
def test_a_cursor_that_is_garbage_is_refused(scene: Scene, cursor: str) -> None:
    with pytest.raises(InvalidInputError, match="cursor"):
        scene.store.get_customer_sessions("ana", cursor=cursor)


def test_a_closing_session_is_shown_as_closing(scene: Scene, signed_in: SignedIn) -> None:
    scene.store.update_data(signed_in.id, {}, closing=True)
    shown = [
        scene.store.get_session(signed_in.id),
        scene.store.get_session(signed_in.id, customer_id="ana"),
        scene.store.get_session_by_child(signed_in.child_id),
        *scene.store.get_customer_sessions("ana").sessions,
    ]

    assert [session and session.session_state for session in shown] == [SessionState.CLOSING] * 4
    assert children_of(scene.store, signed_in.id) == (signed_in.under.child,)


def test_what_a_read_returned_is_a_private_copy(scene: Scene, signed_in: SignedIn) -> None:
    data_of(scene.store, signed_in.id)["cart"] = []

    assert scene.store.get_session(signed_in.id) == signed_in.root.session
