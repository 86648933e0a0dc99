"""The CDK app of `examples/protected_api`, its authorizer on a REST API besides."""

from __future__ import annotations

import runpy
from typing import TYPE_CHECKING, Any

from aws_cdk import App, CfnOutput, CliCredentialsStackSynthesizer
from aws_cdk import aws_apigateway as rest

from local.paths import ROOT

if TYPE_CHECKING:
    from aws_cdk import Stack


def add_rest_api(stack: Stack) -> None:
    """The function and the authorizer of the example behind a REST API, its id in the output `RestApiId`."""
    authorizer: Any = stack.node.find_child("Authorizer")
    orders: Any = stack.node.find_child("Orders")
    api = rest.RestApi(stack, "RestApi")
    resource = api.root.add_resource("orders")
    for method in ("GET", "POST"):
        resource.add_method(method, rest.LambdaIntegration(orders), authorizer=authorizer.for_rest_api(api))
    CfnOutput(stack, "RestApiId", value=api.rest_api_id)


if __name__ == "__main__":
    app = App(default_stack_synthesizer=CliCredentialsStackSynthesizer())
    example = runpy.run_path(str(ROOT / "examples" / "protected_api" / "app.py"))
    add_rest_api(example["OrdersApi"](app, "OrdersApi"))
    app.synth()
