"""The props that constructs share: each is declared once, with its type, default, check and one sentence.

A family is a `TypedDict`. A construct takes it as `**props: Unpack[...]`, so that a type checker knows names and types.
`@takes` does the rest at run time. The documents' tables and the settings in `cdk.json` are read from here, too. The
families that are handed on are put together at the end, those with optional parts in `store_props`. No prop stands in
two of them.
"""

from __future__ import annotations

from collections.abc import Sequence  # noqa: TC003 - the types are read at run time
from datetime import timedelta
from typing import Annotated, Final, TypedDict

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs

from session_store.cdk.prop_kinds import Choice, Constant, Flag, Key, One, Several, Time, WholeNumber
from session_store.settings import Transport

# Here and not in the declarations: each time that one is read, CDK would make another object.
_PYTHON: Final = lambda_.Runtime.PYTHON_3_13
_PROCESSOR: Final = lambda_.Architecture.ARM_64


class _Removal(TypedDict, total=False):
    removal_policy: Annotated[
        RemovalPolicy,
        Choice(
            default=RemovalPolicy.RETAIN,
            text="what happens to logs, a created table, buckets and a parking queue when they leave their stack. A "
            "bucket with objects in it cannot be deleted.",
        ),
    ]


class _Logs(TypedDict, total=False):
    log_retention: Annotated[
        logs.RetentionDays, Choice(default=logs.RetentionDays.ONE_MONTH, text="how long logs are kept.")
    ]
    log_encryption_key: Annotated[
        kms.IKey | None,
        Key(
            default=None,
            text="a customer-managed key for logs. The construct allows CloudWatch Logs in its policy. An imported key "
            "must allow that already. None: the key that CloudWatch owns.",
        ),
    ]


class OfFunctions(TypedDict, total=False):
    """Of functions, without those of their logs."""

    memory_size: Annotated[
        int,
        WholeNumber(
            default=512,
            minimum=128,
            maximum=10240,
            unit="MiB",
            text="memory of each function. Processor time is proportional to it.",
        ),
    ]
    # More than the store's own deadline, no more than an HTTP API waits.
    timeout: Annotated[
        Duration | timedelta,
        Time(
            default=timedelta(seconds=10),
            minimum=5,
            maximum=29,
            text="of each function. The store itself gives up after 4 seconds.",
        ),
    ]
    log_level: Annotated[
        lambda_.ApplicationLogLevel,
        Choice(
            default=lambda_.ApplicationLogLevel.INFO,
            text="lowest level that the functions' own code logs. `DEBUG` adds the SDK's log, without what the store "
            "sends and gets.",
        ),
    ]
    transport: Annotated[
        Transport,
        Choice(
            default=Transport.AUTO,
            text="the way of the requests to DynamoDB. `AUTO` takes the library's own transport where that will do.",
        ),
    ]
    reserved_concurrent_executions: Annotated[
        int | None,
        WholeNumber(
            default=None,
            minimum=0,
            text="upper limit of parallel executions of each function, reserved from the account's. None: no limit.",
        ),
    ]
    runtime: Annotated[
        lambda_.Runtime,
        Constant(
            default=_PYTHON,
            names=("PYTHON_3_12", "PYTHON_3_13", "PYTHON_3_14"),
            text="the Python version of the functions.",
        ),
    ]
    architecture: Annotated[
        lambda_.Architecture,
        Constant(
            default=_PROCESSOR,
            names=("ARM_64", "X86_64"),
            text="the processor of the functions. The library runs on both, a layer may not.",
        ),
    ]
    layers: Annotated[
        Sequence[lambda_.ILayerVersion],
        Several(
            default=(),
            member="layer_version_arn",
            expected="a layer of CDK, for instance from LayerVersion.from_layer_version_arn",
            maximum=5,
            text="layers of each function, for instance a monitoring agent's. At most 5.",
        ),
    ]
    tracing: Annotated[
        lambda_.Tracing,
        Choice(
            default=lambda_.Tracing.DISABLED,
            text="X-Ray. A traced function may send to it. AWS allows that only for the resource `*`.",
        ),
    ]
    vpc: Annotated[
        ec2.IVpc | None,
        One(
            default=None,
            member="select_subnets",
            expected="a VPC of CDK, for instance from Vpc.from_lookup",
            text="the network of the functions. It needs a way to DynamoDB, best a gateway endpoint. "
            "None: Lambda's own.",
        ),
    ]
    vpc_subnets: Annotated[
        ec2.SubnetSelection | None,
        One(
            default=None,
            member="subnet_type",
            expected="a SubnetSelection",
            text="subnets of the VPC, none of them public. "
            "None: the private ones, or the isolated ones if there are none.",
        ),
    ]
    security_groups: Annotated[
        Sequence[ec2.ISecurityGroup],
        Several(
            default=(),
            member="security_group_id",
            expected="a security group of CDK, for instance from SecurityGroup.from_security_group_id",
            maximum=5,
            text="security groups of functions in a VPC, at most 5. None given: each function has its own, which "
            "allows all outbound traffic.",
        ),
    ]
    environment_encryption_key: Annotated[
        kms.IKey | None,
        Key(
            default=None,
            text="a customer-managed key for environment variables. None: the key that Lambda manages.",
        ),
    ]
    dead_letter_queue: Annotated[
        sqs.IQueue | None,
        One(
            default=None,
            member="queue_arn",
            expected="a queue of CDK, for instance from Queue.from_queue_arn",
            text="for events of asynchronous calls that failed. API Gateway makes none, so it stays empty. Some rule "
            "packs ask for one.",
        ),
    ]
    provisioned_concurrent_executions: Annotated[
        int | None,
        WholeNumber(
            default=None,
            minimum=1,
            text="executions of each function that AWS keeps started, and bills, behind an alias. None: no alias.",
        ),
    ]
    snap_start: Annotated[
        bool,
        Flag(
            default=False,
            text="start functions from a snapshot of a version, behind an alias. Not together with provisioned "
            "executions.",
        ),
    ]


class OfTable(TypedDict, total=False):
    """Of a table, without its removal policy."""

    encryption_key: Annotated[
        kms.IKey | None,
        Key(
            default=None,
            text="a customer-managed key for the created table. Its stack then needs a region. "
            "None: the key that DynamoDB owns.",
        ),
    ]
    point_in_time_recovery: Annotated[
        bool, Flag(default=True, text="keep backups from which any second of the last 35 days can be restored.")
    ]
    deletion_protection: Annotated[
        bool, Flag(default=True, text="refuse to delete the table until this is switched off.")
    ]
    stream: Annotated[
        dynamodb.StreamViewType | None,
        Choice(
            default=None,
            kind=dynamodb.StreamViewType,
            text="a stream of the table's changes. With images it holds session data. None: no stream.",
        ),
    ]
    contributor_insights: Annotated[
        dynamodb.ContributorInsightsMode | None,
        Choice(
            default=None,
            kind=dynamodb.ContributorInsightsMode,
            text="show the most used or throttled keys in CloudWatch, with customer ids. None: do not.",
        ),
    ]
    resource_policy: Annotated[
        iam.PolicyDocument | None,
        One(
            default=None,
            member="add_statements",
            expected="a PolicyDocument of CDK's aws_iam",
            text="who else may use the table, or only from where. Its resource `*` is the table and its index. "
            "None: no policy.",
        ),
    ]
    warm_read_units_per_second: Annotated[
        int | None,
        WholeNumber(
            default=None,
            minimum=12_000,  # which a new table takes: to ask for less changes nothing
            text="strong reads of 4 KB per second that table and index accept at once. None: those of a new table.",
        ),
    ]
    warm_write_units_per_second: Annotated[
        int | None,
        WholeNumber(
            default=None,
            minimum=4_000,
            text="writes of 1 KB per second that table and index accept at once. None: those of a new table.",
        ),
    ]
    max_read_request_units: Annotated[
        int | None,
        WholeNumber(
            default=None,
            minimum=1,
            text="upper limit per second of an on-demand table and its index. More is throttled. None: no limit.",
        ),
    ]
    max_write_request_units: Annotated[
        int | None, WholeNumber(default=None, minimum=1, text="the same for writes. None: no limit.")
    ]
    max_read_capacity: Annotated[
        int | None,
        WholeNumber(
            default=None,
            minimum=1,
            text="makes table and index provisioned ones that scale up to this. None: on demand.",
        ),
    ]
    max_write_capacity: Annotated[
        int | None, WholeNumber(default=None, minimum=1, text="the same for writes. Give both or neither.")
    ]
    min_read_capacity: Annotated[
        int | None,
        WholeNumber(default=None, minimum=1, text="a provisioned table scales down to this, else to 1."),
    ]
    min_write_capacity: Annotated[int | None, WholeNumber(default=None, minimum=1, text="the same for writes.")]
    target_utilization_percent: Annotated[
        int | None,
        WholeNumber(
            default=None,
            minimum=20,
            maximum=90,
            unit="percent",
            text="share of a provisioned table's capacity that should be in use. None: 70 percent.",
        ),
    ]


class OfApi(TypedDict, total=False):
    """Of an HTTP API, without those of its log."""

    throttling_rate_limit: Annotated[
        int, WholeNumber(default=500, minimum=1, text="requests per second, all routes and callers together.")
    ]
    throttling_burst_limit: Annotated[
        int, WholeNumber(default=1000, minimum=1, text="requests at once, all routes and callers together.")
    ]


class _Events(TypedDict, total=False):
    batch_size: Annotated[
        int,
        WholeNumber(
            default=100,
            minimum=1,
            maximum=1000,
            unit="changes",
            text="how many changes one call of the function gets at most.",
        ),
    ]
    batching_window: Annotated[
        Duration | timedelta,
        Time(
            default=timedelta(0),
            minimum=0,
            maximum=300,
            text="how long Lambda waits for a batch to fill. With 0 it calls the sooner, and more often.",
        ),
    ]
    parallelization_factor: Annotated[
        int,
        WholeNumber(
            default=1,
            minimum=1,
            maximum=10,
            unit="batches",
            text="how many batches of a shard are worked on at once. Each session's changes stay in order.",
        ),
    ]
    # The halves of the batch are tried besides.
    retry_attempts: Annotated[
        int,
        WholeNumber(
            default=10,
            minimum=0,
            maximum=10_000,
            unit="retries",
            text="of a batch on which the function fails, before its place in the stream is parked. Its shard waits.",
        ),
    ]
    # An hour before DynamoDB forgets it: until then the place in the stream is good for something.
    max_record_age: Annotated[
        Duration | timedelta,
        Time(
            default=timedelta(hours=23),
            minimum=60,
            maximum=86_400,
            text="a change that old is parked in place of a call. The stream keeps changes for 24 hours.",
        ),
    ]
    enforce_tls: Annotated[
        bool,
        Flag(
            default=True,
            text="refuse calls of the parking queue, and of buckets, without TLS. An emulator that speaks HTTP alone "
            "needs False.",
        ),
    ]
    queue_encryption_key: Annotated[
        kms.IKey | None,
        Key(
            default=None,
            text="a customer-managed key for the parking queue. None: the key that SQS owns.",
        ),
    ]


class _LargeData(TypedDict, total=False):
    access_log_bucket: Annotated[
        s3.IBucket | None,
        One(
            default=None,
            member="bucket_arn",
            expected="a bucket of CDK, for instance from Bucket.from_bucket_name",
            text="where the bucket's access log goes, below `large-data/`. An imported one must allow that already. "
            "None: a bucket of its own, for 90 days.",
        ),
    ]


class LogProps(_Logs, _Removal, total=False):
    """Props of constructs that make a log group."""


class FunctionProps(OfFunctions, LogProps, total=False):
    """Props of constructs that make functions, those of their logs included."""


class TableProps(OfTable, _Removal, total=False):
    """Props of constructs that make a table, its removal policy included."""


class ApiProps(OfApi, LogProps, total=False):
    """Of constructs that make an HTTP API."""


class EventsProps(_Events, FunctionProps, total=False):
    """Of the function of the table's stream, and of what stands around it."""


class LargeDataProps(_LargeData, EventsProps, total=False):
    """Of the bucket of large data, and of the function of the table's stream that deletes objects."""
