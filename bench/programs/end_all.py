"""One call that ends all of a customer's sessions, by each transport in turns.

Runs with each of `bench.interpreters`, against the engine that the environment variables name. Prints a JSON object:
name of the transport -> seconds of CPU time (median).

Usage: end_all.py TABLE SESSIONS ROUNDS
"""

import json
import sys
import time
from functools import partial
from itertools import count
from typing import Any

import botocore.session

from bench.alternating import medians_of
from session_store import Progress, SessionStore, Transport
from session_store.testing import MovableClock
from session_store.tokens import IdFactory

CLOCK = MovableClock()  # it stands still, so that the deadline does not count what else the machine does
BATCH = 25
NUMBERS = count()


def seconds(table_name: str, sessions: int, transport: Transport) -> float:
    """CPU time that the end of a new customer's sessions takes."""
    customer_id = f"bulk-{next(NUMBERS)}"
    sign_in_often(table_name, sessions, customer_id)
    store = SessionStore(table_name, transport=transport, clock=CLOCK)
    started = time.process_time()
    ended = store.end_customer_sessions(customer_id)
    took = time.process_time() - started
    if ended != Progress(sessions, None):
        raise RuntimeError(f"ended {ended} of {sessions}")
    return took


def sign_in_often(table_name: str, sessions: int, customer_id: str) -> None:
    """Give a new customer sessions, which are copies of one."""
    client: Any = botocore.session.get_session().create_client("dynamodb")
    first = SessionStore(table_name, dynamodb_client=client, clock=CLOCK).create_session(customer_id).session
    (row,) = client.query(
        TableName=table_name,
        KeyConditionExpression="PK = :pk",
        ExpressionAttributeValues={":pk": {"S": f"suuid#{first.session_id}"}},
    )["Items"]
    ids = IdFactory(CLOCK)
    copies = [{"PutRequest": {"Item": row | {"PK": {"S": f"suuid#{ids.new_id()}"}}}} for _ in range(sessions - 1)]
    for start in range(0, len(copies), BATCH):
        client.batch_write_item(RequestItems={table_name: copies[start : start + BATCH]})


def main(table_name: str, sessions: str, rounds: str) -> None:
    """Measure, and print."""
    runs = {
        each.value: partial(seconds, table_name, int(sessions), each) for each in (Transport.OWN, Transport.BOTOCORE)
    }
    print(json.dumps(medians_of(runs, rounds=int(rounds))))


if __name__ == "__main__":
    main(*sys.argv[1:])
