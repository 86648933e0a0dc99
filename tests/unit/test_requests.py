"""Requests to DynamoDB: consistent reads, conditional writes, no scan, and no secret."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.support.faults import ApiCall
from tests.support.methods import METHODS
from tests.support.scene import Scene, SignedIn

pytestmark = pytest.mark.parametrize("name", METHODS)
OPERATIONS = {"BatchGetItem", "BatchWriteItem", "GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem"}


@pytest.fixture
def calls(scene: Scene, signed_in: SignedIn, name: str) -> list[ApiCall]:
    """The requests of one method, at a moment at which an extension is due."""
    scene.clock.advance(timedelta(minutes=5))
    METHODS[name](scene.store, signed_in)
    return scene.faults.calls


def _reads(call: ApiCall) -> Iterator[dict[str, Any]]:
    """The requests of a call that read the table."""
    if call.operation == "BatchGetItem":
        yield from call.parameters["RequestItems"].values()
    elif call.operation in {"GetItem", "Query"} and not call.reads_index:
        yield call.parameters


def _writes(call: ApiCall) -> Iterator[dict[str, Any]]:
    """The requests of a call that write items, other than deletes."""
    if call.operation == "TransactWriteItems":
        for part in call.parameters["TransactItems"]:
            yield from part.values()
    elif call.operation in {"PutItem", "UpdateItem"}:
        yield call.parameters


def test_every_read_of_the_table_is_strongly_consistent(calls: list[ApiCall]) -> None:
    reads = [read for call in calls for read in _reads(call)]

    assert all(read["ConsistentRead"] is True for read in reads)


def test_every_write_is_conditional_and_asks_for_the_item_that_refused_it(calls: list[ApiCall]) -> None:
    for write in (write for call in calls for write in _writes(call)):
        assert write["ConditionExpression"]
        assert write["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"


def test_nothing_is_scanned_and_no_table_is_described(calls: list[ApiCall]) -> None:
    assert {call.operation for call in calls} <= OPERATIONS


@pytest.mark.shows("C1")
def test_no_secret_is_sent(calls: list[ApiCall], signed_in: SignedIn) -> None:
    sent = repr([call.parameters for call in calls])

    for token in (signed_in.token, signed_in.child_token):
        *_, family, secret = token.split(".")
        assert family not in sent
        assert secret not in sent


def test_a_transaction_can_be_repeated_without_harm(calls: list[ApiCall]) -> None:
    tokens = [call.parameters["ClientRequestToken"] for call in calls if call.operation == "TransactWriteItems"]

    assert len(set(tokens)) == len(tokens)
    assert all(1 <= len(token) <= 36 for token in tokens)
