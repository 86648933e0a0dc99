"""The session as a handler works with it: what is handed out, what is saved, and at which cost."""

from __future__ import annotations

import sys
import threading
from collections import UserDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import session_store
from session_store import NoCurrentSessionError, Session, SessionStore
from session_store.data.difference import difference, private_copy, same
from session_store.data.json_data import STORED_NULL
from session_store.data.merge_patch import merge
from session_store.kernel import handle as handle_module
from session_store.kernel.exchange import Exchange
from session_store.kernel.request import Request
from session_store.kernel.rules import Rules
from session_store.settings import DEFAULT_COOKIE_NAME
from session_store.web import SessionHandle
from tests.support.scene import Scene

OWN = tuple(str(Path(session_store.__file__).parent / part) for part in ("kernel", "data"))


class Visit:
    """Requests of one visitor, whose session starts with this data."""

    def __init__(self, store: SessionStore, **data: Any) -> None:
        self.store = store
        self.token = store.create_session("ana", data=data).token if data else None

    def make(self, action: Callable[[SessionHandle], Any]) -> Any:
        """One request; returns what the action does."""
        cookies = () if self.token is None else (f"{DEFAULT_COOKIE_NAME}={self.token}",)
        with Exchange(Rules(find_store=lambda: self.store), Request("GET", {}, cookies)) as exchange:
            result = action(exchange.handle)
            exchange.finish(200)
            self.token = exchange.token.text
        return result

    @property
    def stored(self) -> dict[str, Any]:
        return self.store.validate(self.token or "").data


# The session behind it


def test_a_handle_gives_out_its_session(scene: Scene) -> None:
    visit = Visit(scene.store, cart=["tea"])
    assert visit.make(lambda handle: handle.session) == scene.other.validate(visit.token or "")


def test_a_new_visitor_has_no_session(scene: Scene) -> None:
    assert Visit(scene.store).make(lambda handle: handle.session) is None


def test_a_session_that_was_handed_out_saves_a_read(scene: Scene) -> None:
    visit = Visit(scene.store, cart=["tea"])
    scene.faults.calls.clear()
    visit.make(lambda handle: handle.store.update_data(handle.session or "", {"a": 1}))
    assert scene.faults.operations == ["Query", "UpdateItem"]


@pytest.mark.parametrize("before", [False, True], ids=["then read", "read before"])
@pytest.mark.parametrize("incremented", [False, True], ids=["as it was", "incremented"])
def test_changes_to_the_data_of_a_session_that_was_handed_out_are_not_saved(
    scene: Scene, *, before: bool, incremented: bool
) -> None:
    visit = Visit(scene.store, cart=["tea"], deep={"a": [1]}, n=1)

    def action(handle: SessionHandle) -> Any:
        if before:
            handle["cart"].append("milk")
        if incremented:
            handle.increment("n")
        session = handle.session
        assert session is not None
        session.data["cart"].append("changed")
        session.data["deep"]["a"].append("changed")
        del session.data["n"]
        handle["own"] = True
        return dict(handle)

    expected = {"cart": ["tea", "milk"] if before else ["tea"], "deep": {"a": [1]}, "n": 2 if incremented else 1}
    assert visit.make(action) == visit.stored == expected | {"own": True}


# Saving


def test_what_is_handed_out_can_be_changed_deep_inside(scene: Scene) -> None:
    visit = Visit(scene.store, cart={"items": [{"name": "tea"}]}, other=[1])

    visit.make(lambda handle: handle["cart"]["items"][0].update(name="milk"))
    visit.make(lambda handle: next(iter(handle.values()))["items"].append(1))
    visit.make(lambda handle: handle.pop("other").append(2))

    assert visit.stored == {"cart": {"items": [{"name": "milk"}, 1]}}


def test_a_key_that_is_deleted_and_set_again_is_one_change(scene: Scene) -> None:
    def action(handle: SessionHandle) -> None:
        value = handle.pop("a")
        assert ("a" in handle, "b" in handle, len(handle), list(handle)) == (False, True, 1, ["b"])
        handle["a"] = value

    visit = Visit(scene.store, a=[1], b=2)
    scene.faults.calls.clear()
    visit.make(action)

    assert scene.faults.operations == ["Query"]


def test_a_session_is_read_again_where_it_is_touched_after_the_last_save(scene: Scene) -> None:
    visit = Visit(scene.store, cart=["tea"])
    cookies = (f"{DEFAULT_COOKIE_NAME}={visit.token}",)
    with Exchange(Rules(find_store=lambda: scene.store), Request("GET", {}, cookies)) as exchange:
        exchange.handle["cart"].append("milk")
        scene.other.update_data(exchange.handle.session or "", {"theirs": 1})
        scene.faults.calls.clear()

        exchange.finish(200)
        exchange.finish(200)
        saved = scene.faults.operations.copy()

        assert dict(exchange.handle) == {"cart": ["tea", "milk"], "theirs": 1}
        assert saved == ["UpdateItem"]
        assert scene.faults.operations == ["UpdateItem", "Query", "GetItem"]  # the last is of the customer's row


def test_a_look_after_the_last_save_is_no_use_of_a_token_that_the_client_has_yet_to_get(scene: Scene) -> None:
    visit = Visit(scene.store, n=1)
    scene.clock.advance(timedelta(minutes=10))
    cookies = (f"{DEFAULT_COOKIE_NAME}={visit.token}",)
    with Exchange(Rules(find_store=lambda: scene.store), Request("GET", {}, cookies)) as exchange:
        assert exchange.handle.rotate().token
        exchange.handle["n"] = 2
        exchange.finish(200)
        assert exchange.handle["n"] == 2
    scene.clock.advance(timedelta(minutes=5))  # the answer with the new cookie was lost

    assert visit.stored == {"n": 2}


def test_a_session_that_ends_after_the_last_save_is_no_visitors(scene: Scene) -> None:
    visit = Visit(scene.store, n=1)
    cookies = (f"{DEFAULT_COOKIE_NAME}={visit.token}",)
    with Exchange(Rules(find_store=lambda: scene.store), Request("GET", {}, cookies)) as exchange:
        exchange.handle["n"] = 2
        exchange.finish(200)
        scene.other.end_session(scene.other.validate(visit.token or ""))

        assert not exchange.handle
        assert not exchange.handle.is_signed_in


class Meanwhile(UserDict[str, Any]):
    """A value during whose check something happens once, as in another thread."""

    def __init__(self, happens: Callable[[], object], **value: Any) -> None:
        super().__init__(**value)
        self._due = [happens]

    def __iter__(self) -> Iterator[str]:
        while self._due:
            self._due.pop()()
        return super().__iter__()


def test_a_key_that_is_set_during_the_last_save_is_not_forgotten(scene: Scene) -> None:
    visit = Visit(scene.store, cart=["tea"], n=1)
    cookies = (f"{DEFAULT_COOKIE_NAME}={visit.token}",)
    with Exchange(Rules(find_store=lambda: scene.store), Request("GET", {}, cookies)) as exchange:
        exchange.handle["n"] = 2
        exchange.handle["cart"] = Meanwhile(lambda: exchange.finish(200), tea=1)

        assert exchange.handle["cart"] == {"tea": 1}
        exchange.finish(200)
    assert visit.stored == {"cart": {"tea": 1}, "n": 2}


def test_a_key_that_is_set_while_the_call_ends_is_refused(scene: Scene) -> None:
    rules = Rules(find_store=lambda: scene.store)
    with Exchange(rules, Request("GET", {}, ())) as exchange, pytest.raises(NoCurrentSessionError):
        exchange.handle["cart"] = Meanwhile(exchange.handle.close, tea=1)


def test_a_sign_in_that_carries_changes_reads_them_with_their_save(scene: Scene) -> None:
    visit = Visit(scene.store, cart=["tea"])

    def sign_in(handle: SessionHandle) -> None:
        handle["cart"].append("milk")
        scene.faults.calls.clear()
        handle.sign_in("ana", carry_data=True)

    visit.make(sign_in)

    assert scene.faults.operations == ["UpdateItem", "GetItem", "TransactWriteItems"]
    assert visit.stored == {"cart": ["tea", "milk"]}


def test_two_threads_that_look_at_a_list_get_the_same_one(scene: Scene) -> None:
    with ThreadPoolExecutor(4) as pool:
        look_often = Visit(scene.store, cart=["tea"]).make
        lists = look_often(lambda handle: list(pool.map(lambda _: handle["cart"], range(20))))
    assert all(each is lists[0] for each in lists)


def test_a_key_that_one_thread_sets_while_another_looks_at_it_first_stays_set(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = Visit(scene.store, cart=["tea"])

    def action(handle: SessionHandle) -> None:
        setter = threading.Thread(target=handle.__setitem__, args=("cart", ["milk"]))

        def copy_slowly(value: Any) -> Any:
            monkeypatch.undo()
            setter.start()
            setter.join(0.1)  # it waits for the look, or is done
            return private_copy(value)

        monkeypatch.setattr(handle_module, "private_copy", copy_slowly)
        assert handle["cart"]
        setter.join()

    visit.make(action)

    assert visit.stored == {"cart": ["milk"]}


def test_a_read_that_ends_after_its_call_opens_the_handle_for_no_other(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = scene.store.create_session("ana", data={"n": 1}).token
    request = Request("GET", {}, (f"{DEFAULT_COOKIE_NAME}={token}",))
    with Exchange(Rules(find_store=lambda: scene.store), request) as exchange:
        read = exchange.token.read

        def read_late() -> Session | None:
            session = read()
            exchange.handle.close()
            return session

        monkeypatch.setattr(exchange.token, "read", read_late)
        assert exchange.handle.session_id is not None

        with pytest.raises(NoCurrentSessionError):
            exchange.handle["n"]


def counted(action: Callable[[], object]) -> int:
    """How many calls of functions in the kernel and of walks over data it takes."""
    calls: list[str] = []
    sys.setprofile(lambda frame, event, _: calls.append(frame.f_code.co_filename) if event == "call" else None)
    try:
        action()
    finally:
        sys.setprofile(None)
    return sum(file.startswith(OWN) for file in calls)


@pytest.mark.parametrize(
    "action",
    [
        lambda handle: handle["n"],
        lambda handle: handle.update(n=handle["n"] + 1),
        lambda handle: handle["k0"]["a"].append(4),
    ],
    ids=["read", "change", "change inside"],
)
def test_a_request_walks_only_through_what_it_was_handed_out(
    scene: Scene, action: Callable[[SessionHandle], Any]
) -> None:
    one, fifty = ({f"k{n}": {"a": [1, 2, 3], "b": "text"} for n in range(keys)} for keys in (1, 50))
    few, many = (counted(partial(Visit(scene.store, n=1, **data).make, action)) for data in (one, fifty))
    assert few == many < 150


# JSON


@pytest.mark.parametrize(
    ("before", "after", "patch"),
    [
        ({}, {}, {}),
        ({"a": 1}, {}, {"a": None}),
        ({"a": 1}, {"a": 1.0}, {}),
        ({"a": 1}, {"a": True}, {"a": True}),
        ({"a": [0]}, {"a": [False]}, {"a": [False]}),
        ({"a": [{"b": 0}]}, {"a": [{"b": False}]}, {"a": [{"b": False}]}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, {"a": {"c": 3}}),
        ({"a": {"b": 1}}, {"a": [1]}, {"a": [1]}),
        ({"a": [1]}, {"a": {}}, {"a": {}}),
        ({"a": [1, [2]]}, {"a": [1, [2]]}, {}),
        ({"a": [1]}, {"a": [1, 2]}, {"a": [1, 2]}),
        ({}, {"a": None}, {"a": STORED_NULL}),
        ({}, {"a": {"b": None, "c": [None]}}, {"a": {"b": STORED_NULL, "c": [None]}}),
    ],
)
def test_a_difference_is_the_smallest_patch(before: Any, after: Any, patch: Any) -> None:
    assert same(difference(before, after), patch)
    assert same(merge(before, patch), after)
    assert same(before, after) is (not patch)


def test_a_private_copy_shares_nothing_and_is_in_dicts_and_lists() -> None:
    inner = [1, {"a": "text"}]
    value = {"list": inner, "tuple": (inner, 2), "mapping": MappingProxyType({"a": inner}), "none": None}

    copied = private_copy(value)
    inner.append(3)

    before = [1, {"a": "text"}]
    assert copied == {"list": before, "tuple": [before, 2], "mapping": {"a": before}, "none": None}
    assert [type(each) for each in copied.values()] == [list, list, dict, type(None)]
