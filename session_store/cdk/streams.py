"""Functions on the table's stream: the stream, how Lambda calls the function, and the queue of what has failed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from aws_cdk import Duration, Stack, Token
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from session_store.cdk.checks import as_duration, check_region
from session_store.cdk.grants import check_table
from session_store.cdk.table import SessionTable
from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs import Construct

    from session_store.catalog.lifecycle import EventFilter
    from session_store.cdk.grants import SessionTableGrants
    from session_store.cdk.props import EventsProps

STREAM_ARN: Final = re.compile(
    r"arn:[\w-]+:dynamodb:(?P<region>[\w-]+):\d{12}:table/(?P<table>[\w.-]+)/stream/[\w.:-]+"
)
IMAGES: Final = dynamodb.StreamViewType.NEW_AND_OLD_IMAGES
"""The kind of stream that the functions need."""
_KEPT: Final = Duration.days(14)  # the longest that SQS keeps a message
_BY_PROP: Final = f"give stream=StreamViewType.{IMAGES.name} to the SessionService, or the SessionTable, that makes it"
_BY_IMPORT: Final = (
    f"switch on one of {IMAGES.name}, and import the table with it, "
    "TableV2.from_table_attributes(..., table_stream_arn=...)"
)


def new_parking_queue(scope: Construct, props: EventsProps) -> sqs.Queue:
    """A queue for what a function could not do, and for places in the stream that Lambda gave up on.

    Args:
        scope: the construct it belongs to.
        props: all of them, checked.
    """
    key = props["queue_encryption_key"]
    return sqs.Queue(
        scope,
        "Parking",
        retention_period=_KEPT,
        encryption=sqs.QueueEncryption.KMS if key else sqs.QueueEncryption.SQS_MANAGED,
        encryption_master_key=key,
        enforce_ssl=props["enforce_tls"],
        removal_policy=props["removal_policy"],
    )


def call_with_changes(
    scope: Construct,
    function: lambda_.IFunction,
    *,
    stream: str,
    filters: Iterable[EventFilter],
    queue: sqs.Queue,
    props: EventsProps,
) -> None:
    """Let Lambda call a function with changes of the table. CDK's own construct for it would grant more than is needed.

    Args:
        scope: the construct that the mapping belongs to.
        function: the function, or its alias.
        stream: the ARN of the stream.
        filters: the changes that it is called with.
        queue: gets the place of a batch on which the function fails again and again.
        props: all of them, checked.
    """
    on_failure = lambda_.CfnEventSourceMapping.OnFailureProperty(destination=queue.queue_arn)
    patterns = [lambda_.CfnEventSourceMapping.FilterProperty(pattern=json.dumps(each.pattern)) for each in filters]
    lambda_.CfnEventSourceMapping(
        scope,
        "Mapping",
        function_name=function.function_name,
        event_source_arn=stream,
        # With LATEST, Lambda may miss changes while the mapping is made or changed.
        starting_position=lambda_.StartingPosition.TRIM_HORIZON.value,
        filter_criteria=lambda_.CfnEventSourceMapping.FilterCriteriaProperty(filters=patterns),
        batch_size=props["batch_size"],
        maximum_batching_window_in_seconds=as_duration(props["batching_window"]).to_seconds(),
        parallelization_factor=props["parallelization_factor"],
        function_response_types=["ReportBatchItemFailures"],
        # A change that makes the function fail is found by halves, and the others are done.
        bisect_batch_on_function_error=True,
        maximum_retry_attempts=props["retry_attempts"],
        maximum_record_age_in_seconds=as_duration(props["max_record_age"]).to_seconds(),
        destination_config=lambda_.CfnEventSourceMapping.DestinationConfigProperty(on_failure=on_failure),
    )


def stream_of(table: SessionTableGrants, stack: Stack) -> str:
    """The ARN of the table's stream.

    Raises:
        InvalidInputError: there is none, it lacks images, or it is of another region.
    """
    _check_images(check_table(table))
    arn = table.table.table_stream_arn
    if arn is None:
        raise InvalidInputError("table", f"has no stream: {_BY_IMPORT}")
    if Token.is_unresolved(arn):
        check_region("table", table.table.env.region, stack)
        return arn
    found = STREAM_ARN.fullmatch(arn)
    if not found or found["table"] != table.table.table_name:
        raise InvalidInputError("table", "must be imported with the ARN of its own stream, table_stream_arn", value=arn)
    check_region("table", found["region"], stack)
    return arn


def _check_images(table: SessionTableGrants) -> None:
    """Refuse a table of this app without both images. Of one that is made elsewhere CDK does not tell."""
    if not isinstance(table, SessionTable) or table.stream is IMAGES:
        return
    if table.stream is None:
        raise InvalidInputError("table", f"has no stream: {_BY_PROP}")
    raise InvalidInputError("table", f"has a stream without both images: {_BY_PROP}", value=table.stream.name)
