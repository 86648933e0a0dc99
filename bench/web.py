"""One request under a session: ours, session-lambda's and Flask-Session's, each against the bare calls of botocore."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.environment import others_python
from bench.report import Figure, ratio_figure
from bench.subject import TABLE_NAME, running_subject
from local.paths import ROOT
from session_store import Transport
from session_store.catalog.access_patterns import UPDATE_DATA, VALIDATE
from session_store.catalog.costs import Amount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.subject import Subject

GOAL: Final = 0.45
GOAL_WITH_BOTOCORE: Final = 1.3
_READ: Final = VALIDATE.cost().amount()
_COSTS: Final = {"read-only": _READ, "one change": _READ + UPDATE_DATA.cost("from a session already read").amount()}
_OTHERS: Final = ("session-lambda", "flask-session")
_PROGRAM: Final = Path(__file__).parent / "programs" / "decorated_requests.py"
_ROUNDS: Final = 40
_CALLS: Final = 5


def decorated_requests() -> list[Figure]:
    """The calls and CPU times of one request under each decorator."""
    python = others_python()
    with running_subject() as subject:
        measured = _run(python, subject)
    figures = []
    for kind, promised in _COSTS.items():
        bare = measured[f"bare, {kind}"]
        own, sdk = (measured[f"{transport}, {kind}"] for transport in (Transport.OWN, Transport.BOTOCORE))
        figures += [
            _cost_figure(kind, sdk, promised),
            _time_figure(kind, own, bare, GOAL),
            _time_figure(f"{kind}, with botocore", sdk, bare, GOAL_WITH_BOTOCORE),
        ]
        figures += [_other_figure(name, kind, measured[f"{name}, {kind}"], bare) for name in _OTHERS]
    return figures


def _run(python: Path, subject: Subject) -> dict[str, dict[str, float]]:
    environment = os.environ | subject.environment | {"PYTHONPATH": str(ROOT)}
    arguments = [TABLE_NAME, subject.token, json.dumps(subject.key), str(_ROUNDS), str(_CALLS)]
    done = subprocess.run([python, _PROGRAM, *arguments], env=environment, stdout=subprocess.PIPE, check=True)
    figures: dict[str, dict[str, float]] = json.loads(done.stdout)
    return figures


def _cost_figure(kind: str, ours: Mapping[str, float], promised: Amount) -> Figure:
    return Figure(
        name=f"decorated request, {kind}: cost",
        measured=_cost(ours),
        goal=_cost({"calls": promised.trips, "rru": promised.rru, "wru": promised.wru}),
        met=Amount(ours["rru"], ours["wru"], int(ours["calls"])) == promised,
    )


def _time_figure(kind: str, ours: Mapping[str, float], bare: Mapping[str, float], limit: float) -> Figure:
    return ratio_figure(
        f"decorated request, {kind} : bare calls, CPU", measured=ours["ms"], baseline=bare["ms"], unit="ms", limit=limit
    )


def _other_figure(name: str, kind: str, other: Mapping[str, float], bare: Mapping[str, float]) -> Figure:
    return Figure(
        name=f"  {name}, {kind}: {_cost(other)}",
        measured=f"{other['ms']:.2f} ms",
        baseline=f"{bare['ms']:.2f} ms",
        ratio=other["ms"] / bare["ms"],
        goal="(for comparison)",
        met=True,
    )


def _cost(figures: Mapping[str, float]) -> str:
    return f"{figures['calls']:g} calls, {figures['rru']:g} RRU, {figures['wru']:g} WRU"
