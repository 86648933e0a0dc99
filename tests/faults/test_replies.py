"""Replies that are no replies, of all forms; every method under the usual ones is in `test_matrix`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from session_store import SessionStoreError, StoreConfigurationError, StoreUnavailableError
from session_store.storage import schema
from tests.support.engines import Memory
from tests.support.faults import FOREVER
from tests.support.methods import METHODS, attempt
from tests.support.scene import Scene, SignedIn, sign_in

# Without a checksum, all of these reach the SDK's parser.
NO_REPLIES = [
    b"[]",
    b"null",
    b'"text"',
    b"\xff",
    b"<html>Welcome to this hotel</html>",
    b"{}",
    b'{"Items": 7, "Item": 7, "Responses": 7, "UnprocessedItems": 7}',
    b'{"Items": [{"PK": {"B": 7}}], "Item": {"PK": {"B": "abc"}}}',
    b'{"Responses": {}, "UnprocessedKeys": {}}',
    b'{"Responses": {"another table": []}, "UnprocessedKeys": {}}',
    b'{"Items": [' + b'{"PK": {"L": [' * 500,
    b'{"Items": [{"PK": ' + b'{"M": {"a": ' * 900 + b'{"NULL": true}' + b"}}" * 900 + b"}]}",
]
ONE_OF_EACH_OPERATION = (
    "get_session",
    "get_session of a known customer",
    "get_customer_sessions",
    "create_session in place of one",
    "create_session, anonymous",
    "end_session read before",
    "erase_customer",
)


@pytest.mark.shows("T73")
@pytest.mark.parametrize("body", NO_REPLIES, ids=range(len(NO_REPLIES)))
@pytest.mark.parametrize("name", ONE_OF_EACH_OPERATION)
def test_what_is_no_reply_is_a_fault(scene: Scene, signed_in: SignedIn, name: str, body: bytes) -> None:
    scene.faults.garble(None, lambda _: body, with_checksum=False, times=FOREVER)

    error, result = attempt(lambda: METHODS[name](scene.store, signed_in))

    assert isinstance(error, StoreUnavailableError), (error, result)
    assert error.__cause__ is None  # it could quote the reply


@pytest.mark.shows("T73")
def test_a_reply_that_is_cut_off_brings_no_revoked_session_back(scene: Scene) -> None:
    signed_in = sign_in(scene.store)
    scene.faults.hide_from_index(signed_in.id)
    scene.store.end_customer_sessions("ana")
    scene.faults.garble("GetItem", lambda body: body[:-3], with_checksum=False, times=FOREVER)

    with pytest.raises(StoreUnavailableError):
        scene.store.validate(signed_in.token, strict=True)


@pytest.mark.parametrize("garbled", [lambda body: body[:-3], lambda _: b"Forbidden"], ids=["cut", "a proxy's"])
def test_a_refusal_that_arrives_garbled_is_asked_for_again(
    scene: Scene, signed_in: SignedIn, garbled: Callable[[bytes], bytes]
) -> None:
    scene.other.end_session(signed_in.id)
    scene.faults.garble("UpdateItem", garbled, with_checksum=False)

    assert scene.store.end_session(signed_in.root.session) is False


def test_a_refusal_with_a_code_of_no_other_meaning_does_not_ask_to_try_again(scene: Scene, signed_in: SignedIn) -> None:
    scene.faults.refuse(None, "UnknownOperationException", times=FOREVER)

    with pytest.raises(StoreConfigurationError, match=r"refuses it \(UnknownOperationException\)"):
        scene.store.get_session(signed_in.id)


def test_a_cancellation_with_too_few_reasons_is_a_fault(scene: Scene, signed_in: SignedIn) -> None:
    reasons = b'{"__type": "TransactionCanceledException", "CancellationReasons": [{"Code": "ConditionalCheckFailed"}]}'
    scene.other.end_session(signed_in.id)
    scene.faults.garble("TransactWriteItems", lambda _: reasons, with_checksum=False, times=FOREVER)

    with pytest.raises(StoreUnavailableError):
        scene.store.create_child_session(signed_in.root.session)


@pytest.mark.parametrize("engine", [Memory("memory")], indirect=True, ids=["botocore"])
def test_a_client_that_is_handed_in_is_changed_for_the_store_alone(scene: Scene, signed_in: SignedIn) -> None:
    scene.faults.garble(None, lambda body: body.replace(b"tea", b"rum"), with_checksum=True, times=FOREVER)

    with pytest.raises(SessionStoreError):
        scene.store.get_session(signed_in.id)

    key = {name: {"S": scene.rows(schema.session_partition_key(signed_in.id))[0][name]} for name in ("PK", "SK")}
    assert "rum" in str(scene.disturbed_client.get_item(TableName=scene.table_name, Key=key))
