"""The props that constructs share: each is declared once, with its type, default, check and one sentence.

A family is a `TypedDict`. A construct takes it as `**props: Unpack[...]`, so that a type checker knows names and types;
`@takes` does the rest at run time. The documents' tables and the settings in `cdk.json` are read from here, too. The
families that are handed on are put together at the end: no prop stands in two of them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, TypedDict

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from session_store.cdk.prop_kinds import Choice, Flag, Key, Time, WholeNumber


class _Removal(TypedDict, total=False):
    removal_policy: Annotated[
        RemovalPolicy,
        Choice(
            default=RemovalPolicy.RETAIN,
            text="what becomes of logs, and of a created table, when they leave their stack.",
        ),
    ]


class _Logs(TypedDict, total=False):
    log_retention: Annotated[
        logs.RetentionDays, Choice(default=logs.RetentionDays.ONE_MONTH, text="how long logs are kept.")
    ]


class _Functions(TypedDict, total=False):
    memory_size: Annotated[
        int,
        WholeNumber(
            default=512,
            minimum=128,
            maximum=10240,
            unit="MiB",
            text="memory of each function; processor time comes in proportion.",
        ),
    ]
    # More than the store's own deadline, no more than an HTTP API waits.
    timeout: Annotated[
        Duration | timedelta,
        Time(
            default=timedelta(seconds=10),
            minimum=5,
            maximum=29,
            text="of each function; the store gives up after 4 seconds by itself.",
        ),
    ]
    log_level: Annotated[
        lambda_.ApplicationLogLevel,
        Choice(
            default=lambda_.ApplicationLogLevel.INFO,
            text="least level of what the functions' own code logs.",
        ),
    ]
    reserved_concurrent_executions: Annotated[
        int | None,
        WholeNumber(
            default=None,
            minimum=0,
            text="upper limit of parallel executions of each function, set aside from the account's. None: no limit.",
        ),
    ]


class _Table(TypedDict, total=False):
    encryption_key: Annotated[
        kms.IKey | None,
        Key(
            default=None,
            text="a customer-managed key for the created table; its stack then needs a region. "
            "None: the key that DynamoDB owns.",
        ),
    ]
    point_in_time_recovery: Annotated[
        bool, Flag(default=True, text="keep backups that restore any second of the last 35 days.")
    ]
    deletion_protection: Annotated[
        bool, Flag(default=True, text="refuse to delete the table until this is switched off.")
    ]


class _Api(TypedDict, total=False):
    throttling_rate_limit: Annotated[
        int, WholeNumber(default=500, minimum=1, text="requests per second, all routes and callers together.")
    ]
    throttling_burst_limit: Annotated[
        int, WholeNumber(default=1000, minimum=1, text="requests at once, all routes and callers together.")
    ]


class FunctionProps(_Functions, _Logs, _Removal, total=False):
    """Of constructs that make functions."""


class TableProps(_Table, _Removal, total=False):
    """Of constructs that make a table."""


class ApiProps(_Api, _Logs, _Removal, total=False):
    """Of constructs that make an HTTP API."""


class OnTableProps(_Functions, _Api, _Logs, _Removal, total=False):
    """Of functions and an API on a table that is there already."""


class ServiceProps(_Table, OnTableProps, total=False):
    """Of the service, which makes all three."""
