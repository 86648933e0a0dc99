"""Warm calls, by each transport: a `validate` against a bare client's GetItem, and against botocore in many threads.

Also one call that ends a thousand sessions, on the share of a core that a function with 512 MB has. All of it with this
interpreter and with one of the functions' version.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Final

from bench.interpreters import interpreters, printed
from bench.lambda_time import function_time
from bench.programs.warm_calls import THREADS
from bench.report import Figure, ratio_figure
from bench.subject import TABLE_NAME, running_subject
from session_store.storage.deadline import DEADLINE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from bench.subject import Subject

GOAL: Final = 0.35
GOAL_OF_A_CHILD: Final = 0.6
GOAL_WITH_BOTOCORE: Final = 1.15
GOAL_PER_SECOND: Final = 3.0
_NAMES: Final = {
    "own": ("validate", GOAL),
    "own, child": ("validate a child", GOAL_OF_A_CHILD),
    "botocore": ("validate with botocore", GOAL_WITH_BOTOCORE),
}
_ROUNDS: Final = 60
_CALLS: Final = 20  # in one run: about 25 ms, well above the clock's resolution
_ENDED: Final = 1_000
_ENDINGS: Final = 5
_MEMORY: Final = 512


def warm_validate() -> list[Figure]:
    """The figures of each interpreter."""
    with running_subject() as subject:
        return [
            figure for version, python in interpreters().items() for figure in _figures(f"{version}: ", python, subject)
        ]


def _figures(version: str, python: Path, subject: Subject) -> Iterator[Figure]:
    run = partial(printed, python, environment=subject.environment)
    found = run(
        *("warm_calls.py", TABLE_NAME, subject.token, subject.child_token, json.dumps(subject.key)),
        *(str(_ROUNDS), str(_CALLS)),
    )
    milliseconds = found["milliseconds"]
    for key, (name, limit) in _NAMES.items():
        yield ratio_figure(
            f"{version}warm {name} : bare GetItem, CPU per call",
            measured=milliseconds[key],
            baseline=milliseconds["bare"],
            unit="ms",
            limit=limit,
        )
    for threads in THREADS:
        yield _rate_figure(version, found["per_second"], threads)
    yield _end_figure(version, run("end_all.py", TABLE_NAME, str(_ENDED), str(_ENDINGS)))


def _rate_figure(version: str, per_second: Mapping[str, float], threads: int) -> Figure:
    own, botocore = (per_second[f"{name}, {threads}"] for name in ("own", "botocore"))
    return Figure(
        name=f"{version}validations per second of CPU, {threads} threads : with botocore",
        measured=f"{own:,.0f}",
        baseline=f"{botocore:,.0f}",
        ratio=own / botocore,
        goal=f">= {GOAL_PER_SECOND:g}x",
        met=own / botocore >= GOAL_PER_SECOND,
    )


def _end_figure(version: str, seconds: Mapping[str, float]) -> Figure:
    own, botocore = (function_time(seconds[name], _MEMORY) for name in ("own", "botocore"))
    return Figure(
        name=f"{version}{_ENDED:,} sessions ended in one call, CPU with {_MEMORY} MB : with botocore",
        measured=f"{own:.2f} s",
        baseline=f"{botocore:.2f} s",
        ratio=own / botocore,
        goal=f"<= {DEADLINE_SECONDS:g} s",
        met=own <= DEADLINE_SECONDS,
    )
