"""A warm `validate`, by each transport, against a bare client's GetItem of the same item: CPU time per call."""

from __future__ import annotations

import os
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import botocore.session

from bench.alternating import medians
from bench.report import Figure, ratio_figure
from bench.subject import TABLE_NAME, running_subject
from session_store import SessionStore, Transport

if TYPE_CHECKING:
    from collections.abc import Callable

GOAL: Final = 0.35
GOAL_OF_A_CHILD: Final = 0.6
GOAL_WITH_BOTOCORE: Final = 1.15
_ROUNDS: Final = 100
_CALLS: Final = 20  # in one run: about 25 ms, well above the clock's resolution


def warm_validate() -> list[Figure]:
    """The ratios of a warm `validate` to a bare GetItem."""
    with running_subject() as subject:
        os.environ.update(subject.environment)
        own = SessionStore(TABLE_NAME, transport=Transport.OWN)
        sdk = SessionStore(TABLE_NAME, transport=Transport.BOTOCORE)
        bare: Any = botocore.session.get_session().create_client("dynamodb")
        baseline = partial(bare.get_item, TableName=TABLE_NAME, Key=subject.key, ConsistentRead=True)
        return [
            _figure("validate", partial(own.validate, subject.token), baseline, GOAL),
            _figure(
                "validate a child", partial(own.validate, subject.child_token, child=True), baseline, GOAL_OF_A_CHILD
            ),
            _figure("validate with botocore", partial(sdk.validate, subject.token), baseline, GOAL_WITH_BOTOCORE),
        ]


def _figure(name: str, ours: Callable[[], object], baseline: Callable[[], object], limit: float) -> Figure:
    result = medians(lambda: _milliseconds(ours), lambda: _milliseconds(baseline), rounds=_ROUNDS)
    return ratio_figure(
        f"warm {name} : bare GetItem, CPU per call",
        measured=result.ours,
        baseline=result.baseline,
        unit="ms",
        limit=limit,
    )


def _milliseconds(call: Callable[[], object]) -> float:
    """CPU time of one call, from a run of some."""
    started = time.process_time()
    for _ in range(_CALLS):
        call()
    return (time.process_time() - started) * 1000 / _CALLS
