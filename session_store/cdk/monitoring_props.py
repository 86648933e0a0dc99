"""The props of `SessionMonitoring`: the alarms' limits, and what is left out."""

from __future__ import annotations

from collections.abc import Sequence  # noqa: TC003 - the types are read at run time
from typing import Annotated, TypedDict

from session_store.catalog.alarms import ALARMS
from session_store.cdk.prop_kinds import Flag, Names, Text, WholeNumber


class MonitoringProps(TypedDict, total=False):
    """Of the construct, except for things of CDK's. Counts are those of five minutes."""

    server_errors: Annotated[int, WholeNumber(default=5, minimum=1, text="alarm at so many 5xx of the API.")]
    function_errors: Annotated[int, WholeNumber(default=1, minimum=1, text="alarm at so many errors of a function.")]
    unavailable_requests: Annotated[
        int, WholeNumber(default=5, minimum=1, text="alarm at so many requests that DynamoDB failed.")
    ]
    latency_milliseconds: Annotated[
        int,
        WholeNumber(
            default=1500,
            minimum=10,
            maximum=30000,
            unit="milliseconds",
            text="alarm when the p99 of a route is that long for 15 minutes. A cold start is in it.",
        ),
    ]
    stream_lag_seconds: Annotated[
        int,
        WholeNumber(
            default=900,
            minimum=1,
            maximum=86_400,
            unit="seconds",
            text="alarm when a function on the table's stream is so far behind. After 24 hours changes are lost.",
        ),
    ]
    throttled_requests: Annotated[
        int, WholeNumber(default=10, minimum=1, text="alarm at so many throttled reads or writes of table or index.")
    ]
    account_concurrency: Annotated[
        int,
        WholeNumber(
            default=1000,
            minimum=10,
            text="the limit of Lambda's concurrent executions in the account and region. New accounts may have 10.",
        ),
    ]
    concurrency_percent: Annotated[
        int,
        WholeNumber(
            default=80,
            minimum=1,
            maximum=100,
            unit="percent",
            text="alarm when the account, or a function with reserved concurrency, uses so much of its limit.",
        ),
    ]
    thefts: Annotated[
        int, WholeNumber(default=5, minimum=1, text="alarm at so many stolen tokens. Set it above your usual rate.")
    ]
    leave_out: Annotated[
        Sequence[str],
        Names(
            choices=tuple(alarm.name for alarm in ALARMS),
            default=(),
            text="names of alarms that are not made. Without `slow-route` the stage has no metrics of routes either.",
        ),
    ]
    dashboard: Annotated[bool, Flag(default=True, text="make the dashboard.")]
    runbook: Annotated[
        str,
        Text(
            default="docs/runbook.md",
            text="where the runbook is, for instance its address in your wiki. Each alarm adds `#` and its name.",
        ),
    ]
