"""The alarms of a deployment, each once: the metric, when it sounds, what it means.

The construct `SessionMonitoring` makes them. The table of alarms and the monthly costs come from the rows. Each row has
a section of its name in `docs/runbook.md`. A further alarm is a further row.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from session_store.catalog.metrics import NAMESPACE

MINUTES: Final = 5
"""The period of every alarm."""
HTTP_METRICS: Final = "AWS/ApiGateway"
FUNCTION_METRICS: Final = "AWS/Lambda"
TABLE_METRICS: Final = "AWS/DynamoDB"
QUEUE_METRICS: Final = "AWS/SQS"


class Per(StrEnum):
    """The things of which each gets the alarm."""

    API = "API"
    ROUTE = "route"
    FUNCTION = "function"
    RESERVED = "function with reserved concurrency"
    TABLE = "table"
    INDEX = "index"
    ACCOUNT = "account"
    QUEUE = "queue"
    STREAM = "stream"


class Statistic(StrEnum):
    """The statistic of a period."""

    SUM = "Sum"
    MAXIMUM = "Maximum"
    P99 = "p99"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One kind of alarm. It sounds when the statistic reaches the limit.

    Attributes:
        name: of the alarm, and of its section in the runbook.
        meaning: one sentence.
        per: which things have it.
        namespace: of the metric.
        metric: the metric's name.
        statistic: of each period.
        prop: the prop of `SessionMonitoring` that sets the limit. Empty: the limit is 1.
        scale: so many of the metric's units are one of the prop's.
        periods: so many periods in a row have to reach it.
    """

    name: str
    meaning: str
    per: Per
    namespace: str
    metric: str
    statistic: Statistic = Statistic.SUM
    prop: str = ""
    scale: int = 1
    periods: int = 1


def _throttled(what: Per, kind: str, units: str) -> Alarm:
    return Alarm(
        name=f"{what}-{kind.lower()}s-throttled",
        meaning=f"DynamoDB refused {units} of the {what}. Callers got 503.",
        per=what,
        namespace=TABLE_METRICS,
        metric=f"{kind}ThrottleEvents",
        prop="throttled_requests",
    )


ALARMS: Final = (
    Alarm(
        name="server-errors",
        meaning="The API answered requests with a 5xx.",
        per=Per.API,
        namespace=HTTP_METRICS,
        metric="5xx",
        prop="server_errors",
    ),
    Alarm(
        name="function-errors",
        meaning="A function raised an error, ran out of time or could not start.",
        per=Per.FUNCTION,
        namespace=FUNCTION_METRICS,
        metric="Errors",
        prop="function_errors",
    ),
    Alarm(
        name="failed-requests",
        meaning="A function is misconfigured, cannot read data, or has an error of its own.",
        per=Per.TABLE,
        namespace=NAMESPACE,
        metric="Failed",
    ),
    Alarm(
        name="unavailable-table",
        meaning="DynamoDB, S3 or KMS failed or did not answer in time. Callers got 503.",
        per=Per.TABLE,
        namespace=NAMESPACE,
        metric="Unavailable",
        prop="unavailable_requests",
    ),
    Alarm(
        name="dead-letters",
        meaning="A queue holds messages that failed for good.",
        per=Per.QUEUE,
        namespace=QUEUE_METRICS,
        metric="ApproximateNumberOfMessagesVisible",
        statistic=Statistic.MAXIMUM,
    ),
    Alarm(
        name="stream-lag",
        meaning="A function on the table's stream is behind: events come late, or objects are deleted late.",
        per=Per.STREAM,
        namespace=FUNCTION_METRICS,
        metric="IteratorAge",
        statistic=Statistic.MAXIMUM,
        prop="stream_lag_seconds",
        scale=1000,
    ),
    Alarm(
        name="slow-route",
        meaning="One request in a hundred of a route takes too long.",
        per=Per.ROUTE,
        namespace=HTTP_METRICS,
        metric="Latency",
        statistic=Statistic.P99,
        prop="latency_milliseconds",
        periods=3,
    ),
    _throttled(Per.TABLE, "Read", "reads"),
    _throttled(Per.TABLE, "Write", "writes"),
    _throttled(Per.INDEX, "Read", "reads"),
    _throttled(Per.INDEX, "Write", "writes"),
    Alarm(
        name="account-concurrency",
        meaning="All functions of the account in this region together are near its limit.",
        per=Per.ACCOUNT,
        namespace=FUNCTION_METRICS,
        metric="ConcurrentExecutions",
        statistic=Statistic.MAXIMUM,
        prop="account_concurrency",
    ),
    Alarm(
        name="function-concurrency",
        meaning="A function is near its reserved concurrency.",
        per=Per.RESERVED,
        namespace=FUNCTION_METRICS,
        metric="ConcurrentExecutions",
        statistic=Statistic.MAXIMUM,
        prop="concurrency_percent",
    ),
    Alarm(
        name="theft",
        meaning="Replaced tokens came back. Their sessions were ended.",
        per=Per.TABLE,
        namespace=NAMESPACE,
        metric="TokenReused",
        prop="thefts",
    ),
    Alarm(
        name="end-failed",
        meaning="A stolen token was refused, but its session could not be ended.",
        per=Per.TABLE,
        namespace=NAMESPACE,
        metric="EndFailed",
    ),
    Alarm(
        name="extensions-failed",
        meaning="Sessions were validated but not extended. They will end early.",
        per=Per.TABLE,
        namespace=NAMESPACE,
        metric="ExtensionFailed",
        periods=3,
    ),
    Alarm(
        name="session-limit-failed",
        meaning="Sign-ins did not end the oldest session of customers with too many.",
        per=Per.TABLE,
        namespace=NAMESPACE,
        metric="SessionLimitFailed",
        periods=3,
    ),
    Alarm(
        name="unreadable-rows",
        meaning="A row could not be read. Its session counted as ended.",
        per=Per.TABLE,
        namespace=NAMESPACE,
        metric="UnreadableRow",
    ),
)
"""In the order of the runbook: is it up, is it fast, is it under attack."""

METRICS_OF_A_ROUTE: Final = ("4xx", "5xx", "Count", "DataProcessed", "IntegrationLatency", "Latency")
"""Those that API Gateway adds for each route with traffic when its detailed metrics are on."""
