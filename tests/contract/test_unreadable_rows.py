"""One row in another form than this code's: from a newer version before a rollback, or by another hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from session_store import (
    CreatedSession,
    IncidentName,
    InvalidTokenError,
    Refusal,
    SessionNotFoundError,
    StoreConfigurationError,
)
from session_store.storage import schema
from session_store.storage.attribute_values import Item
from tests.contract.refusals import refusal
from tests.support.scene import Scene, children_of, sign_in

IN_ITS_PLACE: dict[str, Item] = {
    "an unknown state": {"session_state": {"S": "suspended"}},
    "a version that is no number": {"version": {"S": "one"}},
    "a fraction of a second": {"expires_at": {"N": "2209032000.5"}},
    "a time after the year 9999": {"absolute_expires_at": {"N": "9" * 20}},
    "data that is no map": {"data": {"S": "tea"}},
    "another kind of row": {"entity_type": {"S": "device"}},
}
WITHOUT = ("session_state", "version", "generation", "absolute_expires_at", "entity_type")
OTHER_KEYS = ("device#1", "suuid#1", "suuid#")


@dataclass
class Broken:
    """A customer's three sessions; the row of the middle one is in another form."""

    scene: Scene
    first: CreatedSession
    broken: CreatedSession
    last: CreatedSession

    @property
    def others(self) -> set[str]:
        return {self.first.session.session_id, self.last.session.session_id}

    def listed(self) -> set[str]:
        return {session.session_id for session in self.scene.store.get_customer_sessions("ana").sessions}


Break = Callable[[Item], Item]


def _replaced(changes: Item) -> Break:
    return lambda item: _without("data_codec" if "data" in changes else "")(item) | changes


def _without(name: str) -> Break:
    return lambda item: {key: value for key, value in item.items() if key != name}


IN_THE_ROW: dict[str, Break] = {
    **{name: _replaced(changes) for name, changes in IN_ITS_PLACE.items()},
    **{f"without {name}": _without(name) for name in WITHOUT},
}
IN_THE_KEY: dict[str, Break] = {key: _replaced({schema.PARTITION_KEY: {"S": key}}) for key in OTHER_KEYS}


@pytest.fixture(params=IN_THE_ROW | IN_THE_KEY)
def broken(scene: Scene, request: pytest.FixtureRequest) -> Broken:
    first, middle, last = (scene.other.create_session("ana") for _ in range(3))
    (item,) = _items(scene, middle.session.session_id)
    scene.client.delete_item(TableName=scene.table_name, Key={name: item[name] for name in ("PK", "SK")})
    change = (IN_THE_ROW | IN_THE_KEY)[request.param]
    scene.client.put_item(TableName=scene.table_name, Item=change(item))
    return Broken(scene, first, middle, last)


def _items(scene: Scene, session_id: str) -> list[Item]:
    return [item for item in _scan(scene) if item["PK"]["S"] == schema.session_partition_key(session_id)]


def _scan(scene: Scene) -> list[Item]:
    items: list[Item] = scene.client.scan(TableName=scene.table_name, ConsistentRead=True)["Items"]
    return items


def _counted(scene: Scene) -> bool:
    return {event.name for event in scene.events} == {IncidentName.UNREADABLE_ROW}


def test_the_customers_list_shows_the_others(broken: Broken) -> None:
    assert broken.listed() == broken.others
    assert _counted(broken.scene)


def test_the_customers_list_goes_past_it_page_by_page(broken: Broken) -> None:
    page = broken.scene.store.get_customer_sessions("ana", limit=1)
    listed = [*page.sessions]
    while page.cursor:
        page = broken.scene.store.get_customer_sessions("ana", limit=1, cursor=page.cursor)
        listed += page.sessions

    assert {session.session_id for session in listed} == broken.others


@pytest.mark.shows("T74")
def test_ending_all_ends_the_others(broken: Broken) -> None:
    assert broken.scene.store.end_customer_sessions("ana").cursor is None

    assert broken.listed() == set()
    assert refusal(broken.scene.store, broken.first.token) is Refusal.ENDED
    assert refusal(broken.scene.store, broken.last.token) is Refusal.ENDED


@pytest.mark.shows("T74")
def test_an_erasure_deletes_it_as_well(broken: Broken) -> None:
    assert broken.scene.store.erase_customer("ana").cursor is None

    assert _scan(broken.scene) == []


def test_signing_in_under_a_limit_ends_the_oldest_of_the_others(broken: Broken) -> None:
    created = broken.scene.store_with(max_sessions_per_customer=2).create_session("ana")

    assert broken.listed() == {created.session.session_id, broken.last.session.session_id}
    assert _counted(broken.scene)


@pytest.mark.shows("T74")
def test_nothing_takes_it_for_a_live_session(broken: Broken) -> None:
    store, session_id = broken.scene.store, broken.broken.session.session_id
    tries: list[Callable[[], Any]] = [
        lambda: store.validate(broken.broken.token),
        lambda: store.rotate(broken.broken.token),
        lambda: store.update_data(session_id, {"a": 1}),
        lambda: store.create_child_session(session_id),
    ]
    for each in tries:
        with pytest.raises((InvalidTokenError, SessionNotFoundError)):
            each()
    assert store.get_session(session_id) is None
    assert store.get_session(session_id, customer_id="ana") is None


def test_its_browser_can_sign_in_again(broken: Broken) -> None:
    created = broken.scene.store.create_session("ana", replaces=broken.broken.token)

    assert refusal(broken.scene.store, created.token) is None


@pytest.mark.parametrize("name", sorted(IN_THE_ROW.keys() - {"a fraction of a second", "without generation"}))
def test_a_childs_row_hides_neither_its_siblings_nor_its_root(scene: Scene, name: str) -> None:
    signed_in = sign_in(scene.other)
    sibling = scene.other.create_child_session(signed_in.root.session)
    (item,) = (each for each in _items(scene, signed_in.id) if each["SK"]["S"].endswith(signed_in.child_id))
    scene.client.put_item(TableName=scene.table_name, Item=IN_THE_ROW[name](item))

    children = children_of(scene.store, signed_in.id)

    assert [child.child_session_id for child in children or ()] == [sibling.child.child_session_id]
    assert scene.store.get_session_by_child(signed_in.child_id) is None
    assert refusal(scene.store, signed_in.child_token, child=True) is Refusal.ENDED
    assert refusal(scene.store, signed_in.token) is None


def test_a_customers_own_row_without_a_generation_lets_no_session_in(scene: Scene) -> None:
    created = scene.store.create_session("ana")
    scene.store.end_customer_sessions("ana", except_session_id=created.session.session_id)
    key = {"PK": {"S": "c#ana"}, "SK": {"S": "customer#ana"}}
    scene.client.put_item(TableName=scene.table_name, Item=key | {"entity_type": {"S": "customer"}})

    with pytest.raises(StoreConfigurationError, match="customer's own row"):
        scene.store.validate(created.token, strict=True)
