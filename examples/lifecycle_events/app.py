"""Lifecycle events of sessions. A queue gets those of ends.

cdk deploy --app "python3 app.py"
"""

from aws_cdk import App, Stack
from aws_cdk.aws_dynamodb import StreamViewType
from aws_cdk.aws_events import EventPattern, Rule
from aws_cdk.aws_events_targets import SqsQueue
from aws_cdk.aws_sqs import Queue

from session_store.cdk import SessionEvents, SessionService

app = App()
stack = Stack(app, "Told")
service = SessionService(stack, "Sessions", stream=StreamViewType.NEW_AND_OLD_IMAGES)
events = SessionEvents(stack, "Events", table=service.table)
ends = EventPattern(source=["session-store"], detail_type=["session.ended"])
Rule(stack, "Ends", event_bus=events.bus, event_pattern=ends, targets=[SqsQueue(Queue(stack, "Ended"))])
app.synth()
