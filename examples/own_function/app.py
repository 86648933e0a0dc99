"""Your own function that uses the library on the session table.

    cdk deploy --app "python3 app.py"

It needs the library beside its code, the table's name and rules in its environment, and a grant for each method that it
calls.
"""

from pathlib import Path

from aws_cdk import App, Duration, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from session_store.cdk import SessionService, code_with_library


class Visits(Stack):
    """A counter of visits."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        service = SessionService(self, "Sessions")
        function = lambda_.Function(
            self,
            "Visits",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            code=code_with_library(self, Path(__file__).parent / "functions"),
            handler="visits.handler",
            timeout=Duration.seconds(10),  # Lambda's default of 3 would end it before the store reports a fault
            reserved_concurrent_executions=10,  # its URL is public, and otherwise only the account's limit holds
        )
        service.table.connect(function, service.settings)
        service.table.grant_create_session(function)  # a visitor's first visit
        service.table.grant_validate(function)
        service.table.grant_increment(function)
        function.add_function_url(auth_type=lambda_.FunctionUrlAuthType.NONE)


app = App()
Visits(app, "Visits")
app.synth()
