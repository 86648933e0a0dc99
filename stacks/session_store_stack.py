"""The stack that each environment gets: the session service, and where to find it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import CfnOutput, CliCredentialsStackSynthesizer, Stack, Tags
from aws_cdk import Environment as AwsEnvironment
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_sns as sns

from session_store.cdk import SessionMonitoring, SessionService, SessionTable
from session_store.cdk.props import OnTableProps
from session_store.cdk.takes import of

if TYPE_CHECKING:
    from constructs import Construct

    from session_store.cdk import SessionTableGrants
    from stacks.environments import Environment, Monitoring


class SessionStoreStack(Stack):
    """The session service with one environment's settings.

    Outputs:
        ApiId: the HTTP API.
        ApiUrl: where the HTTP API answers, without a slash at the end.
        TableName: the session table.
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
        table = self._existing_table(environment.table_name)
        self.service = SessionService(
            self,
            "Sessions",
            table=table,
            settings=environment.settings,
            **(of(OnTableProps, environment.props) if table else environment.props),
        )
        for key, value in environment.api_tags.items():
            Tags.of(self.service.api.api).add(key, value)
        if environment.monitoring:
            self._add_monitoring(environment.monitoring)
        CfnOutput(self, "ApiId", value=self.service.api.api.api_id)
        CfnOutput(self, "ApiUrl", value=self.service.url.removesuffix("/"))
        CfnOutput(self, "TableName", value=self.service.table.table.table_name)

    def _add_monitoring(self, monitoring: Monitoring) -> None:
        arn = monitoring.topic_arn
        topic = sns.Topic.from_topic_arn(self, "AlarmTopic", arn) if arn else None
        SessionMonitoring(self, "Monitoring", service=self.service, topic=topic, **monitoring.props)

    def _existing_table(self, name: str | None) -> SessionTableGrants | None:
        if name is None:
            return None
        return SessionTable.from_table(dynamodb.TableV2.from_table_name(self, "ExistingTable", name))
