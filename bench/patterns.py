"""Request units and round trips of every access pattern, as dynoxide reports them, beside those of the documents.

The figures, and the calls that are measured, are those that the cost tests hold the store to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.report import Figure
from local.console import CommandError
from session_store.catalog import cost_texts
from session_store.catalog.costs import Cost
from tests.support.costs import CASES, Case
from tests.support.engines import Dynoxide
from tests.support.scene import new_scene

if TYPE_CHECKING:
    from session_store.catalog.costs import Amount


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
                figures.append(_figure(case, case.measure(scene).amount))
    return figures


def _figure(case: Case, measured: Amount) -> Figure:
    promised = case.promised
    kept = measured.rru <= promised.rru and measured.wru <= promised.wru and measured.trips <= promised.trips
    return Figure(name=str(case), measured=_text(measured), goal=_text(promised), met=kept)


def _text(amount: Amount) -> str:
    return cost_texts.sentence([Cost(amount.rru, amount.wru, amount.trips)])
