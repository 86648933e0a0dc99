"""Lifecycle events of sessions, and a consumer: an e-mail to the customer about each new sign-in.

cdk deploy --app "python3 app.py"
"""

from pathlib import Path

from aws_cdk import App, Duration, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk.aws_events_targets import LambdaFunction
from constructs import Construct

from session_store.cdk import SessionEvents, SessionService, code_with_library

FUNCTIONS = Path(__file__).parent / "functions"


class NewSignInMails(Construct):
    """Sends the mails.

    Args:
        scope: the construct this one belongs to.
        construct_id: its id there.
        service: whose sessions they are.
        bus: which has their events.
        sender: an address of an SES identity of this account. None: the mails go to the function's log.
        log_retention: how long the log is kept.

    Attributes:
        log_group: the function's.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        service: SessionService,
        bus: events.IEventBus,
        sender: str | None = None,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH,
    ) -> None:
        super().__init__(scope, construct_id)
        self.log_group = logs.LogGroup(self, "Logs", retention=log_retention, removal_policy=RemovalPolicy.DESTROY)
        told = dynamodb.TableV2(
            self,
            "Told",
            partition_key=dynamodb.Attribute(name="session_id", type=dynamodb.AttributeType.STRING),
            time_to_live_attribute="ttl",
            removal_policy=RemovalPolicy.DESTROY,
        )
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.log_group.grant(role, "logs:CreateLogStream", "logs:PutLogEvents")
        function = lambda_.Function(
            self,
            "Function",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            code=code_with_library(self, FUNCTIONS),
            handler="new_sign_in.handler",
            role=role,
            memory_size=256,
            timeout=Duration.seconds(10),
            log_group=self.log_group,
            environment={"TOLD_TABLE": told.table_name},
        )
        told.grant(function, "dynamodb:GetItem", "dynamodb:PutItem")
        service.table.connect(function, service.settings)
        service.table.grant_get_session(function, customer_known=True)
        if sender is not None:
            function.add_environment("MAIL_FROM", sender)
            identity = Stack.of(self).format_arn(service="ses", resource="identity", resource_name=sender)
            function.add_to_role_policy(iam.PolicyStatement(actions=["ses:SendEmail"], resources=[identity]))
        events.Rule(
            self,
            "Rule",
            event_bus=bus,
            event_pattern=events.EventPattern(
                source=["session-store"],
                detail_type=["session.created"],
                detail={"customer_id": [{"exists": True}]},  # visitors have no address
            ),
            targets=[LambdaFunction(function)],
        )


class Sessions(Stack):
    """The service, its events and the mails.

    Attributes:
        service: the session service.
        events: its lifecycle events.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.service = SessionService(self, "Sessions", stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES)
        self.events = SessionEvents(self, "Events", table=self.service.table)
        NewSignInMails(self, "Mails", service=self.service, bus=self.events.bus)


if __name__ == "__main__":
    app = App()
    Sessions(app, "Sessions")
    app.synth()
