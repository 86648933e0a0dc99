"""The store does what the model says, in any order, and after any fault on the way.

`SESSION_STORE_MODEL_STEPS` sets the number of steps on each engine, `SESSION_STORE_MODEL_SEED` another beginning; the
same seed gives the same steps.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import SessionMachine
from tests.support.engines import ENGINES, Difference, Engine
from tests.support.figures import Count
from tests.support.forms import Form
from tests.support.scenes import running

_IN_PROOFS = (("moto", Form.PLAIN), ("dynoxide", Form.PLAIN), ("memory", Form.TOGETHER))
PARTS = 8  # so that both workers have something to do
STEPS = int(os.environ.get("SESSION_STORE_MODEL_STEPS", "10000"))
SEED = int(os.environ.get("SESSION_STORE_MODEL_SEED", "0"))
STEPS_PER_RUN = 50
SETTINGS = settings(
    max_examples=5,  # a run ends with its last example: with more of them, far more steps than asked for
    stateful_step_count=STEPS_PER_RUN,
    deadline=None,
    database=None,
    phases=[Phase.generate, *([Phase.shrink] if os.environ.get("SESSION_STORE_MODEL_SHRINK") else [])],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(
    scope="session",
    params=[("memory", Form.PLAIN), *(pytest.param(one, marks=pytest.mark.proof) for one in _IN_PROOFS)],
    ids=", ".join,
)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    name, form = request.param
    yield from running(next(replace(engine, form=form) for engine in ENGINES if engine.name == name))


@pytest.mark.shows("T83")
@pytest.mark.parametrize("part", range(SEED, SEED + PARTS))
def test_the_store_and_the_model_agree(engine: Engine, count: Count, part: int) -> None:
    machine: Any = type("SessionMachine", (SessionMachine,), {"engine": engine, "steps": 0})
    turn = part * 1_000_000
    steps = STEPS // 4 if engine.form is not Form.PLAIN or engine.differs(Difference.SPEED) else STEPS
    while machine.steps < steps // PARTS:
        run_state_machine_as_test(seed(turn)(machine), settings=SETTINGS)
        turn += 1

    count(f"model, steps on {engine.name}", machine.steps)
