"""Request units and round trips of every access pattern, as dynoxide reports them, beside the design's figures.

The figures, and the calls that are measured, are those that the cost tests hold the store to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.report import Figure
from local.console import CommandError
from tests.support.costs import CASES, Case
from tests.support.engines import Dynoxide
from tests.support.scene import new_scene

if TYPE_CHECKING:
    from tests.support.metering import Cost


def pattern_costs() -> list[Figure]:
    """Measure every case, each in a table of its own.

    Raises:
        CommandError: this machine cannot run the engine.
    """
    figures = []
    engine = Dynoxide("dynoxide")
    if reason := engine.why_unavailable():
        raise CommandError(f"dynoxide cannot run here: {reason}")
    with engine.running():
        for case in CASES:
            with new_scene(engine) as scene:
                figures.append(_figure(case, case.measure(scene)))
    return figures


def _figure(case: Case, cost: Cost) -> Figure:
    kept = cost.read_units <= case.read_units and cost.write_units <= case.write_units and cost.trips <= case.trips
    return Figure(
        name=str(case),
        measured=_cost(cost.read_units, cost.write_units, cost.trips),
        goal=_cost(case.read_units, case.write_units, case.trips),
        met=kept,
    )


def _cost(read_units: float, write_units: float, trips: int) -> str:
    units = [f"{count:g} {name}" for count, name in ((read_units, "RRU"), (write_units, "WRU")) if count]
    return f"{' + '.join(units) or 'nothing'}, {trips} {'trip' if trips == 1 else 'trips'}"
