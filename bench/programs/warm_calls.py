"""Warm validations by each transport, in turns with a bare client's GetItem of the same item.

Runs with each of `bench.interpreters`, against the engine that the environment variables name. Prints a JSON object:
`milliseconds` of CPU time of one call by its name, and `per_second` of CPU time, the validations of so many threads.

Usage: warm_calls.py TABLE TOKEN CHILD_TOKEN KEY ROUNDS CALLS
"""

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import botocore.session

from bench.alternating import cpu_milliseconds, medians_of
from session_store import SessionStore, Transport

THREADS = (1, 4, 8)
SECONDS = 0.4
RUNS = 5


def per_second(validate: Callable[[], object], threads: int) -> float:
    """Validations in a second of CPU time, by so many threads at the same time."""
    until = time.perf_counter() + SECONDS

    def work(_: int) -> int:
        done = 0
        while time.perf_counter() < until:
            validate()
            done += 1
        return done

    started = time.process_time()
    with ThreadPoolExecutor(threads) as pool:
        done = sum(pool.map(work, range(threads)))
    return done / (time.process_time() - started)


def main() -> None:
    """Measure, and print."""
    table_name, token, child_token, key, rounds, calls = sys.argv[1:]
    own, sdk = (SessionStore(table_name, transport=each) for each in (Transport.OWN, Transport.BOTOCORE))
    bare: Any = botocore.session.get_session().create_client("dynamodb")
    warm: dict[str, Callable[[], object]] = {
        "bare": partial(bare.get_item, TableName=table_name, Key=json.loads(key), ConsistentRead=True),
        "own": partial(own.validate, token),
        "own, child": partial(own.validate, child_token, child=True),
        "botocore": partial(sdk.validate, token),
    }
    times = {name: partial(cpu_milliseconds, call, int(calls)) for name, call in warm.items()}
    rates = {
        f"{name}, {threads}": partial(per_second, warm[name], threads)
        for threads in THREADS
        for name in ("own", "botocore")
    }
    result = {
        "milliseconds": medians_of(times, rounds=int(rounds)),
        "per_second": medians_of(rates, rounds=RUNS),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
