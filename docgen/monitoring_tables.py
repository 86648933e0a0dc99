"""The alarms that `SessionMonitoring` makes for a service, and their monthly costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from docgen.markdown import table
from session_store.catalog.alarms import ALARMS, METRICS_OF_A_ROUTE, MINUTES, Per
from session_store.catalog.routes import BACKEND_FUNCTIONS, BACKEND_ROUTES
from session_store.cli.cost.prices import read_prices

COUNTS: Final = {
    Per.API: 1,
    Per.ROUTE: len(BACKEND_ROUTES),
    Per.FUNCTION: len(BACKEND_FUNCTIONS),
    Per.TABLE: 1,
    Per.INDEX: 1,
    Per.ACCOUNT: 1,
}
"""Of a service with the default props: no queue, no reserved concurrency."""
EVENTS: Final = (Per.FUNCTION, Per.QUEUE, Per.STREAM)
"""What lifecycle events add to it, one of each."""
ALARM: Final = 0.10
"""Dollars a month for an alarm with the usual resolution, by secondary sources on 2026-11-27."""
DASHBOARD: Final = 3.00
"""The same for a dashboard."""


@dataclass(frozen=True, slots=True)
class MonthlyCost:
    """The monthly costs of a service's monitoring.

    Attributes:
        number: of alarms.
        metrics: of routes with traffic, at most. API Gateway's detailed metrics count as custom metrics.
    """

    number: int
    metrics: int

    @classmethod
    def of(cls, *, by_route: bool) -> MonthlyCost:
        """With the alarms on routes or without them."""
        number = sum(COUNTS.get(alarm.per, 0) for alarm in ALARMS if by_route or alarm.per is not Per.ROUTE)
        return cls(number, COUNTS[Per.ROUTE] * len(METRICS_OF_A_ROUTE) * by_route)

    @classmethod
    def of_events(cls) -> MonthlyCost:
        """The part that lifecycle events add."""
        return cls(sum(alarm.per in EVENTS for alarm in ALARMS), 0)

    @property
    def of_alarms(self) -> float:
        """Dollars for the alarms."""
        return self.number * ALARM

    @property
    def of_metrics(self) -> float:
        """Dollars for the metrics."""
        return read_prices()["metrics"].of(self.metrics)

    @property
    def total(self) -> float:
        """Dollars for all of it."""
        return self.of_alarms + self.of_metrics + DASHBOARD


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
    """The costs with the metrics of routes and without them."""
    both = [MonthlyCost.of(by_route=by_route) for by_route in (True, False)]
    events = MonthlyCost.of_events()
    return table(
        ("part", "a month", "without `slow-route`"),
        (
            ("alarms", *(f"{each.number}: ${each.of_alarms:.2f}" for each in both)),
            ("metrics of routes with traffic", *(f"at most {each.metrics}: ${each.of_metrics:.2f}" for each in both)),
            ("dashboard", *(f"${DASHBOARD:.2f}" for _ in both)),
            ("all", *(f"${each.total:.2f}" for each in both)),
            ("lifecycle events besides", *(f"{events.number}: ${events.of_alarms:.2f}" for _ in both)),
        ),
    )
