"""The function on the table's stream that deletes objects of large data, and what stands around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Stack
from constructs import Construct

from session_store.catalog.functions import Function
from session_store.catalog.large_data import OBJECTS
from session_store.catalog.lifecycle import PARKING_QUEUE, STREAM
from session_store.catalog.object_deletion import OBJECT_FILTERS
from session_store.catalog.permissions import permissions_of
from session_store.cdk.lambda_function import new_lambda_function
from session_store.cdk.lambda_grants import grant_queue_key
from session_store.cdk.streams import call_with_changes, new_parking_queue, stream_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.cdk.grants import SessionTableGrants
    from session_store.cdk.props import EventsProps


class ObjectDeletion(Construct):
    """Deletes the objects of sessions that are saved anew, end, expire or are erased. A `LargeDataBucket` makes it.

    It is a function of its own, not that of lifecycle events. So no fault of one holds up the other, each is there
    without the other, and neither may do what the other does. Lambda then reads the stream for both, and two readers
    are as many as a stream should have.

    Attributes:
        function: the Lambda function.
        alias: `live`, which stands for its newest version, where a prop asks for one, else None.
        log_group: where it logs to, JSON lines.
        parking_queue: the places in the stream that Lambda gave up on, for 14 days.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        table: SessionTableGrants,
        objects: str,
        environment: Mapping[str, str],
        props: EventsProps,
    ) -> None:
        super().__init__(scope, construct_id)
        stream = stream_of(table, Stack.of(self))
        self.parking_queue = new_parking_queue(self, props)
        made = new_lambda_function(
            Construct(self, "Function"), Function.DELETE_OBJECTS, props, environment, rooms=frozenset({"large_data"})
        )
        self.function, self.alias, self.log_group = made
        arns = {STREAM: stream, PARKING_QUEUE: self.parking_queue.queue_arn, OBJECTS: objects}
        table.grant_permissions(self.function, permissions_of(Function.DELETE_OBJECTS), arns)
        if (key := props["queue_encryption_key"]) is not None:
            grant_queue_key(self.function, key)
        call_with_changes(
            self, made.invoked, stream=stream, filters=OBJECT_FILTERS, queue=self.parking_queue, props=props
        )
