"""Pointers and objects that are not as the store wrote them: a typed error without content. The session can end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from session_store import IncidentName, JSONObject, SessionStore, StoreConfigurationError, UnreadableDataError
from session_store.encryption import Encryption, FernetKeyring
from session_store.large_data import LargeData
from session_store.large_data.pointers import key_of, replaced_keys
from session_store.storage.attribute_values import Item
from tests.support.bucket import refusal
from tests.support.forms import KEY
from tests.unit.large_data.conftest import LARGE, TABLE, Place, Steps


def member(name: str, value: Any) -> Callable[[Item], Item]:
    return lambda row: {"data": {"M": row["data"]["M"] | {name: value}}}


def of_another(place: Place) -> Callable[[Item], Item]:
    return lambda _: {"data": place.row(place.store().create_session("bob", data=LARGE).session.session_id)["data"]}


def of_its_child(place: Place) -> Callable[[Item], Item]:
    def changed(row: Item) -> Item:
        session_id = row["PK"]["S"].rpartition("#")[2]
        child = place.store().create_child_session(session_id, data=LARGE).child.child_session_id
        return {"data": next(each["data"] for key, each in place.rows.items() if child in key[1])}

    return changed


def above(row: Item) -> Item:
    session_id = row["data"]["M"]["key"]["S"].partition("/")[0]
    return member("key", {"S": f"{session_id}/../other/1-{'0' * 32}"})(row)


ROWS: dict[str, Callable[[Place], Callable[[Item], Item]]] = {
    "of another session": of_another,
    "of its child session": of_its_child,
    "of a longer object": lambda _: member("bytes", {"N": "3001"}),
    "of a shorter object": lambda _: member("bytes", {"N": "3"}),
    "of an object that is too large": lambda _: member("bytes", {"N": str(2**40)}),
    "of another digest": lambda _: member("sha256", {"B": b"\0" * 32}),
    "with a short digest": lambda _: member("sha256", {"B": b""}),
    "with text for a length": lambda _: member("bytes", {"S": "many"}),
    "with no key": lambda _: member("key", {"N": "1"}),
    "with a key above its own": lambda _: above,
    "that is no map": lambda _: lambda _: {"data": {"S": "x"}},
    "with an unknown codec": lambda _: lambda _: {"data_codec": {"S": "s?"}},
    "with the codec of compressed data": lambda _: lambda _: {"data_codec": {"S": "sz"}},
    "with the codec of encrypted data": lambda _: lambda _: {"data_codec": {"S": "se"}},
}


@pytest.mark.shows("T131")
@pytest.mark.parametrize("kind", ROWS)
def test_a_wrong_pointer_is_a_typed_error_and_its_session_can_be_ended(place: Place, kind: str) -> None:
    created = place.store().create_session("ana", data=LARGE)
    session_id = created.session.session_id
    place.change_row(session_id, **ROWS[kind](place)(place.row(session_id)))

    refused_and_ended(place, created.token, session_id)


OBJECTS: dict[str, Callable[[bytes], bytes | None]] = {
    "gone": lambda _: None,
    "truncated": lambda content: content[:-1],
    "longer": lambda content: content + b" ",
    "changed": lambda content: content.replace(b"n", b"m", 1),
    "empty": lambda _: b"",
}


@pytest.mark.shows("T131")
@pytest.mark.parametrize("kind", OBJECTS)
def test_a_wrong_object_is_a_typed_error_and_its_session_can_be_ended(place: Place, kind: str) -> None:
    created = place.store().create_session("ana", data=LARGE)
    ((key, content),) = place.bucket.objects.items()
    changed = OBJECTS[kind](content)
    place.bucket.objects = {} if changed is None else {key: changed}

    refused_and_ended(place, created.token, created.session.session_id)


@pytest.mark.parametrize("content", [b"[1]", b"\xff", b'{"a":', b"[" * 100_000, b"null"], ids=repr)
def test_rubbish_with_a_digest_that_fits_is_a_typed_error(place: Place, content: bytes) -> None:
    created = place.store().create_session("ana", data=LARGE)
    session_id = created.session.session_id
    row = place.row(session_id)
    place.bucket.objects = {**place.bucket.objects, str(key_of(row)): content}
    members = {"bytes": {"N": str(len(content))}, "sha256": {"B": hashlib.sha256(content).digest()}}
    place.change_row(session_id, data={"M": row["data"]["M"] | members})

    refused_and_ended(place, created.token, session_id)


def refused_and_ended(place: Place, token: str, session_id: str) -> None:
    for read in (
        lambda: place.store().validate(token),
        lambda: place.store().get_session(session_id),
        lambda: place.store().update_data(session_id, {"more": 1}),
        lambda: place.store().get_customer_sessions("ana").sessions[0].data,
    ):
        with pytest.raises(UnreadableDataError) as error:
            read()
        assert "n" * 10 not in str(error.value)
        assert error.value.session_id == session_id
    assert place.row(session_id)["session_state"]["S"] == "active"
    assert place.store().end_session(session_id)
    assert place.store().erase_customer("ana").cursor is None


def test_a_store_without_large_data_says_what_it_lacks(place: Place) -> None:
    created = place.store().create_session("ana", data=LARGE)
    without = SessionStore(TABLE, dynamodb_client=place.client, clock=place.clock)

    reads: list[Callable[[], object]] = [
        lambda: without.validate(created.token),
        lambda: without.get_session(created.session.session_id),
        lambda: without.update_data(created.session.session_id, {"more": 1}),
        lambda: without.increment(created.session.session_id, "visits"),
    ]
    for read in reads:
        with pytest.raises(UnreadableDataError, match="it is in S3: give the store large_data"):
            read()
    assert place.store().validate(created.token).data == LARGE
    assert without.end_session(created.session)


@pytest.mark.parametrize("data", [{}, LARGE], ids=["in the row", "in S3"])
def test_a_store_without_encryption_lists_no_session_whose_client_is_encrypted(place: Place, data: JSONObject) -> None:
    encryption = Encryption(FernetKeyring(KEY), store_id="shop")
    created = place.store(encryption=encryption).create_session("ana", data=data, client="Firefox")
    without = place.store()

    assert not without.get_customer_sessions("ana").sessions
    assert [each.name for each in place.incidents] == [IncidentName.UNREADABLE_ROW]
    with pytest.raises(UnreadableDataError):
        without.validate(created.token)


@pytest.mark.parametrize("code", ["AccessDenied", "NoSuchBucket", "PermanentRedirect", "InvalidAccessKeyId"])
def test_a_bucket_that_refuses_is_a_fault_and_no_empty_data(place: Place, code: str) -> None:
    created = place.store().create_session("ana", data=LARGE)

    def refuse() -> None:
        raise refusal(code, 403)

    with pytest.raises(StoreConfigurationError, match=f"GetObject: {code}.*the bucket, its account and region"):
        Steps(place, "get_object", before=refuse).store().validate(created.token)
    with pytest.raises(StoreConfigurationError, match=f"PutObject: {code}.*the bucket, its account and region"):
        Steps(place, "put_object", before=refuse).store().increment(created.session, "visits")
    assert place.store().validate(created.token).data == LARGE


def test_requests_carry_the_account_that_the_bucket_has_to_belong_to(place: Place) -> None:
    owners = []

    def noting(_: str, answer: Callable[..., Any], parameters: dict[str, Any]) -> Any:
        owners.append(parameters["ExpectedBucketOwner"])
        return answer(**parameters)

    place.bucket.around = noting
    large_data = LargeData("large-data", expected_bucket_owner="111122223333", threshold=1024, client=place.bucket)
    store = SessionStore(TABLE, dynamodb_client=place.client, clock=place.clock, large_data=large_data)
    store.get_session(store.create_session("ana", data=LARGE).session.session_id)
    store.erase_customer("ana")

    assert owners == ["111122223333"] * 4


def test_the_stream_function_deletes_no_object_of_another_session(place: Place) -> None:
    one, other = (place.store().create_session("ana", data=LARGE).session.session_id for _ in range(2))
    old, new = place.row(one), place.row(other)

    assert replaced_keys(old, None) == [key_of(old)]
    assert replaced_keys(old, {**old, "version": {"N": "2"}}) == []
    assert replaced_keys(None, old) == replaced_keys({**old, "data": new["data"]}, None) == []
    assert replaced_keys({**old, "data_codec": {"S": "z"}}, None) == replaced_keys({}, {}) == []
