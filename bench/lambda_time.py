"""The price of a million validations as Lambda's time, computed from the CPU time of one on this machine.

A function's share of a core grows with its memory, up to one core at 1,769 MB. So its CPU time costs the same with any
memory, and takes longer with little. The time that it waits for the table costs more with more memory.
"""

from __future__ import annotations

import json
from typing import Final, NamedTuple

from bench.interpreters import interpreters, printed
from bench.report import Figure
from bench.subject import TABLE_NAME, running_subject
from session_store.cli.cost.prices import read_prices

GOAL: Final = 0.4
MEMORIES: Final = (128, 256, 512, 1769)
"""MB of a function."""
PRICES: Final = {"arm64": "function_gb_seconds", "x86_64": "function_gb_seconds_x86"}
"""The names of the prices, by the function's architecture."""
_MB_OF_A_CORE: Final = 1769  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html, 27 November 2026
_MB_PER_GB: Final = 1024
_MILLION: Final = 1_000_000
_ROUNDS: Final = 60
_CALLS: Final = 20


class ValidateTimes(NamedTuple):
    """CPU time of a warm `validate`, in milliseconds.

    Attributes:
        own: by the library's own transport.
        botocore: by botocore.
        python: the version of the interpreter, that of functions where this machine has it.
    """

    own: float
    botocore: float
    python: str


def function_time(cpu: float, memory: int) -> float:
    """The time that a function of a memory takes for so much CPU time. Computed, in the same unit."""
    return cpu * max(1, _MB_OF_A_CORE / memory)


def dollars_per_million(took: float, memory: int, architecture: str) -> float:
    """Dollars for a million times so many milliseconds. Lambda rounds each call up to a whole one: this does not."""
    gb_seconds = _MILLION * took / 1000 * memory / _MB_PER_GB
    return read_prices()[PRICES[architecture]].tiers[0][1] * gb_seconds


def measured_times(share: float = 1) -> ValidateTimes:
    """Measure both transports in turns.

    Args:
        share: of the usual number of calls.

    Raises:
        CommandError: this machine cannot run the engine.
    """
    version, python = list(interpreters().items())[-1]
    rounds = max(2, round(_ROUNDS * share))
    with running_subject() as subject:
        found = printed(
            python,
            *("warm_calls.py", TABLE_NAME, subject.token, subject.child_token, json.dumps(subject.key)),
            *(str(rounds), str(_CALLS)),
            environment=subject.environment,
        )
    return ValidateTimes(found["milliseconds"]["own"], found["milliseconds"]["botocore"], version)


def lambda_time() -> list[Figure]:
    """The figures of each memory."""
    times = measured_times()
    return [_figure(times, memory) for memory in MEMORIES]


def _figure(times: ValidateTimes, memory: int) -> Figure:
    ratio = times.own / times.botocore
    return Figure(
        name=f"{times.python}: a million validations at {memory:,} MB : with botocore, CPU alone",
        measured=_said(times.own, memory),
        baseline=_said(times.botocore, memory),
        ratio=ratio,
        goal=f"<= {GOAL:g}x",
        met=ratio <= GOAL,
    )


def _said(cpu: float, memory: int) -> str:
    took = function_time(cpu, memory)
    prices = ", ".join(f"${dollars_per_million(took, memory, name):.3f} {name}" for name in PRICES)
    return f"{took:.2f} ms each, {prices}"
