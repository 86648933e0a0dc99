"""Synthesizing stacks and reading their templates."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from app import add_stacks
from session_store.catalog.functions import Function
from session_store.catalog.pattern import Resource
from session_store.storage import schema

CONTEXT: dict[str, Any] = json.loads((Path(__file__).parents[2] / "cdk.json").read_text())["context"]
ENVIRONMENTS = tuple(CONTEXT["environments"])

TABLE = "AWS::DynamoDB::GlobalTable"
KEY = "AWS::KMS::Key"
FUNCTION = "AWS::Lambda::Function"
ROLE = "AWS::IAM::Role"
LOG_GROUP = "AWS::Logs::LogGroup"
API = "AWS::ApiGatewayV2::Api"
ROUTE = "AWS::ApiGatewayV2::Route"
STAGE = "AWS::ApiGatewayV2::Stage"

# A permission as a policy states it: the action, and the resource as JSON.
Permission = tuple[str, str]


@dataclass(frozen=True)
class Template:
    """A synthesized template."""

    content: dict[str, Any]

    def resources(self, resource_type: str) -> dict[str, dict[str, Any]]:
        """Logical id to resource, of one type."""
        every = self.content["Resources"].items()
        return {logical_id: resource for logical_id, resource in every if resource["Type"] == resource_type}

    def only(self, resource_type: str) -> tuple[str, dict[str, Any]]:
        """Logical id and resource, of a type that the template has once."""
        ((logical_id, resource),) = self.resources(resource_type).items()
        return logical_id, resource

    def properties(self, resource_type: str) -> list[dict[str, Any]]:
        """Properties of each resource of a type."""
        return [resource["Properties"] for resource in self.resources(resource_type).values()]

    def function(self, name: str) -> dict[str, Any]:
        """Properties of the function that is a file's handler: for instance a `Function`."""
        (found,) = (each for each in self.properties(FUNCTION) if each["Handler"] == f"{name}.handler")
        return found

    def variables(self, name: str) -> dict[str, Any]:
        """The environment variables of such a function."""
        found: dict[str, Any] = self.function(name)["Environment"]["Variables"]
        return found

    def role(self, name: str) -> str:
        """The logical id of such a function's role."""
        return logical_id(self.function(name)["Role"])

    def statements(self, role: str) -> list[dict[str, Any]]:
        """All that the policies of the role with this logical id state."""
        return [
            statement
            for policy in self.properties("AWS::IAM::Policy")
            if {"Ref": role} in policy["Roles"]
            for statement in policy["PolicyDocument"]["Statement"]
        ]

    def permissions(self, role: str) -> set[Permission]:
        """The actions that a role is allowed, each with its resource."""
        return {
            (action, json.dumps(resource))
            for statement in self.statements(role)
            for action in _list(statement["Action"])
            for resource in _list(statement["Resource"])
        }

    def table_permissions(self, permissions: Iterable[tuple[str, Resource]]) -> set[Permission]:
        """The permissions as a policy must state them for the template's own table."""
        table_arn = {"Fn::GetAtt": [self.only(TABLE)[0], "Arn"]}
        index_arn = {"Fn::Join": ["", [table_arn, f"/index/{schema.INDEX_NAME}"]]}
        arns = {Resource.TABLE: json.dumps(table_arn), Resource.INDEX: json.dumps(index_arn)}
        return {(action, arns[resource]) for action, resource in permissions}


def new_app(context: Mapping[str, Any] | None = None) -> App:
    """An app whose templates are not held against CDK's own rules, which takes two seconds; one test does that."""
    return App(context=context, builtin_cloud_formation_validation=False)


def new_stack(region: str | None = None) -> Stack:
    """An empty stack in an app of its own, for any region unless told which."""
    return Stack(new_app(), "Stack", env=Environment(region=region))


def new_role(scope: Construct, construct_id: str = "Caller") -> iam.Role:
    """A role to grant something to."""
    return iam.Role(scope, construct_id, assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))


def new_function(scope: Construct, construct_id: str = "Own", **props: Any) -> lambda_.Function:
    """A function of an application's own, in a file and with a handler of its name."""
    return lambda_.Function(
        scope,
        construct_id,
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler=f"{construct_id.lower()}.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
        **props,
    )


def template_of(stack: Stack) -> Template:
    """Synthesize the app that the stack belongs to."""
    artifact = App.of(stack).synth().get_stack_by_name(stack.stack_name)  # type: ignore[union-attr]
    return Template(artifact.template)


def deployment(environment: str) -> Template:
    """The templates that this repository deploys to an environment of `cdk.json`, the demo aside."""
    return every_stack(environment)[f"SessionStore-{environment}"]


@cache
def every_stack(environment: str) -> dict[str, Template]:
    """All that this repository deploys to an environment, the demo included: a stack's name to its template."""
    app = new_app(CONTEXT | {"env": environment})
    add_stacks(app)
    return {artifact.stack_name: Template(artifact.template) for artifact in app.synth().stacks}


def packages_of(stack: Stack, template: Template, function: Function) -> set[str]:
    """The folders in a function's zip, but for the byte code of its entry point."""
    code = template.function(function)["Code"]["S3Key"]
    with zipfile.ZipFile(Path(App.of(stack).outdir, f"asset.{code}")) as opened:  # type: ignore[union-attr]
        folders = {name.partition("/")[0] for name in opened.namelist() if ".dist-info/" not in name and "/" in name}
    return folders - {"__pycache__"}


def open_routes(template: Template) -> set[str]:
    """The routes that API Gateway lets all callers in to."""
    routes = template.properties(ROUTE)
    return {route["RouteKey"] for route in routes if route.get("AuthorizationType", "NONE") == "NONE"}


def logical_id(reference: dict[str, Any]) -> str:
    """The logical id that a `Ref` or `Fn::GetAtt` points to."""
    return str(reference.get("Ref") or reference["Fn::GetAtt"][0])


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]
