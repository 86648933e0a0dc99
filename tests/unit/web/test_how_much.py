"""How much a handler may put into a session: what visitors send is not to fill it, and not to be paid at every read."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import pytest

from session_store import DataTooLargeError
from session_store.kernel.web_settings import DEFAULT_MAX_SESSION_BYTES
from session_store.web import SessionHandle
from tests.unit.web.conftest import Site

HALF = "x" * (DEFAULT_MAX_SESSION_BYTES // 2)
FITTING = "x" * (DEFAULT_MAX_SESSION_BYTES - len('{"a":""}'))


def _sign_in_with(handle: SessionHandle, carried: str) -> None:
    handle["a"] = carried
    handle.sign_in("ana", data={"b": HALF}, carry_data=True)


def _append(handle: SessionHandle) -> None:
    handle.setdefault("list", []).append(FITTING)


AT_ONCE: dict[str, Callable[[SessionHandle], Any]] = {
    "an assignment": lambda handle: handle.update(a="é" * (len(FITTING) // 2 + 10)),
    "an assignment of another mapping": lambda handle: handle.update(a=MappingProxyType({"a": HALF, "b": HALF})),
    "a sign-in": lambda handle: handle.sign_in("ana", data={"a": HALF, "b": HALF}),
    "a sign-in that carries": lambda handle: (
        handle.update(a=HALF),
        handle.sign_in("ana", data={"b": HALF}, carry_data=True),
    ),
}
AT_THE_SAVE: dict[str, Callable[[SessionHandle], Any]] = {
    "two assignments": lambda handle: handle.update(a=HALF, b=HALF),
    "a change deep inside": _append,
}


@pytest.mark.shows("T8")
@pytest.mark.parametrize("known", [False, True], ids=["a new visitor", "a known visitor"])
@pytest.mark.parametrize("name", AT_ONCE | AT_THE_SAVE)
def test_more_than_a_session_holds_is_answered_413_and_not_stored(site: Site, name: str, *, known: bool) -> None:
    token = site.other.create_session(data={"visits": 1}).token if known else None
    page = site.page((AT_ONCE | AT_THE_SAVE)[name], token)

    assert page.post().outcome == (413, "data-too-large")
    assert [row.get("data") for row in site.scene.all_rows()] == ([{"visits": 1}] if known else [])


@pytest.mark.parametrize("name", AT_ONCE)
def test_the_handler_sees_it_where_it_happens(site: Site, name: str) -> None:
    def handler(handle: SessionHandle) -> None:
        with pytest.raises(DataTooLargeError) as error:
            AT_ONCE[name](handle)
        assert error.value.limit == DEFAULT_MAX_SESSION_BYTES
        handle["a"] = "less"

    assert site.page(handler, site.other.create_session().token).post().status == 200


def test_a_session_holds_just_that_much(site: Site) -> None:
    visitor = site.signed_in()

    assert site.visit(visitor, lambda handle: handle.update(a=FITTING))[0].status == 200
    assert site.visit(visitor, lambda handle: handle.update(b=1))[0].status == 413
    assert site.visit(visitor, lambda handle: handle.increment("b"))[0].status == 413
    assert site.data_of(visitor) == {"a": FITTING}


def test_the_bound_is_a_rule_of_the_handler(site: Site) -> None:
    tight = Site(site.scene, max_data_bytes=1024)

    assert tight.visit(tight.signed_in(), lambda handle: handle.update(a="x" * 1020))[0].status == 413
    wide = Site(site.scene, max_data_bytes=200_000)
    assert wide.visit(wide.signed_in(), lambda handle: handle.update(a=FITTING, b=FITTING))[0].status == 200


def test_a_session_that_holds_more_already_can_be_read_counted_and_made_smaller(site: Site) -> None:
    visitor = site.signed_in(a=FITTING, b=FITTING, n=1)

    for change in (len, lambda handle: handle.increment("n"), lambda handle: handle.update(b=HALF)):
        assert site.visit(visitor, change)[0].status == 200
    assert site.visit(visitor, lambda handle: handle.update(b=HALF + "x"))[0].status == 413
    assert site.data_of(visitor) == {"a": FITTING, "b": HALF, "n": 2}
