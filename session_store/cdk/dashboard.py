"""The dashboard, from top to bottom: is it up, is it fast, is it under attack, what does it cost?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from aws_cdk import aws_cloudwatch as cloudwatch

from session_store.catalog.alarms import (
    FUNCTION_METRICS,
    HTTP_METRICS,
    QUEUE_METRICS,
    TABLE_METRICS,
    Per,
    Statistic,
)
from session_store.catalog.metrics import NAMESPACE, Metric
from session_store.incidents import IncidentName
from session_store.model import EndReason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import Construct

    from session_store.cdk.watched import Watched

    _Widgets: TypeAlias = list[cloudwatch.IWidget]
    _Metrics: TypeAlias = list[cloudwatch.IMetric]

_WIDTH: Final = 24
_HALF: Final = 12
_THIRD: Final = 8
SECTIONS: Final = ("Is it up?", "Is it fast?", "Is it under attack?", "What does it cost?")


class Dashboard:
    """Puts the widgets together.

    Args:
        things: all that is watched.
        alarms: all alarms.
        by_route: whether there are metrics of each route.
    """

    def __init__(
        self, things: Mapping[Per, Sequence[Watched]], alarms: Sequence[cloudwatch.Alarm], *, by_route: bool
    ) -> None:
        self._things = things
        self._alarms = alarms
        self._by_route = by_route
        (self._api,) = things[Per.API]
        (self._table,) = things[Per.TABLE]

    def add_to(self, scope: Construct, construct_id: str) -> cloudwatch.Dashboard:
        """Make the dashboard."""
        parts = (self._up(), self._fast(), self._attacked(), self._cost())
        rows = [
            row
            for title, widgets in zip(SECTIONS, parts, strict=True)
            for row in ([cloudwatch.TextWidget(markdown=f"# {title}", width=_WIDTH, height=1)], widgets)
        ]
        return cloudwatch.Dashboard(scope, construct_id, widgets=rows)

    def _up(self) -> _Widgets:
        status: _Widgets = []
        if self._alarms:
            status = [cloudwatch.AlarmStatusWidget(title="Alarms", alarms=list(self._alarms), width=_WIDTH)]
        answers = [self._api.metric(HTTP_METRICS, name, label=name) for name in ("Count", "4xx", "5xx")]
        faults = (Metric.FAILED, Metric.UNAVAILABLE, Metric.THROTTLED, IncidentName.UNREADABLE_ROW)
        queues = self._of_each(Per.QUEUE, QUEUE_METRICS, "ApproximateNumberOfMessagesVisible", Statistic.MAXIMUM)
        delay = self._of_each(Per.STREAM, FUNCTION_METRICS, "IteratorAge", Statistic.MAXIMUM)
        return [
            *status,
            _graph("Requests, and those refused or failed", answers),
            _graph("Errors of functions", self._of_each(Per.FUNCTION, FUNCTION_METRICS, "Errors")),
            _graph("Faults that callers noticed", self._own(*faults)),
            *([_graph("Messages that failed for good", queues)] if queues else []),
            *([_graph("Delay of functions on the stream, ms", delay)] if delay else []),
        ]

    def _fast(self) -> _Widgets:
        latency = [self._api.metric(HTTP_METRICS, "Latency", each, label=each) for each in ("p50", "p90", "p99")]
        routes = self._of_each(Per.ROUTE, HTTP_METRICS, "Latency", Statistic.P99)
        duration = self._of_each(Per.FUNCTION, FUNCTION_METRICS, "Duration", Statistic.P99)
        again = (Metric.RETRIES, Metric.CONFLICTS, Metric.TRANSPORT_LEFT)

        def concurrent(kind: Per) -> _Metrics:
            return self._of_each(kind, FUNCTION_METRICS, "ConcurrentExecutions", Statistic.MAXIMUM)

        return [
            _graph("Latency of the API, ms", latency),
            *([_graph("p99 of each route, ms", routes, width=_HALF)] if self._by_route else []),
            _graph("p99 of each function, ms", duration),
            _graph("Throttled by DynamoDB", self._of_table("ThrottleEvents")),
            _graph("Sent again, in conflict, or in an unread form", self._own(*again)),
            _graph("Concurrent executions", [*concurrent(Per.ACCOUNT), *concurrent(Per.FUNCTION)]),
            _graph("Throttled by Lambda", self._of_each(Per.FUNCTION, FUNCTION_METRICS, "Throttles")),
        ]

    def _attacked(self) -> _Widgets:
        started = (Metric.CREATED, Metric.REFRESHED, Metric.ROTATED)
        return [
            _graph("Stolen tokens", self._own(IncidentName.TOKEN_REUSED, IncidentName.END_FAILED), width=_HALF),
            _graph("Validations", self._own(Metric.VALIDATED, Metric.VALIDATION_REFUSED), width=_HALF),
            _graph("Sign-ins, extensions, new tokens", self._own(*started), width=_HALF),
            _graph("Ended, and why", self._own(Metric.ENDED, *map(Metric.of_end, EndReason)), width=_HALF),
        ]

    def _cost(self) -> _Widgets:
        return [
            _graph("Request units of DynamoDB", self._of_table("CapacityUnits", "Consumed")),
            _graph("Calls of functions", self._of_each(Per.FUNCTION, FUNCTION_METRICS, "Invocations")),
            _graph("Requests", [self._api.metric(HTTP_METRICS, "Count", label="requests")]),
        ]

    def _of_each(self, kind: Per, namespace: str, name: str, statistic: str = Statistic.SUM) -> _Metrics:
        return [thing.metric(namespace, name, statistic, label=thing.label) for thing in self._things[kind]]

    def _own(self, *names: str) -> _Metrics:
        return [self._table.metric(NAMESPACE, name, label=name) for name in names]

    def _of_table(self, name: str, prefix: str = "") -> _Metrics:
        """Reads and writes of table and index."""
        return [
            thing.metric(TABLE_METRICS, f"{prefix}{kind}{name}", label=f"{kind.lower()}s of {thing.label}")
            for thing in (self._table, *self._things[Per.INDEX])
            for kind in ("Read", "Write")
        ]


def _graph(title: str, metrics: Sequence[cloudwatch.IMetric], *, width: int = _THIRD) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title=title, left=list(metrics), left_y_axis=cloudwatch.YAxisProps(min=0), width=width
    )
