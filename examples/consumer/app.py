"""Your own CDK app: the session service, and a role that may validate tokens.

    npx aws-cdk@2 deploy

Before the first time, for each account and region: npx aws-cdk@2 bootstrap
"""

from aws_cdk import App, Stack
from aws_cdk import aws_iam as iam

from session_store.cdk import SessionService

app = App()
stack = Stack(app, "MyApplication")
service = SessionService(stack, "Sessions")
role = iam.Role(stack, "MyFunctionRole", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
service.table.grant_validate(role)
print("Written:", app.synth().directory)
