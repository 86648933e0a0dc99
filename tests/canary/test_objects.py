"""Objects that callers hold: how they print, how they are pickled, and what errors say of what they refuse."""

from __future__ import annotations

import dataclasses
import json
import pickle
from collections.abc import Callable
from typing import Any, cast

import pytest

from session_store import InvalidInputError, SessionStore, SessionStoreError, ThrottledError, tokens
from session_store.web import current_session, session
from tests.canary.marks import DATA_NEEDLES, KEY, MARKED_DATA, VALUE, MarkedTokens, found
from tests.canary.requests import stolen
from tests.canary.subjects import MARKED_METHODS, marked
from tests.canary.witness import Witness
from tests.support.lambda_events import behind
from tests.support.scene import Scene, children_of
from tests.support.visitor import visitor_with


def test_no_object_shows_a_token_or_data(scene: Scene, store: SessionStore, witness: Witness) -> None:
    signed_in = marked(scene)
    presented = tokens.parse(signed_in.token)
    page = store.get_customer_sessions("ana")
    read = store.validate(signed_in.token)
    witness.saw(
        "an object", signed_in.root, signed_in.under, read, page, store, presented, presented.successor(bytes(32), 1, 0)
    )
    witness.saw("an object", store.get_child_sessions(signed_in.id), store.rotate(signed_in.token))
    witness.saw("an object", store._context.storage.rows().children(signed_in.id, limit=10))


def test_the_current_session_shows_neither(scene: Scene, store: SessionStore, witness: Witness) -> None:
    @session(store=store)
    def handler(event: dict[str, Any], context: object) -> str:
        visit = current_session()
        assert visit[KEY] == VALUE
        witness.saw("the current session", visit, visit["nested"] is not None)
        return ""

    assert visitor_with(behind(handler), marked(scene).token).get().status == 200


def test_a_pickled_session_holds_its_data_but_nothing_of_its_token(
    scene: Scene, store: SessionStore, tokens: MarkedTokens
) -> None:
    signed_in = marked(scene)
    session = store.validate(signed_in.token)
    (child,) = children_of(store, signed_in.id) or ()
    copies = "".join(pickle.dumps(each, protocol=0).decode("latin-1") for each in (session, child))
    fields = repr([dataclasses.asdict(each) for each in (session, child)])

    assert VALUE in copies
    assert VALUE in fields
    assert not found({**tokens.needles, **tokens.hash_needles}, copies + fields)


@pytest.mark.parametrize("name", MARKED_METHODS)
def test_a_pickled_error_holds_neither(scene: Scene, store: SessionStore, tokens: MarkedTokens, name: str) -> None:
    signed_in = marked(scene)
    scene.faults.throttle(times=1000)
    with pytest.raises(SessionStoreError) as error:
        MARKED_METHODS[name](store, signed_in)

    pickled = str(error.value.__reduce__()) + repr(error.value.__getstate__())

    assert isinstance(error.value, ThrottledError | SessionStoreError)
    assert not found({**tokens.needles, **tokens.hash_needles, **DATA_NEEDLES}, pickled)


REFUSED: dict[str, Callable[[str], Any]] = {
    "a set": lambda value: {value},
    "too large": lambda value: [value] * 40_000,
    "an empty key": lambda value: {"": value},
    "not a number": lambda value: [value, float("nan")],
    "half a character": lambda value: f"{value}\ud800",
    "nested too deeply": lambda value: json.loads("[" * 40 + json.dumps(value) + "]" * 40),
    "bytes": lambda value: value.encode(),
    "a number too large": lambda value: [value, 10**50],
}


@pytest.mark.shows("T49")
@pytest.mark.parametrize("refused", REFUSED)
def test_data_that_is_refused_is_not_quoted(scene: Scene, store: SessionStore, witness: Witness, refused: str) -> None:
    """Neither its values nor its keys."""
    signed_in = marked(scene)
    value = REFUSED[refused](VALUE)
    calls: list[Callable[[], object]] = [
        lambda: store.create_session("ana", data={KEY: value}),
        lambda: store.create_child_session(signed_in.id, data={KEY: value}),
        lambda: store.update_data(signed_in.id, {KEY: value}),
        lambda: store.update_data(signed_in.id, {**MARKED_DATA, KEY: {KEY: value}}),
        lambda: store.replace_data(signed_in.id, {KEY: value}, version=1),
    ]
    for call in calls:
        with witness.raises(InvalidInputError):
            call()


@pytest.mark.shows("T51")
def test_an_argument_that_holds_a_token_is_refused_before_any_call(
    scene: Scene, store: SessionStore, witness: Witness
) -> None:
    signed_in = marked(scene)
    scene.faults.clear()
    for token in (signed_in.token, signed_in.child_token, stolen(signed_in.token), signed_in.token[:50]):
        for call in (
            store.get_session,
            lambda token: store.get_last_login_time(f"customer {token}"),
            lambda token: store.create_session(token.upper()),
            lambda token: store.create_session("ana", client=token),
        ):
            with witness.raises(InvalidInputError, match="must not be a token"):
                call(token)

    assert scene.faults.calls == []


def test_values_of_other_types_are_not_quoted_when_a_token_is_in_them(
    scene: Scene, store: SessionStore, witness: Witness
) -> None:
    token = marked(scene).token
    wrong = cast("Any", [token])
    for call in (
        lambda: store.get_session(wrong),
        lambda: store.get_customer_sessions("ana", limit=wrong),
        lambda: store.get_customer_sessions("ana", cursor=token),
        lambda: store.create_session("ana", timeouts=wrong),
        lambda: store.validate(token, max_auth_age=wrong),
        lambda: store.increment("an-id", cast("Any", token.encode())),
        lambda: store.increment("an-id", "visits", wrong),
    ):
        with witness.raises(SessionStoreError, AttributeError):
            call()
