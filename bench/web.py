"""One request under a session: ours and what others do for one, each against the bare calls of botocore.

The others are session-lambda, Flask-Session, and boto3's resource API by itself. Ours also with the functions' Python,
on which session-lambda does not run.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from bench.environment import others_python
from bench.interpreters import OF_FUNCTIONS, interpreters, printed
from bench.report import Figure, ratio_figure
from bench.subject import TABLE_NAME, running_subject
from session_store import Transport
from session_store.catalog.access_patterns import UPDATE_DATA, VALIDATE
from session_store.catalog.costs import Amount

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

GOAL: Final = 0.45
GOAL_WITH_BOTOCORE: Final = 1.3
_READ: Final = VALIDATE.cost().amount()
_COSTS: Final = {"read-only": _READ, "one change": _READ + UPDATE_DATA.cost("from a session already read").amount()}
_RESOURCE: Final = "boto3's resource"
_OTHERS: Final = ("session-lambda", "flask-session", _RESOURCE)
_ROUNDS: Final = 30
_CALLS: Final = 20  # in one run, as many as `warm` has: what ran before has left the caches cold


def decorated_requests() -> list[Figure]:
    """The calls and CPU times of one request under each decorator."""
    figures = _figures(_run(others_python(), _OTHERS, lends_sdk=False), _OTHERS)
    if python := interpreters().get(OF_FUNCTIONS):
        measured = _run(python, (_RESOURCE,), lends_sdk=True)
        figures += _figures(measured, (_RESOURCE,), f"{OF_FUNCTIONS}: ")
    return figures


def _run(python: Path, others: Sequence[str], *, lends_sdk: bool) -> dict[str, dict[str, float]]:
    with running_subject() as subject:
        arguments = (TABLE_NAME, subject.token, json.dumps(subject.key), str(_ROUNDS), str(_CALLS), *others)
        found: dict[str, dict[str, float]] = printed(
            python, "decorated_requests.py", *arguments, environment=subject.environment, lends_sdk=lends_sdk
        )
    return found


def _figures(measured: Mapping[str, Mapping[str, float]], others: Sequence[str], version: str = "") -> list[Figure]:
    figures = []
    for kind, promised in _COSTS.items():
        bare = measured[f"bare, {kind}"]
        own, sdk = (measured[f"{transport}, {kind}"] for transport in (Transport.OWN, Transport.BOTOCORE))
        figures += [
            _cost_figure(version, kind, sdk, promised),
            _time_figure(version, kind, own, bare, GOAL),
            _time_figure(version, f"{kind}, with botocore", sdk, bare, GOAL_WITH_BOTOCORE),
        ]
        figures += [_other_figure(name, kind, measured[f"{name}, {kind}"], bare) for name in others]
    return figures


def _cost_figure(version: str, kind: str, ours: Mapping[str, float], promised: Amount) -> Figure:
    return Figure(
        name=f"{version}decorated request, {kind}: cost",
        measured=_cost(ours),
        goal=_cost({"calls": promised.trips, "rru": promised.rru, "wru": promised.wru}),
        met=Amount(ours["rru"], ours["wru"], int(ours["calls"])) == promised,
    )


def _time_figure(version: str, kind: str, ours: Mapping[str, float], bare: Mapping[str, float], limit: float) -> Figure:
    return ratio_figure(
        f"{version}decorated request, {kind} : bare calls, CPU",
        measured=ours["ms"],
        baseline=bare["ms"],
        unit="ms",
        limit=limit,
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
