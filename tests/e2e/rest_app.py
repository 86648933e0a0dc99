"""A CDK app with a REST API whose methods the session authorizer guards."""

from __future__ import annotations

from aws_cdk import App, CfnOutput, CliCredentialsStackSynthesizer, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_

from session_store import SessionSettings
from session_store.cdk import SessionAuthorizer, SessionTable

_CODE = """
import json

def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event["requestContext"]["authorizer"])}
"""


def rest_app() -> App:
    """The app: one stack, the API's id in its output `RestApiId`."""
    app = App(default_stack_synthesizer=CliCredentialsStackSynthesizer())
    stack = Stack(app, "RestOrders")
    name = str(stack.node.get_context("table_name"))
    table = SessionTable.from_table(dynamodb.TableV2.from_table_name(stack, "SessionTable", name))
    authorizer = SessionAuthorizer(
        stack, "Authorizer", table=table, settings=SessionSettings(), context_data_keys=["tier"]
    )
    orders = lambda_.Function(
        stack,
        "Orders",
        runtime=lambda_.Runtime.PYTHON_3_13,
        code=lambda_.Code.from_inline(_CODE),
        handler="index.handler",
    )
    api = apigateway.RestApi(stack, "Api")
    resource = api.root.add_resource("orders")
    for method in ("GET", "POST"):
        integration = apigateway.LambdaIntegration(orders)
        resource.add_method(method, integration, authorizer=authorizer.for_rest_api(api))
    CfnOutput(stack, "RestApiId", value=api.rest_api_id)
    return app


if __name__ == "__main__":
    rest_app().synth()
