"""Lifecycle events and parked messages, of rows in every form, and what is logged on the way."""

from __future__ import annotations

import json
import logging
from copy import deepcopy
from typing import Any

import pytest

from session_store import SessionStore
from session_store.events.teller import Teller
from session_store.testing import MovableClock
from tests.canary.marks import DATA_NEEDLES, MARKED_DATA, VALUE, MarkedTokens, assert_absent, found
from tests.support.bus_and_queue import Services, of_entries
from tests.support.methods import METHODS
from tests.support.scene import sign_in
from tests.support.stream import TABLE, Record, StreamingClient

CLIENT = "canary-of-clients"


def records_of_lives() -> list[Record]:
    """The records of everything that the store does to sessions with marks."""
    client, clock = StreamingClient(), MovableClock()
    client.create_table(TableName=TABLE)
    store = SessionStore(TABLE, dynamodb_client=client, clock=clock)
    for does in METHODS.values():
        does(store, sign_in(store, data=MARKED_DATA, client=CLIENT))
        clock.advance(600)
    return client.records


def broken(records: list[Record]) -> list[Record]:
    """The same, each attribute of an image by itself in another form: what it holds stays there."""
    found = []
    for record in records[:40]:
        for image in {"NewImage", "OldImage"} & record["dynamodb"].keys():
            for name in record["dynamodb"][image]:
                copy = deepcopy(record)
                ((_, content),) = copy["dynamodb"][image][name].items()
                copy["dynamodb"][image][name] = {"SS": content}
                found.append(copy)
    return found


def test_neither_a_token_nor_a_hash_nor_data_gets_out(
    tokens: MarkedTokens, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, "botocore.hooks")
    services, records = Services(), records_of_lives()
    services.bus.faults.append(of_entries("MalformedDetail", 0, 3))
    teller = Teller("bus", "https://sqs/parked", client=services.client, clock=services.clock)
    read = [*records, *broken(records)]

    told = teller.tell(read, lambda: 1_000.0)

    assert told.done == len(read)
    assert told.parked > 100
    assert VALUE in json.dumps(records)  # so they would be found
    assert found(tokens.hash_needles, json.dumps(records))
    sent: list[tuple[str, Any]] = [("an event", services.bus.taken), ("a parked message", services.queue.taken)]
    logged = [(record.name, f"{vars(record)} {record.getMessage()}") for record in caplog.records]
    texts = [*((where, str(what)) for where, what in sent), *logged, ("the output", str(capsys.readouterr()))]
    assert_absent({**tokens.needles, **tokens.hash_needles, **DATA_NEEDLES, "a client": [CLIENT]}, texts)
