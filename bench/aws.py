"""Sessions of AWS with a client each, and accounts fanned out: this library and its peers, each against boto3 alone."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.environment import others_python
from bench.report import Figure
from local.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

GOAL: Final = 5.0
_ROUNDS: Final = 15
_ACCOUNTS: Final = 300
_OF_A_PEER: Final = 60  # each takes a quarter of a second, and the first as long as the last
_OURS: Final = "ours"
_BASELINE: Final = "boto3"
# Those that fan out, in the order of the report. botocove does nothing else.
_FANNED: Final = (_OURS, _BASELINE, "boto-session-manager", "boto3-refresh-session", "aws-assume-role-lib", "botocove")
_PROGRAM: Final = Path(__file__).parent / "programs" / "aws_sessions.py"
_NO_CONFIGURATION: Final = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


def aws_sessions() -> list[Figure]:
    """How many sessions with a client a second of CPU time makes, and how many accounts it fans out to."""
    python = others_python()
    made = _run(python, "sessions", str(_ROUNDS))
    fanned: dict[str, float] = {}
    for name in _FANNED:
        accounts = _ACCOUNTS if name in {_OURS, _BASELINE} else _OF_A_PEER
        fanned |= {who: taken / accounts for who, taken in _run(python, "fan-out", name, str(accounts)).items()}
    return [*_figures("sessions with a client", made), *_figures(f"{_ACCOUNTS} accounts fanned out", fanned)]


def _run(python: Path, *arguments: str) -> dict[str, float]:
    environment = os.environ | _NO_CONFIGURATION | {"PYTHONPATH": str(ROOT)}
    # botocove draws a progress bar to stderr.
    output = subprocess.check_output([python, _PROGRAM, *arguments], env=environment, stderr=subprocess.DEVNULL)
    figures: dict[str, float] = json.loads(output)
    return figures


def _figures(subject: str, seconds: Mapping[str, float]) -> list[Figure]:
    baseline = 1 / seconds[_BASELINE]
    return [
        _figure(f"{subject}, per second of CPU" if name == _OURS else f"  {name}", 1 / taken, baseline, name == _OURS)
        for name, taken in seconds.items()
        if name != _BASELINE
    ]


def _figure(name: str, measured: float, baseline: float, is_ours: bool) -> Figure:  # noqa: FBT001 - one line of a table
    ratio = measured / baseline
    return Figure(
        name=name,
        measured=f"{measured:.1f}",
        baseline=f"{baseline:.1f}",
        ratio=ratio,
        goal=f">= {GOAL:g}x" if is_ours else "(for comparison)",
        met=ratio >= GOAL or not is_ours,
    )
