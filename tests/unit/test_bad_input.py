"""Bad input is a typed error that names field and value, before anything is sent to AWS."""

from __future__ import annotations

import time
from collections import UserDict, deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import inf, nan
from types import MappingProxyType
from typing import Any

import boto3
import pytest

from session_store import DataTooLargeError, InvalidInputError, SessionStore, Timeouts

_UNFIT: list[Any] = [
    *("", "a\x00b", "line\nbreak", "\x7f", "\x85", "\ud800", "a\udfff"),
    *("a\u2028b", "\u2029", "\u202ecba", "\u202a", "\u2066a\u2069", "\u2067", "\u200ea", "a\u200f", "\u061c"),
    *(None, 7, b"a"),
]
BAD_CUSTOMER_IDS: list[Any] = [*_UNFIT, "a" * 513, "é" * 501, "\U0001f600" * 251]
BAD_IDS: list[Any] = [*_UNFIT, "a" * 129, "a#b", "#"]
GOOD_ID = "018812a0-0000-7000-8000-000000000000"


class NoCalls:
    """A DynamoDB client that must not be used."""

    def __getattr__(self, name: str) -> Any:
        return lambda **_: pytest.fail(f"{name} was called")


def new_store(table_name: Any = "sessions", **arguments: Any) -> SessionStore:
    return SessionStore(table_name, **{"dynamodb_client": NoCalls()} | arguments)


@pytest.fixture
def store() -> SessionStore:
    return new_store()


Call = Callable[[SessionStore, Any], object]
# By method and field; each takes a store and an id.
TAKING_AN_ID: dict[str, Call] = {
    "get_session session_id": lambda store, bad: store.get_session(bad),
    "get_session of_customer session_id": lambda store, bad: store.get_session(bad, customer_id="ana"),
    "get_child_sessions session_id": lambda store, bad: store.get_child_sessions(bad),
    "create_child_session session_id": lambda store, bad: store.create_child_session(bad),
    "update_data session_id": lambda store, bad: store.update_data(bad, {}),
    "save_changes session_id": lambda store, bad: store.save_changes(bad, {}),
    "replace_data session_id": lambda store, bad: store.replace_data(bad, {}, version=1),
    "increment session_id": lambda store, bad: store.increment(bad, "visits"),
    "extend_session session_id": lambda store, bad: store.extend_session(bad),
    "end_session session_id": lambda store, bad: store.end_session(bad),
    "end_child_session session_id": lambda store, bad: store.end_child_session(bad, GOOD_ID),
    "get_session_by_child child_session_id": lambda store, bad: store.get_session_by_child(bad),
    "end_child_session child_session_id": lambda store, bad: store.end_child_session(GOOD_ID, bad),
    "get_customer_sessions customer_id": lambda store, bad: store.get_customer_sessions(bad),
    "get_last_login_time customer_id": lambda store, bad: store.get_last_login_time(bad),
    "end_customer_sessions customer_id": lambda store, bad: store.end_customer_sessions(bad),
    "erase_customer customer_id": lambda store, bad: store.erase_customer(bad),
}
WITH_AN_OPTIONAL_ID: dict[str, Call] = {
    "create_session customer_id": lambda store, bad: store.create_session(bad),
    "get_session customer_id": lambda store, bad: store.get_session(GOOD_ID, customer_id=bad),
    "create_child_session customer_id": lambda store, bad: store.create_child_session(GOOD_ID, customer_id=bad),
    "update_data customer_id": lambda store, bad: store.update_data(GOOD_ID, {}, customer_id=bad),
    "increment customer_id": lambda store, bad: store.increment(GOOD_ID, "visits", customer_id=bad),
    "extend_session customer_id": lambda store, bad: store.extend_session(GOOD_ID, customer_id=bad),
    "end_session customer_id": lambda store, bad: store.end_session(GOOD_ID, customer_id=bad),
    "end_customer_sessions except_session_id": lambda s, bad: s.end_customer_sessions("ana", except_session_id=bad),
    "create_child_session audience": lambda store, bad: store.create_child_session(GOOD_ID, audience=bad),
    "validate audience": lambda store, bad: store.validate("any token", child=True, audience=bad),
}


# By field: a call, and values that it refuses.
async def later(_: object) -> None:
    """No function that an observer can be."""


OTHER_ARGUMENTS: dict[str, tuple[Call, list[Any]]] = {
    "key": (lambda store, bad: store.increment(GOOD_ID, bad), ["", None, 7]),
    "by": (lambda store, bad: store.increment(GOOD_ID, "visits", bad), [True, "1", None, nan, inf, 10**38]),
    "version": (lambda store, bad: store.replace_data(GOOD_ID, {}, version=bad), [0, -1, True, "1", None, 1.0]),
    "activity": (
        lambda store, bad: store.validate("any token", activity=bad),
        ["", "None", None, True, ["none"]],
    ),
    "client": (lambda store, bad: store.create_session("ana", client=bad), ["x" * 513, "tab\there", "\ud800", 7]),
    "replaces": (lambda store, bad: store.create_session("ana", replaces=bad), [5, b"v1", ("a", "token")]),
    "carry_data": (lambda store, bad: store.create_session(replaces="v1.token", carry_data=bad), ["yes", 1, None]),
    "idempotency_key": (
        lambda store, bad: store.create_session("ana", idempotency_key=bad),
        ["", "x" * 256, "é", "a\nb", 7, b"key"],
    ),
    "ends_with_browser": (lambda store, bad: store.create_session("ana", ends_with_browser=bad), ["yes", 1, None]),
    "with_data": (lambda store, bad: store.validate_and_rotate("any token", with_data=bad), ["no", 0, None]),
    "timeouts": (
        lambda store, bad: store.create_session("ana", timeouts=bad),
        [5, timedelta(minutes=5), {"idle": timedelta(minutes=5)}],
    ),
    "idle": (
        lambda _, bad: Timeouts(idle=bad),
        [*(timedelta(seconds=bad) for bad in (0, -1, 1.5)), 300, timedelta(hours=13)],
    ),
    "absolute": (lambda _, bad: Timeouts(absolute=bad), [timedelta(0), timedelta(days=401), None]),
    "max_auth_age": (
        lambda store, bad: store.validate("any token", max_auth_age=bad),
        [*(timedelta(seconds=bad) for bad in (-1, 1.5)), 300, timedelta(days=401)],
    ),
    "required_acr": (
        lambda store, bad: store.validate("any token", required_acr=bad),
        ["", (), [""], ["gold", None], 5, b"gold", "a b", 'a"b', "a\\b", "é", "x" * 129],
    ),
    # Only a child has one.
    "audience": (lambda store, bad: store.validate("any token", child=False, audience=bad), ["shop"]),
    "table_name": (
        lambda _, bad: new_store(bad),
        ["", None, 7, "two words", "sessions\n", "x" * 256, "arn:aws:dynamodb:\n"],
    ),
    "settings": (lambda _, bad: new_store(settings=bad), [None, Timeouts()]),
    "on_incident": (lambda _, bad: new_store(on_incident=bad), [5, None]),
    "observer": (lambda _, bad: new_store(observer=bad), [5, "print", later]),
    "clock": (lambda _, bad: new_store(clock=bad), [5, datetime]),
    "dynamodb_client": (lambda _, bad: new_store(dynamodb_client=bad), ["dynamodb", ""]),
    "region_name": (lambda _, bad: new_store(region_name=bad), [5]),
    "endpoint_url": (lambda _, bad: new_store(endpoint_url=bad), [5]),
}
PAGED = pytest.mark.parametrize(
    "method",
    [
        *(SessionStore.get_child_sessions, SessionStore.get_customer_sessions),
        *(SessionStore.end_customer_sessions, SessionStore.erase_customer),
    ],
)
TAKING_DATA: dict[str, Call] = {
    "create_session": lambda store, bad: store.create_session("ana", data=bad),
    "create_child_session": lambda store, bad: store.create_child_session(GOOD_ID, data=bad),
    "update_data": lambda store, bad: store.update_data(GOOD_ID, bad),
    "save_changes": lambda store, bad: store.save_changes(GOOD_ID, bad),
    "replace_data": lambda store, bad: store.replace_data(GOOD_ID, bad, version=1),
}


def refused(call: Callable[[], object], field: str) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as error:
        call()
    assert error.value.field == field
    assert isinstance(error.value, ValueError)
    str(error.value).encode()
    return error.value


def with_bad_ids(calls: dict[str, Call]) -> pytest.MarkDecorator:
    """Each call with each id that its argument must not be."""
    bad = {call: BAD_CUSTOMER_IDS if call.endswith("customer_id") else BAD_IDS for call in calls}
    return pytest.mark.parametrize(("call", "bad"), [(call, each) for call in calls for each in bad[call]], ids=repr)


@pytest.mark.shows("T41")
@with_bad_ids(TAKING_AN_ID)
def test_a_bad_id_is_refused(store: SessionStore, call: str, bad: Any) -> None:
    refused(lambda: TAKING_AN_ID[call](store, bad), call.rsplit(maxsplit=1)[-1])


@with_bad_ids(WITH_AN_OPTIONAL_ID)
def test_a_bad_optional_id_is_refused(store: SessionStore, call: str, bad: Any) -> None:
    if bad is not None:
        refused(lambda: WITH_AN_OPTIONAL_ID[call](store, bad), call.rsplit(maxsplit=1)[-1])


def test_an_id_that_is_too_long_is_refused_with_its_length(store: SessionStore) -> None:
    for bad, length in (("a" * 513, "1 to 512 characters, has 513"), ("é" * 501, "1000 bytes of UTF-8, has 1002")):
        assert length in str(refused(lambda bad=bad: store.create_session(bad), "customer_id"))  # type: ignore[misc]


@pytest.mark.parametrize(
    ("field", "bad"),
    [(field, bad) for field, (_, values) in OTHER_ARGUMENTS.items() for bad in values],
    ids=lambda value: getattr(value, "__name__", repr(value)),
)
def test_a_bad_argument_is_refused(store: SessionStore, field: str, bad: Any) -> None:
    refused(lambda: OTHER_ARGUMENTS[field][0](store, bad), field)


@pytest.mark.parametrize(
    "method", [SessionStore.get_child_sessions, SessionStore.get_customer_sessions, SessionStore.erase_customer]
)
@pytest.mark.parametrize("bad", [101, None])
def test_a_page_has_a_limit_of_at_most_100(store: SessionStore, method: Callable[..., object], bad: Any) -> None:
    refused(lambda: method(store, "ana", limit=bad), "limit")


@pytest.mark.parametrize("bad", [0, -1, 1001, True, 1.5, "10"])
@PAGED
def test_a_bad_limit_is_refused(store: SessionStore, method: Callable[..., object], bad: Any) -> None:
    error = refused(lambda: method(store, "ana", limit=bad), "limit")

    assert "1 to 100" in str(error)
    assert error.shown_value == repr(bad)


@pytest.mark.parametrize("bad", ["", "#", "suuid#1", "a" * 129, "\x00", "\ud800", 7])
@PAGED
def test_a_cursor_that_is_garbage_is_refused(store: SessionStore, method: Callable[..., object], bad: Any) -> None:
    refused(lambda: method(store, "ana", cursor=bad), "cursor")


def nested(levels: int) -> dict[str, Any]:
    """Data of so many levels of objects and lists."""
    value: Any = 1
    for level in range(levels - 1):
        value = [value] if level % 2 else {"k": value}
    return {"k": value}


NO_JSON_OBJECTS: dict[str, list[Any]] = {
    "": [[], "text", 7, {1: "a"}, {"": "a"}],
    "/a": [
        *({"a": bad} for bad in (nan, 10**38, 1e130, 1e-140, "\ud800", {1, 2}, {"": 1})),
        *({"a": bad} for bad in (bytearray(b"bytes"), b"bytes", datetime(2023, 5, 12, tzinfo=UTC))),
        MappingProxyType({"a": {1: 2}}),
    ],
    "/a/1": [{"a": [1, inf]}, {"a": (1, {2})}],
    "/a/b": [{"a": {"b": -inf}}, {"a": MappingProxyType({"b": b""})}],
    "/k" + "/0/k" * 14 + "/0": [nested(31)],
}


@pytest.mark.parametrize(
    ("pointer", "bad"), [(pointer, bad) for pointer, values in NO_JSON_OBJECTS.items() for bad in values], ids=repr
)
@pytest.mark.parametrize("method", TAKING_DATA)
def test_data_that_is_no_json_object_is_refused(store: SessionStore, method: str, bad: Any, pointer: str) -> None:
    error = refused(
        lambda: TAKING_DATA[method](store, bad), "changes" if method in {"update_data", "save_changes"} else "data"
    )

    assert (error.shown_value, error.pointer) == ("", pointer)


def test_data_that_refers_to_itself_is_refused(store: SessionStore) -> None:
    data: dict[str, Any] = {}
    data["self"] = data

    refused(lambda: store.create_session("ana", data=data), "data")


def test_any_mapping_is_an_object_and_any_sequence_an_array(session_store: SessionStore) -> None:
    given: Any = MappingProxyType({"cart": ("tea", deque([1, 2])), "user": UserDict({"tags": range(2)}), "text": "ab"})
    plain = {"cart": ["tea", [1, 2]], "user": {"tags": [0, 1]}, "text": "ab"}

    created = session_store.create_session("ana", data=given)
    child = session_store.create_child_session(created.session, data=given).child
    changed = session_store.update_data(created.session, MappingProxyType({"user": UserDict({"tags": None})}))
    replaced = session_store.replace_data(changed, given, version=changed.version)

    for data in (created.session.data, child.data, replaced.data):
        assert data == plain
        assert (type(data["cart"]), type(data["user"])) == (list, dict)
    assert changed.data == plain | {"user": {}}


def test_thirty_levels_are_fine(session_store: SessionStore) -> None:
    created = session_store.create_session("ana", data=nested(30))

    assert session_store.validate(created.token).data == nested(30)


def test_the_message_says_on_which_level_but_neither_key_nor_value(store: SessionStore) -> None:
    with pytest.raises(InvalidInputError) as error:
        store.create_session("ana", data={"patients": {"ben@example.com HIV+": [nan, "confidential"]}})

    assert str(error.value) == "data: must be a finite number, not NaN or infinity (at level 3)"
    assert repr(error.value) == f"InvalidInputError({str(error.value)!r})"
    assert error.value.pointer == "/patients/ben@example.com HIV+/0"


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        (["a/b", "~"], "/a~1b/~0"),
        (["a", "k" * 252, "b"], f"/a/{'k' * 252}"),
        (["a", "k" * 253, "b"], f"/a/{'k' * 253}"),
        (["a", "k" * 254, "b"], "/a"),
        (["a", "/" * 200], "/a"),
        (["k" * 100_000, "b"], ""),
        (["v1.018812a0-0000-7000-8000-000000000000.family.secret", "b"], "/<token>/b"),
    ],
    ids=["escaped", "short enough", "as long as may be", "too long", "too long escaped", "far too long", "a token"],
)
def test_a_pointer_is_bounded_and_leads_at_least_near_the_place(
    store: SessionStore, path: list[str], pointer: str
) -> None:
    data: Any = nan
    for key in reversed(path):
        data = {key: data}

    assert refused(lambda: store.create_session("ana", data=data), "data").pointer == pointer


def test_no_message_quotes_what_could_hold_data(store: SessionStore) -> None:
    secret: Any = {"iban": "confidential"}
    calls: list[Callable[[], object]] = [
        lambda: store.get_session(secret),
        lambda: store.get_customer_sessions("ana", limit=secret),
        lambda: store.increment(GOOD_ID, secret),
        lambda: store.increment(GOOD_ID, "confidential\ud800"),
        lambda: store.increment(GOOD_ID, "visits", secret),
        lambda: store.replace_data(GOOD_ID, {}, version=[secret]),  # type: ignore[arg-type]
        lambda: store.create_session("ana", client=(secret,)),  # type: ignore[arg-type]
    ]
    for call in calls:
        with pytest.raises(InvalidInputError) as error:
            call()
        assert "confidential" not in f"{error.value!r}{vars(error.value)}"
        assert "iban" not in f"{error.value!r}{vars(error.value)}"


@pytest.mark.parametrize(
    "bad",
    ["x" * 1_000_000, 10**5000, b"x" * 1_000_000, ["x"] * 1_000_000, "\ud800" * 1_000_000],
    ids=["text", "a number that Python refuses to print", "bytes", "list", "half characters"],
)
def test_no_message_is_long_for_any_input(store: SessionStore, bad: Any) -> None:
    for call in (store.get_session, lambda bad: store.get_customer_sessions("ana", limit=bad)):
        with pytest.raises(InvalidInputError) as error:
            call(bad)
        assert len(str(error.value)) < 200


def test_an_item_over_399_kb_is_refused_with_its_size(store: SessionStore) -> None:
    with pytest.raises(DataTooLargeError) as error:
        store.create_session(data={"blob": "x" * 500_000})

    assert error.value.field == "data"
    assert error.value.size > 500_000
    assert error.value.limit == 399 * 1024
    assert "xxx" not in str(error.value)


HALF_A_MEGABYTE = "k" * 500_000


@pytest.mark.shows("T12")
@pytest.mark.parametrize(
    "data",
    [
        {"a": [1] * 1_000_000},
        {"a": [[[]]] * 1_000_000},
        {"a": ["é"] * 1_000_000},
        {HALF_A_MEGABYTE: [1] * 1_000_000},
        {HALF_A_MEGABYTE[:200_000]: dict.fromkeys(map(str, range(1_000_000)), 1)},
        {"a": {"b": [HALF_A_MEGABYTE] * 1_000_000}},
        {"a": range(10**30)},  # longer than `len` can say
    ],
    ids=["numbers", "lists", "texts", "a long key", "many keys", "long texts", "a range"],
)
@pytest.mark.parametrize("method", TAKING_DATA)
def test_data_is_looked_at_only_until_it_is_too_much(store: SessionStore, method: str, data: dict[str, Any]) -> None:
    started = time.process_time()

    with pytest.raises(DataTooLargeError) as error:
        TAKING_DATA[method](store, data)

    assert time.process_time() - started < 0.5
    assert error.value.size > 399 * 1024


def test_what_data_costs_to_check_does_not_grow_with_its_keys_times_its_members(store: SessionStore) -> None:
    def seconds(key: str) -> float:
        data = {key: [1] * 60_000 + [nan]}
        started = time.process_time()
        refused(lambda: store.create_session("ana", data=data), "data")
        return time.process_time() - started

    # As much as an item holds; with a path for each member, 12 GB of them, it takes seven times as long.
    assert min(seconds("k" * 200_000) for _ in range(3)) < 2 * min(seconds("k") for _ in range(3)) + 0.1


def test_what_a_patch_deletes_does_not_count(session_store: SessionStore) -> None:
    session = session_store.create_session("ana", data={"a": "x" * 1_000}).session

    saved = session_store.update_data(session, {"k" * 1_000 + str(number): None for number in range(500)} | {"a": 1})

    assert saved.data == {"a": 1}


def test_a_created_session_is_not_taken_for_its_token(session_store: SessionStore) -> None:
    created: Any = session_store.create_session()

    refused(lambda: session_store.create_session("ana", replaces=created), "replaces")


def test_timeouts_that_are_equal_or_at_the_limits_are_fine() -> None:
    Timeouts(idle=timedelta(seconds=1), absolute=timedelta(seconds=1))
    Timeouts(idle=timedelta(days=400), absolute=timedelta(days=400))


def test_what_boto3_calls_a_table_is_no_client() -> None:
    table: Any = boto3.resource("dynamodb", region_name="us-east-1").Table("sessions")

    error = refused(lambda: SessionStore("sessions", dynamodb_client=table), "dynamodb_client")

    assert "batch_get_item" in str(error)


@pytest.mark.parametrize("version", ["v1", "v2", "v10", "V2"])
def test_a_token_of_any_version_in_the_place_of_something_else_is_refused_and_not_shown(
    session_store: SessionStore, version: str
) -> None:
    token = f"{version}.{session_store.create_session().token[3:]}"

    with pytest.raises(InvalidInputError) as refused_:
        session_store.create_session(token)
    with pytest.raises(InvalidInputError) as shown:
        session_store.validate(token, activity=token)  # type: ignore[call-overload]

    assert "<token>" in str(shown.value)
    assert not [error for error in (refused_, shown) if token[-20:] in f"{error.value}{error.value!r}"]


def test_nothing_is_carried_from_where_there_was_no_session(session_store: SessionStore) -> None:
    created = session_store.create_session("ana", data={"theme": "dark"}, replaces=None, carry_data=True)

    assert created.session.data == {"theme": "dark"}
