"""The stack that each environment gets: the session service, and where to find it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aws_cdk import CfnOutput, CliCredentialsStackSynthesizer, Stack, Tags
from aws_cdk import Environment as AwsEnvironment
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as eventbridge
from aws_cdk import aws_sns as sns

from session_store.cdk import LargeDataBucket, SessionEvents, SessionMonitoring, SessionService, SessionTable
from session_store.cdk.props import FunctionProps
from session_store.cdk.store_props import OnTableProps
from session_store.cdk.takes import of

if TYPE_CHECKING:
    from constructs import Construct

    from session_store.cdk import SessionTableGrants
    from session_store.cdk.props import EventsProps, LargeDataProps
    from session_store.cdk.store_props import ServiceProps
    from stacks.environments import Environment, Monitoring


class SessionStoreStack(Stack):
    """The session service with one environment's settings.

    Outputs:
        ApiId: the HTTP API.
        ApiUrl: where the HTTP API answers, without a slash at the end.
        TableName: the session table.
        LargeDataBucket: with large data, its bucket.
        EventBus: with lifecycle events, the ARN of their event bus.
        ParkingQueueUrl: with lifecycle events, the queue of what could not be told of.

    Attributes:
        service: the session service.
        events: its lifecycle events, None where there are none.
    """

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(
            scope,
            construct_id,
            description=f"Session store ({environment.name})",
            env=AwsEnvironment(account=environment.account, region=environment.region),
            synthesizer=CliCredentialsStackSynthesizer() if environment.cli_credentials else None,
            termination_protection=environment.termination_protection,
            tags=environment.tags,
        )
        table = self._existing_table(environment)
        of_service = of(OnTableProps, environment.props) if table else _with_stream(environment)
        props = cast("ServiceProps", {**of_service, "large_data": self._large_data(environment)})
        self.service = SessionService(self, "Sessions", table=table, settings=environment.settings, **props)
        for key, value in environment.api_tags.items():
            Tags.of(self.service.api.api).add(key, value)
        self.events = self._add_events(environment)
        if environment.monitoring:
            self._add_monitoring(environment.monitoring)
        CfnOutput(self, "ApiId", value=self.service.api.api.api_id)
        CfnOutput(self, "ApiUrl", value=self.service.url.removesuffix("/"))
        CfnOutput(self, "TableName", value=self.service.table.table.table_name)
        if self.service.large_data:
            CfnOutput(self, "LargeDataBucket", value=self.service.large_data.bucket.bucket_name)
        if self.events:
            CfnOutput(self, "EventBus", value=self.events.bus.event_bus_arn)
            CfnOutput(self, "ParkingQueueUrl", value=self.events.parking_queue.queue_url)

    def _large_data(self, environment: Environment) -> LargeDataBucket | None:
        given = environment.large_data
        if given is None:
            return None
        props: LargeDataProps = {**of(FunctionProps, environment.props), **given.props}
        return LargeDataBucket(self, "LargeData", threshold=given.threshold, **props)

    def _add_events(self, environment: Environment) -> SessionEvents | None:
        if environment.events is None:
            return None
        arn = environment.events.bus_arn
        bus = eventbridge.EventBus.from_event_bus_arn(self, "EventsBus", arn) if arn else None
        props: EventsProps = {**of(FunctionProps, environment.props), **environment.events.props}
        return SessionEvents(self, "Events", table=self.service.table, bus=bus, **props)

    def _add_monitoring(self, monitoring: Monitoring) -> None:
        arn = monitoring.topic_arn
        topic = sns.Topic.from_topic_arn(self, "AlarmTopic", arn) if arn else None
        SessionMonitoring(self, "Monitoring", service=self.service, topic=topic, events=self.events, **monitoring.props)

    def _existing_table(self, environment: Environment) -> SessionTableGrants | None:
        if environment.table_name is None:
            return None
        stream_arn = next((each.stream_arn for each in (environment.events, environment.large_data) if each), None)
        return SessionTable.from_table(
            dynamodb.TableV2.from_table_attributes(
                self, "ExistingTable", table_name=environment.table_name, table_stream_arn=stream_arn
            )
        )


def _with_stream(environment: Environment) -> ServiceProps:
    """The props of the service. Lifecycle events need a stream, so that they switch it on."""
    if environment.events is None or environment.props["stream"] is not None:
        return environment.props
    return {**environment.props, "stream": dynamodb.StreamViewType.NEW_AND_OLD_IMAGES}
