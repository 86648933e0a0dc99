"""Lifecycle events: the table's stream, a function on it, and the event bus that it tells."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from aws_cdk import Duration, Stack, Token
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as eventbridge
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from session_store import settings
from session_store.catalog.functions import Function
from session_store.catalog.lifecycle import EVENT_BUS, EVENT_FILTERS, PARKING_QUEUE, STREAM
from session_store.catalog.permissions import permissions_of
from session_store.cdk.checks import as_duration, check_member
from session_store.cdk.grants import check_table
from session_store.cdk.lambda_function import new_lambda_function
from session_store.cdk.lambda_grants import grant_queue_key
from session_store.cdk.props import EventsProps
from session_store.cdk.table import SessionTable
from session_store.cdk.takes import filled, takes
from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from typing import Unpack

    from session_store.cdk.grants import SessionTableGrants

STREAM_ARN: Final = re.compile(
    r"arn:[\w-]+:dynamodb:(?P<region>[\w-]+):\d{12}:table/(?P<table>[\w.-]+)/stream/[\w.:-]+"
)
_KEPT: Final = Duration.days(14)  # the longest that SQS keeps a message
_IMAGES: Final = dynamodb.StreamViewType.NEW_AND_OLD_IMAGES
_BY_PROP: Final = f"give stream=StreamViewType.{_IMAGES.name} to the SessionService, or the SessionTable, that makes it"
_BY_IMPORT: Final = (
    f"switch on one of {_IMAGES.name}, and import the table with it, "
    "TableV2.from_table_attributes(..., table_stream_arn=...)"
)


@takes(EventsProps)
class SessionEvents(Construct):
    """Puts an event on an event bus for every session, and child session, that starts, ends, expires or is erased.

        service = SessionService(stack, "Sessions", stream=StreamViewType.NEW_AND_OLD_IMAGES)
        events = SessionEvents(stack, "Events", table=service.table)
        Rule(stack, "SignIns", event_bus=events.bus, event_pattern=EventPattern(detail_type=["session.created"]))

    A function reads the table's stream. It sees nothing but the changes that are events, and has no access to the
    table. A change that it cannot tell of is parked in a queue, and holds up no other. Should the function itself fail
    again and again, Lambda parks the place of the batch in the stream. `session-store redrive` tells of both later.

    It begins with the oldest change that the stream has, so that none is missed between switching on the stream and
    the first call. On a stream that is older, or when the construct is made anew, events of the last 24 hours come
    (again).

    Args:
        scope: the construct this one belongs to.
        construct_id: its id there.
        table: the session table. It needs a stream of new and old images, in which the sessions' data is for 24 hours.
            One that is made elsewhere is imported with its stream, `TableV2.from_table_attributes(table_stream_arn=)`.
        bus: an event bus in the region of the stack, for instance `EventBus.from_event_bus_name(stack, "Bus",
            "default")`. One of another account has to allow the function's role `events:PutEvents` in its policy. None
            makes one, so that no rule on the account's own bus sees the ids of customers by accident.

    Attributes:
        bus: the event bus, for rules.
        function: the Lambda function on the stream.
        alias: `live`, which stands for its newest version, where a prop asks for one, else None.
        log_group: where it logs to, JSON lines.
        parking_queue: what it could not tell of, for 14 days. Messages hold ids, and no data.

    Raises:
        InvalidInputError: the table has no stream, or one of another kind or region, the bus is of another region, or a
            prop is out of range. Also a ValueError.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        table: SessionTableGrants,
        bus: eventbridge.IEventBus | None = None,
        **props: Unpack[EventsProps],
    ) -> None:
        super().__init__(scope, construct_id)
        stream = _stream_of(table, Stack.of(self))
        _check_bus(bus, Stack.of(self))
        given = filled(EventsProps, props)
        self.bus: eventbridge.IEventBus = bus or eventbridge.EventBus(self, "Bus")
        self.parking_queue = self._queue(given)
        variables = {
            settings.TABLE_NAME: table.table.table_name,
            settings.EVENT_BUS: self.bus.event_bus_arn,
            settings.PARKING_QUEUE_URL: self.parking_queue.queue_url,
        }
        made = new_lambda_function(Construct(self, "Function"), Function.LIFECYCLE_EVENTS, given, variables)
        self.function, self.alias, self.log_group = made
        arns = {
            STREAM: stream,
            EVENT_BUS: self.bus.event_bus_arn,
            PARKING_QUEUE: self.parking_queue.queue_arn,
        }
        table.grant_permissions(self.function, permissions_of(Function.LIFECYCLE_EVENTS), arns)
        if (key := given["queue_encryption_key"]) is not None:
            grant_queue_key(self.function, key)
        self._map(stream, made.invoked, given)

    def _queue(self, props: EventsProps) -> sqs.Queue:
        key = props["queue_encryption_key"]
        return sqs.Queue(
            self,
            "Parking",
            retention_period=_KEPT,
            encryption=sqs.QueueEncryption.KMS if key else sqs.QueueEncryption.SQS_MANAGED,
            encryption_master_key=key,
            enforce_ssl=props["enforce_tls"],
            removal_policy=props["removal_policy"],
        )

    def _map(self, stream: str, function: lambda_.IFunction, props: EventsProps) -> None:
        """Let Lambda call the function. CDK's own construct for it would grant more than is needed."""
        on_failure = lambda_.CfnEventSourceMapping.OnFailureProperty(destination=self.parking_queue.queue_arn)
        filters = [
            lambda_.CfnEventSourceMapping.FilterProperty(pattern=json.dumps(each.pattern)) for each in EVENT_FILTERS
        ]
        lambda_.CfnEventSourceMapping(
            self,
            "Mapping",
            function_name=function.function_name,
            event_source_arn=stream,
            # With LATEST, Lambda may miss changes while the mapping is made or changed.
            starting_position=lambda_.StartingPosition.TRIM_HORIZON.value,
            filter_criteria=lambda_.CfnEventSourceMapping.FilterCriteriaProperty(filters=filters),
            batch_size=props["batch_size"],
            maximum_batching_window_in_seconds=as_duration(props["batching_window"]).to_seconds(),
            parallelization_factor=props["parallelization_factor"],
            function_response_types=["ReportBatchItemFailures"],
            # A change that makes the function fail is found by halves, and the others are told of.
            bisect_batch_on_function_error=True,
            maximum_retry_attempts=props["retry_attempts"],
            maximum_record_age_in_seconds=as_duration(props["max_record_age"]).to_seconds(),
            destination_config=lambda_.CfnEventSourceMapping.DestinationConfigProperty(on_failure=on_failure),
        )


def _stream_of(table: SessionTableGrants, stack: Stack) -> str:
    """The ARN of the table's stream.

    Raises:
        InvalidInputError: there is none, it lacks images, or it is of another region.
    """
    _check_images(check_table(table))
    arn = table.table.table_stream_arn
    if arn is None:
        raise InvalidInputError("table", f"has no stream: {_BY_IMPORT}")
    if Token.is_unresolved(arn):
        _check_region("table", table.table.env.region, stack)
        return arn
    found = STREAM_ARN.fullmatch(arn)
    if not found or found["table"] != table.table.table_name:
        raise InvalidInputError("table", "must be imported with the ARN of its own stream, table_stream_arn", value=arn)
    _check_region("table", found["region"], stack)
    return arn


def _check_images(table: SessionTableGrants) -> None:
    """Refuse a table of this app without both images. Of one that is made elsewhere CDK does not tell."""
    if not isinstance(table, SessionTable) or table.stream is _IMAGES:
        return
    if table.stream is None:
        raise InvalidInputError("table", f"has no stream: {_BY_PROP}")
    raise InvalidInputError("table", f"has a stream without both images: {_BY_PROP}", value=table.stream.name)


def _check_bus(bus: eventbridge.IEventBus | None, stack: Stack) -> None:
    if bus is None:
        return
    check_member("bus", bus, "event_bus_arn", "an event bus of CDK, for instance from EventBus.from_event_bus_name")
    _check_region("bus", bus.env.region, stack)


def _check_region(prop: str, region: str, stack: Stack) -> None:
    known = not Token.is_unresolved(region) and not Token.is_unresolved(stack.region)
    if known and region != stack.region:
        raise InvalidInputError(prop, f"must be in the stack's region, {stack.region}", value=region)
