"""Alarms and a dashboard of the session service. The alarms notify a topic.

cdk deploy --app "python3 app.py"
"""

from aws_cdk import App, Stack
from aws_cdk import aws_sns as sns
from constructs import Construct

from session_store.cdk import SessionMonitoring, SessionService


class Monitored(Stack):
    """The service, and its monitoring."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        service = SessionService(self, "Sessions")
        topic = sns.Topic(self, "OnCall")  # subscribe the people on call
        SessionMonitoring(
            self,
            "Monitoring",
            service=service,
            topic=topic,
            latency_milliseconds=500,
            leave_out=["session-limit-failed"],
            runbook="https://wiki.example.com/sessions",
        )


app = App()
Monitored(app, "Monitored")
app.synth()
