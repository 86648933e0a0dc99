"""The alarms that `SessionMonitoring` makes for a service, and their monthly costs."""

from __future__ import annotations

from typing import Final

from docgen.markdown import table
from session_store.catalog.alarms import ALARMS, METRICS_OF_A_ROUTE, MINUTES, PRICES, Per, monthly_cost
from session_store.catalog.routes import BACKEND_FUNCTIONS, BACKEND_ROUTES

COUNTS: Final = {
    Per.API: 1,
    Per.ROUTE: len(BACKEND_ROUTES),
    Per.FUNCTION: len(BACKEND_FUNCTIONS),
    Per.TABLE: 1,
    Per.INDEX: 1,
    Per.ACCOUNT: 1,
}
"""Of a service with the default props: no queue, no reserved concurrency."""
_BY_ROUTE: Final = tuple(alarm.name for alarm in ALARMS if alarm.per is Per.ROUTE)


def alarms() -> str:
    """Each alarm, what it means and when it sounds."""
    return table(
        ("alarm", "means", "one per", "sounds at", "for"),
        (
            (
                f"[`{alarm.name}`](runbook.md#{alarm.name})",
                alarm.meaning,
                alarm.per,
                f"`{alarm.prop}`" if alarm.prop else "1",
                f"{MINUTES * alarm.periods} minutes",
            )
            for alarm in ALARMS
        ),
    )


def costs() -> str:
    """The costs of a service's monitoring, with the metrics of routes and without them."""
    full, less = monthly_cost(COUNTS), monthly_cost(COUNTS, without=_BY_ROUTE)
    number = {True: sum(COUNTS.get(alarm.per, 0) for alarm in ALARMS)}
    number[False] = number[True] - COUNTS[Per.ROUTE]
    metrics = COUNTS[Per.ROUTE] * len(METRICS_OF_A_ROUTE)
    return table(
        ("part", "a month", "without `slow-route`"),
        (
            (
                f"alarms, ${PRICES.alarm:.2f} each",
                f"{number[True]}: ${full.alarms:.2f}",
                f"{number[False]}: ${less.alarms:.2f}",
            ),
            (
                f"metrics of each route with traffic, ${PRICES.metric:.2f} each",
                f"at most {metrics}: ${full.metrics:.2f}",
                "none",
            ),
            ("dashboard", f"${full.dashboard:.2f}", f"${less.dashboard:.2f}"),
            ("all", f"${full.total:.2f}", f"${less.total:.2f}"),
        ),
    )
