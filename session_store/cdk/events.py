"""Lifecycle events: the table's stream, a function on it, and the event bus that it tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Stack
from aws_cdk import aws_events as eventbridge
from constructs import Construct

from session_store import settings
from session_store.catalog.functions import Function
from session_store.catalog.lifecycle import EVENT_BUS, EVENT_FILTERS, PARKING_QUEUE, STREAM
from session_store.catalog.permissions import permissions_of
from session_store.cdk.checks import check_member, check_region
from session_store.cdk.lambda_function import new_lambda_function
from session_store.cdk.lambda_grants import grant_queue_key
from session_store.cdk.props import EventsProps
from session_store.cdk.streams import call_with_changes, new_parking_queue, stream_of
from session_store.cdk.takes import filled, takes

if TYPE_CHECKING:
    from typing import Unpack

    from session_store.cdk.grants import SessionTableGrants


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
        stream = stream_of(table, Stack.of(self))
        _check_bus(bus, Stack.of(self))
        given = filled(EventsProps, props)
        self.bus: eventbridge.IEventBus = bus or eventbridge.EventBus(self, "Bus")
        self.parking_queue = new_parking_queue(self, given)
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
        call_with_changes(
            self, made.invoked, stream=stream, filters=EVENT_FILTERS, queue=self.parking_queue, props=given
        )


def _check_bus(bus: eventbridge.IEventBus | None, stack: Stack) -> None:
    if bus is None:
        return
    check_member("bus", bus, "event_bus_arn", "an event bus of CDK, for instance from EventBus.from_event_bus_name")
    check_region("bus", bus.env.region, stack)
