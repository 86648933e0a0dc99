"""session-lambda's way of use: what its documentation promises holds here."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from decimal import Decimal
from functools import reduce
from threading import Barrier
from typing import Any

import pytest

from session_store import InvalidInputError, InvalidTokenError, NoCurrentSessionError
from session_store.session_lambda import SessionStoreNotSet, get_session_data, session, set_session_data
from tests.support.faults import FOREVER
from tests.support.lambda_events import Payload, event, get
from tests.support.scene import START, Scene

Handler = Callable[[Any, Any], Any]
DEEP: list[Any] = reduce(lambda inner, _: [inner], range(100_000), [])


def doing(scene: Scene, *actions: Callable[[], object], **rules: Any) -> Handler:
    """A handler that does this, one after the other, and answers with headers."""

    @session(store=scene.store, **rules)
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        for action in actions:
            action()
        return {"headers": {}}

    return handler


def setting(scene: Scene, seen: list[Any], value: Any) -> Handler:
    """A handler that sets this at each call."""
    return doing(scene, lambda: seen.append(get_session_data()), lambda: set_session_data(value), update=True)


def counting(scene: Scene, seen: list[Any], **rules: Any) -> Handler:
    """The handler of its README."""

    def count() -> None:
        seen.append(get_session_data())
        set_session_data((get_session_data() or 0) + 1)

    return doing(scene, count, **rules)


def call(handler: Handler, token: str | None = None, name: str = "session-id") -> str:
    """A call with the id of the one before; returns the answer's."""
    answer = handler(get(headers={} if token is None else {name: token}), None)
    return str(answer["headers"][name])


@pytest.mark.parametrize(("update", "expected"), [(False, [None, 1, 1, 1, None]), (True, [None, 1, 2, 3, None])])
def test_its_readme_comes_out_as_it_says(scene: Scene, *, update: bool, expected: list[int | None]) -> None:
    seen: list[Any] = []
    handler = counting(scene, seen, update=update)

    token = call(handler)
    for _ in range(3):
        assert call(handler, token) == token
    call(handler)

    assert seen == expected


def test_later_calls_write_only_with_update_and_a_value_that_changed(scene: Scene) -> None:
    same = setting(scene, [], {"same": [1, 2.0]})
    for handler, written in ((counting(scene, []), []), (same, []), (counting(scene, [], update=True), ["UpdateItem"])):
        scene.faults.calls.clear()
        call(handler, call(handler))
        assert scene.faults.operations == ["PutItem", "Query", *written]


@pytest.mark.parametrize(
    "value",
    [
        *(0, 1.0, 0.1 + 0.2, 1e300, 10**40, "", "日本語", "null", True, False),
        *([], [1, None], {}, {"": 1, "a": {"b": None}}),
        *(Decimal("9.90"), Decimal("-1E+400"), b"", b"\x00\xff", set(), {1, 2.5}, {"b", "a"}, {Decimal(1), b"x", None}),
        {"total": Decimal("0.1"), "seen": [{"a"}, {"of": {"b"}}]},
        *({"$session_store": ["set", [1]]}, {"$session_store": None, "a": {"$session_store": {1}}}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_any_value_comes_back_as_it_was(scene: Scene, value: Any) -> None:
    seen: list[Any] = []
    handler = setting(scene, seen, value)

    call(handler, call(handler))

    assert seen == [None, value]
    assert type(seen[1]) is type(value)
    assert str(seen[1]) == str(value) or isinstance(value, set)


@pytest.mark.parametrize(("value", "back"), [((1, 2), [1, 2]), (frozenset("a"), {"a"}), (bytearray(b"x"), b"x")])
def test_a_value_that_cannot_be_told_from_another_comes_back_as_that(scene: Scene, value: Any, back: Any) -> None:
    seen: list[Any] = []
    handler = setting(scene, seen, value)

    call(handler, call(handler))

    assert (seen[1], type(seen[1])) == (back, type(back))


def test_a_set_that_is_set_again_in_another_order_is_no_change(scene: Scene) -> None:
    token = call(setting(scene, [], {f"word {number}" for number in range(50)}))
    scene.faults.calls.clear()

    call(setting(scene, [], {f"word {number}" for number in reversed(range(50))}), token)

    assert scene.faults.operations == ["Query"]


def test_a_value_can_be_changed_in_place_and_taken_back(scene: Scene) -> None:
    values: list[str] = []
    token: str | None = None

    for change in (
        lambda: set_session_data({"cart": []}),
        lambda: get_session_data()["cart"].append("tea"),
        lambda: set_session_data(None),
        lambda: None,
    ):
        token = call(doing(scene, lambda: values.append(json.dumps(get_session_data())), change, update=True), token)

    assert values == ["null", '{"cart": []}', '{"cart": ["tea"]}', "null"]


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        Decimal("Infinity"),
        object(),
        {"a": [START]},
        {1: "a"},
        {(1, 2)},
        {frozenset("a")},
        DEEP,
    ],
    ids=["NaN", "infinite", "object", "datetime", "a number as key", "a tuple in a set", "a set in a set", "deep"],
)
def test_what_would_not_come_back_is_refused(scene: Scene, value: Any) -> None:
    with pytest.raises(InvalidInputError, match="data: must be made of JSON values, Decimals, sets and bytes"):
        setting(scene, [], value)(get(), None)
    assert scene.all_rows() == []


# Ids


@pytest.mark.parametrize("chosen", ["my-own-id", "v1.x", "", "a" * 5000])
def test_an_id_that_the_client_has_chosen_gets_a_fresh_session(scene: Scene, chosen: str) -> None:
    seen: list[Any] = []
    token = call(counting(scene, seen), chosen)
    assert (token == chosen, seen) == (False, [None])
    assert scene.other.validate(token).customer_id is None


def test_an_ended_session_gets_a_fresh_one(scene: Scene) -> None:
    seen: list[Any] = []
    handler = counting(scene, seen)
    token = call(handler)
    scene.other.end_session(scene.other.validate(token))
    assert call(handler, token) != token
    assert seen == [None, None]


@pytest.mark.parametrize("sent", ["session-id", "Session-Id", "SESSION-ID"])
@pytest.mark.parametrize("payload", [Payload.HTTP_API, Payload.REST_API])
def test_the_headers_name_is_found_in_any_case(scene: Scene, sent: str, payload: Payload) -> None:
    seen: list[Any] = []
    handler = counting(scene, seen, update=True)
    token = call(handler)
    request = event("GET", {}, [], payload)
    request["headers"][sent] = token
    request.get("multiValueHeaders", {})[sent] = [token]
    handler(request, None)

    assert seen == [None, 1]


@pytest.mark.parametrize("option", ["id_key_name", "key_name"])
def test_the_header_can_have_another_name(scene: Scene, option: str) -> None:
    seen: list[Any] = []
    handler = counting(scene, seen, update=True, **{option: "X-My-Session"})
    call(handler, call(handler, name="X-My-Session"), name="X-My-Session")

    assert seen == [None, 1]


def test_its_settings_can_be_given_by_their_places(scene: Scene) -> None:
    seen: list[Any] = []

    @session(None, "X-My-Session", True, 100, store=scene.store)
    def handler(_event: object, _context: object) -> dict[str, Any]:
        seen.append(get_session_data())
        set_session_data((get_session_data() or 0) + 1)
        return {"headers": {}}

    token = call(handler, name="X-My-Session")
    call(handler, token, name="X-My-Session")
    scene.clock.advance(100)
    call(handler, token, name="X-My-Session")

    assert seen == [None, 1, None]


@pytest.mark.parametrize("name", ["", 5, True])
def test_what_is_no_name_of_a_header_is_refused_at_once(name: Any) -> None:
    with pytest.raises(InvalidInputError, match="id_key_name"):
        session(id_key_name=name)


# Time to live


DAY = 86_400


@pytest.mark.parametrize(
    ("ttl", "update", "waits", "alive"),
    [
        (100, False, [99], True),
        (100, False, [99, 1], False),
        (100, False, [60, 60], False),
        (100, True, [60, 60, 60], True),
        (100, True, [99, 100], False),
        (0, False, [399 * DAY], True),
        (0, False, [399 * DAY, DAY], False),
    ],
)
def test_a_session_lives_for_its_time_from_the_first_call_or_with_update_from_the_last(
    scene: Scene, ttl: int, waits: list[int], *, update: bool, alive: bool
) -> None:
    seen: list[Any] = []
    handler = counting(scene, seen, update=update, ttl=ttl)
    token = call(handler)
    for seconds in waits:
        scene.clock.advance(seconds)
        call(handler, token)

    assert (seen[-1] is not None) is alive


@pytest.mark.parametrize("ttl", [-1, 1.5, True, 400 * 86400 + 1])
def test_a_time_to_live_that_makes_no_sense_is_refused_at_once(ttl: Any) -> None:
    with pytest.raises(InvalidInputError, match="ttl"):
        session(ttl=ttl)


# Strangers


@pytest.mark.parametrize("sent", [{}, {"session-id": "v1.x"}])
@pytest.mark.parametrize("value", ["never set", None])
def test_nothing_is_stored_for_a_stranger_without_a_value_and_no_token_is_given(
    scene: Scene, sent: dict[str, str], value: str | None
) -> None:
    actions = [] if value else [lambda: set_session_data(None)]

    answer = doing(scene, *actions, update=True)(get(headers=sent), None)

    assert answer == {"headers": {"Cache-Control": "no-store", "Vary": "session-id"}}
    assert (scene.all_rows(), scene.faults.operations) == ([], [])


# Results


def remembering(scene: Scene, result: Any, **rules: Any) -> Handler:
    """A handler that sets a value and returns this."""

    @session(store=scene.store, **rules)
    def handler(_event: object, _context: object) -> Any:
        set_session_data(1)
        return result

    return handler


def test_an_answer_gets_the_header_beside_its_own(scene: Scene) -> None:
    result = {"statusCode": 200, "headers": {"X": "1", "Session-ID": "forged"}, "body": "x"}
    answer = remembering(scene, result)(get(), None)

    assert sorted(answer["headers"]) == ["Cache-Control", "Vary", "X", "session-id"]
    assert scene.other.validate(answer["headers"]["session-id"]).customer_id is None
    assert result["headers"] == {"X": "1", "Session-ID": "forged"}


@pytest.mark.shows("T14")
@pytest.mark.parametrize(
    "own",
    [
        {},
        {"headers": {"Cache-Control": "public, max-age=300", "vary": "Accept"}},
        {"headers": {"cache-control": "public"}, "multiValueHeaders": {"CACHE-CONTROL": ["public", "max-age=300"]}},
        {"multiValueHeaders": {"cache-control": ["public"], "Vary": ["Accept"], "X-Session": ["forged"]}},
    ],
    ids=["none", "headers", "both", "lists"],
)
@pytest.mark.parametrize("as_text", [False, True])
def test_an_answer_with_a_token_is_never_cached_even_if_the_handler_says_otherwise(
    scene: Scene, own: dict[str, Any], *, as_text: bool
) -> None:
    result = {"statusCode": 200, "body": "x"} | own
    returned = json.dumps(result) if as_text else result

    answer = remembering(scene, returned, id_key_name="X-Session")(get(), None)

    answer = json.loads(answer) if as_text else answer
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    assert scene.other.validate(headers.pop("x-session")).customer_id is None
    vary = "Accept, X-Session" if "Accept" in str(own) else "X-Session"
    assert headers == {"cache-control": "no-store", "vary": vary}
    assert "multiValueHeaders" not in answer


@pytest.mark.parametrize("result", [{"statusCode": 200}, {"headers": None}, '{"headers": {}}', '{"statusCode": 200}'])
def test_an_answer_without_headers_and_one_in_json_text_get_the_header(scene: Scene, result: Any) -> None:
    answer = remembering(scene, result)(get(), None)

    assert type(answer) is type(result)
    assert "session-id" in (json.loads(answer) if isinstance(answer, str) else answer)["headers"]


@pytest.mark.parametrize("result", [None, 7, "plain text", "{broken", '"text"', "[1]", '{"a": 1}', [1], {"a": 1}])
def test_what_has_no_place_for_a_header_passes_as_it_is(scene: Scene, result: Any) -> None:
    assert remembering(scene, result)(get(), None) is result


# Calls


def test_an_exception_leaks_nothing_into_the_next_call(scene: Scene) -> None:
    seen: list[Any] = []

    def fail() -> None:
        seen.append(get_session_data())
        set_session_data("of the one before")
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            call(doing(scene, fail, update=True))
    assert (seen, scene.all_rows()) == ([None, None], [])


@pytest.mark.parametrize("use", [get_session_data, lambda: set_session_data(1)])
def test_outside_of_a_call_there_is_no_session(use: Callable[[], object]) -> None:
    with pytest.raises(NoCurrentSessionError):
        use()


def test_a_thread_of_the_handlers_has_its_session_in_a_copy_of_the_context_alone(scene: Scene) -> None:
    def look() -> None:
        with ThreadPoolExecutor(1) as pool:
            with pytest.raises(NoCurrentSessionError):
                pool.submit(get_session_data).result()
            assert pool.submit(copy_context().run, get_session_data).result() == "mine"

    call(doing(scene, lambda: set_session_data("mine"), look))


def test_calls_in_parallel_threads_each_have_their_own_data(scene: Scene) -> None:
    meeting = Barrier(3)

    @session(store=scene.other)
    def handler(event: dict[str, Any], context: object) -> str:
        set_session_data(event["name"])
        meeting.wait(timeout=10)
        return str(get_session_data())

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda name: handler(get(name=name), None), "abc")) == list("abc")


def test_the_token_of_a_call_to_a_method_is_found(scene: Scene) -> None:
    class Handlers:
        @session(store=scene.store)
        def show(self, *_: object) -> int:
            return int(get_session_data())

        @session(store=scene.store)
        @classmethod
        def of_class(cls, *_: object) -> int:
            return int(get_session_data())

    token = scene.other.create_session(data={"json": "7"}).token

    for method in (Handlers().show, Handlers.of_class):
        assert method(get(headers={"session-id": token}), None) == 7


def test_of_two_calls_at_once_the_later_value_wins(scene: Scene) -> None:
    other = counting(scene, [], update=True)
    token = call(other)
    call(doing(scene, lambda: call(other, token), lambda: set_session_data("mine"), update=True), token)

    assert json.loads(str(scene.other.validate(token).data["json"])) == "mine"


# Faults


@pytest.mark.parametrize("sent", [None, "v1.x"])
def test_where_nothing_names_a_table_the_call_raises_what_session_lambda_raises(
    monkeypatch: pytest.MonkeyPatch, sent: str | None
) -> None:
    for variable in ("TABLE_NAME", "SESSION_LAMBDA_DYNAMODB_TABLE_NAME"):
        monkeypatch.delenv(variable, raising=False)
    handler = session(lambda *_: set_session_data(1))

    with pytest.raises(SessionStoreNotSet, match="SESSION_LAMBDA_DYNAMODB_TABLE_NAME or TABLE_NAME"):
        handler(get(headers={} if sent is None else {"session-id": sent}), None)


def test_a_table_that_is_not_there_is_answered_503(scene: Scene) -> None:
    scene.faults.refuse(None, "ResourceNotFoundException", times=FOREVER)

    assert counting(scene, [])(get(), None)["statusCode"] == 503


def test_a_fault_is_answered_503_and_never_with_a_fresh_session(scene: Scene) -> None:
    handler = counting(scene, [])
    token = call(handler)
    rows = scene.all_rows()
    scene.faults.throttle(times=FOREVER)
    answer = handler(get(headers={"session-id": token}), None)
    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "2")
    assert ("session-id" in answer["headers"], scene.all_rows()) == (False, rows)


def test_a_session_that_ends_while_the_handler_runs_is_not_written_to(scene: Scene) -> None:
    token = call(counting(scene, []))
    session = scene.other.validate(token)

    def end_and_set() -> None:
        assert get_session_data() == 1
        scene.other.end_session(session)
        set_session_data(2)

    assert doing(scene, end_and_set, update=True)(get(headers={"session-id": token}), None)["statusCode"] == 401
    with pytest.raises(InvalidTokenError):
        scene.other.validate(token)
