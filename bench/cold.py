"""Import and first call in a fresh process against a bare client that does one GetItem of the same item."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.alternating import medians
from bench.report import Figure, ratio_figure
from bench.subject import TABLE_NAME, running_subject
from local.tools import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

GOAL: Final = 1.2
_ROUNDS: Final = 25
_PROGRAMS: Final = Path(__file__).parent / "programs"


def cold_start() -> list[Figure]:
    """Measure."""
    with running_subject() as subject:
        environment = os.environ | subject.environment
        # Both start from compiled modules: the first round, which does not count, writes ours.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        result = medians(
            partial(_milliseconds, "first_validate.py", [TABLE_NAME, subject.token], environment),
            partial(_milliseconds, "first_get_item.py", [TABLE_NAME, json.dumps(subject.key)], environment),
            rounds=_ROUNDS,
        )
    return [
        ratio_figure(
            "import + first validate : bare client + GetItem, CPU",
            measured=result.ours,
            baseline=result.baseline,
            unit="ms",
            limit=GOAL,
        )
    ]


def _milliseconds(program: str, arguments: list[str], environment: Mapping[str, str]) -> float:
    """CPU time that a program says it took, the interpreter's own start not counted."""
    command = [sys.executable, str(_PROGRAMS / program), *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    return float(done.stdout) * 1000
