"""The stack that each environment gets: the session service, and where to find it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import CfnOutput, CliCredentialsStackSynthesizer, Stack, Tags
from aws_cdk import Environment as AwsEnvironment
from aws_cdk import aws_dynamodb as dynamodb

from session_store.cdk import SessionService, SessionTable

if TYPE_CHECKING:
    from constructs import Construct

    from session_store.cdk import SessionTableGrants
    from stacks.environments import Environment


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
            removal_policy=environment.removal_policy,
            deletion_protection=None if table else environment.deletion_protection,
            point_in_time_recovery=None if table else environment.point_in_time_recovery,
            idle_timeout=environment.idle_timeout,
            absolute_timeout=environment.absolute_timeout,
            retention=environment.retention,
            rotation_grace=environment.rotation_grace,
            not_before=environment.not_before,
            rotation_interval=environment.rotation_interval,
            max_sessions_per_customer=environment.max_sessions_per_customer,
            memory_size=environment.memory_size,
            timeout=environment.timeout,
            log_level=environment.log_level,
            log_retention=environment.log_retention,
            throttling_rate_limit=environment.throttling_rate_limit,
            throttling_burst_limit=environment.throttling_burst_limit,
        )
        for key, value in environment.api_tags.items():
            Tags.of(self.service.api.api).add(key, value)
        CfnOutput(self, "ApiId", value=self.service.api.api.api_id)
        CfnOutput(self, "ApiUrl", value=self.service.url.removesuffix("/"))
        CfnOutput(self, "TableName", value=self.service.table.table.table_name)

    def _existing_table(self, name: str | None) -> SessionTableGrants | None:
        if name is None:
            return None
        return SessionTable.from_table(dynamodb.TableV2.from_table_name(self, "ExistingTable", name))
