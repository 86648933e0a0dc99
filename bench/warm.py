"""A warm `validate` against a bare client's GetItem of the same item: CPU time of this process per call."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, Final

import botocore.session

from bench.alternating import medians
from bench.report import Figure, ratio_figure
from bench.subject import TABLE_NAME, running_subject
from session_store import SessionStore

if TYPE_CHECKING:
    from collections.abc import Callable

GOAL: Final = 1.15
_ROUNDS: Final = 200
_CALLS: Final = 20  # in one run: about 25 ms, well above the clock's resolution


def warm_validate() -> list[Figure]:
    """The ratio of a warm `validate` to a bare GetItem."""
    with running_subject() as subject:
        os.environ.update(subject.environment)
        store = SessionStore(TABLE_NAME)
        bare: Any = botocore.session.get_session().create_client("dynamodb")
        result = medians(
            lambda: _milliseconds(lambda: store.validate(subject.token)),
            lambda: _milliseconds(lambda: bare.get_item(TableName=TABLE_NAME, Key=subject.key, ConsistentRead=True)),
            rounds=_ROUNDS,
        )
    return [
        ratio_figure(
            "warm validate : bare GetItem, CPU per call",
            measured=result.ours,
            baseline=result.baseline,
            unit="ms",
            limit=GOAL,
        )
    ]


def _milliseconds(call: Callable[[], object]) -> float:
    """CPU time of one call, from a run of some."""
    started = time.process_time()
    for _ in range(_CALLS):
        call()
    return (time.process_time() - started) * 1000 / _CALLS
