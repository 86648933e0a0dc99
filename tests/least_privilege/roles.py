"""The roles as they are synthesized, and what a policy evaluator says that they allow."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk.aws_apigatewayv2_integrations import HttpUrlIntegration

from local.embedded_aws import ACCOUNT, REGION
from local.tools import node_folder
from session_store.access_patterns import Resource
from session_store.cdk import SessionAuthorizer, SessionService, SessionUserRoutes
from session_store.schema import INDEX_NAME
from tests.infra.templates import FUNCTION, TABLE, Template, every_stack, logical_id, new_stack, template_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_EVALUATOR: Final = Path(__file__).parent / "evaluate.mjs"
_PSEUDO_PARAMETERS: Final = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT}

TABLE_ARN: Final = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/sessions"
ARNS: Final = {Resource.TABLE: TABLE_ARN, Resource.INDEX: f"{TABLE_ARN}/index/{INDEX_NAME}"}
OTHERS: Final = (f"{TABLE_ARN}-of-others", f"{TABLE_ARN}/index/another", f"{TABLE_ARN}/stream/1")
"""Where no function has any business."""


@dataclass(frozen=True)
class Role:
    """A function's role.

    Attributes:
        statements: all that its policies state, ARNs resolved.
        log_group: ARN of the function's own log group, without the `:*` at the end.
    """

    statements: tuple[dict[str, Any], ...]
    log_group: str

    @property
    def policy(self) -> dict[str, Any]:
        """One policy document."""
        return {"Version": "2012-10-17", "Statement": list(self.statements)}

    def permissions(self) -> Iterator[tuple[str, str]]:
        """Every action with every resource of its statement."""
        for statement in self.statements:
            for action in _list(statement["Action"]):
                for resource in _list(statement["Resource"]):
                    yield action, resource


@dataclass(frozen=True)
class Verdicts:
    """What the evaluator says.

    Attributes:
        actions_known: how many actions of DynamoDB it tried on every resource.
        allowed: by function, the actions and ARNs.
    """

    actions_known: int
    allowed: Mapping[str, set[tuple[str, str]]]


def synthesized_roles() -> dict[str, Role]:
    """The role of every function, as the constructs make them with their defaults."""
    stack = new_stack()
    service = SessionService(stack, "Sessions")
    _add_user_routes(stack, service)
    return {
        function["Handler"].partition(".")[0]: _role(template, function)
        for template in (template_of(stack), every_stack("dev")["SessionStoreDemo-dev"])
        for function in template.properties(FUNCTION)
    }


def evaluate(roles: Mapping[str, Role]) -> Verdicts:
    """Try every action that DynamoDB has on the table, the index, and what belongs to others."""
    resources = [*ARNS.values(), *OTHERS]
    asked = {function: {"policy": role.policy, "resources": resources} for function, role in roles.items()}
    done = subprocess.run(
        [node_folder() / "node", _EVALUATOR], input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    said = json.loads(done.stdout)
    allowed = {name: {(action, arn) for action, arn in pairs} for name, pairs in said["answers"].items()}
    return Verdicts(said["actions"], allowed)


def _add_user_routes(stack: Stack, service: SessionService) -> None:
    api = apigateway.HttpApi(stack, "Api")
    authorizer = SessionAuthorizer(stack, "Authorizer", table=service.table)
    back = HttpUrlIntegration("Back", "https://example.com")
    api.add_routes(path="/orders", integration=back, authorizer=authorizer)
    SessionUserRoutes(stack, "UserRoutes", api=api, table=service.table)


def _role(template: Template, function: Mapping[str, Any]) -> Role:
    role = logical_id(function["Role"])
    resource = template.content["Resources"][role]["Properties"]
    assert "ManagedPolicyArns" not in resource
    assert "Policies" not in resource
    statements = tuple(_resolved(template, statement) for statement in template.statements(role))
    return Role(statements, _log_group_arn(logical_id(function["LoggingConfig"]["LogGroup"])))


def _resolved(template: Template, value: Any) -> Any:
    """A part of a template with its references replaced by what they will stand for."""
    if isinstance(value, list):
        return [_resolved(template, part) for part in value]
    if not isinstance(value, dict):
        return value
    if "Fn::GetAtt" in value:
        return _attribute(template, *value["Fn::GetAtt"])
    if "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return separator.join(_resolved(template, parts))
    if "Fn::ImportValue" in value:
        assert "SessionsTable" in value["Fn::ImportValue"]
        return TABLE_ARN
    if "Ref" in value:
        return _PSEUDO_PARAMETERS[value["Ref"]]
    return {key: _resolved(template, part) for key, part in value.items()}


def _attribute(template: Template, resource: str, attribute: str) -> str:
    assert attribute == "Arn"
    if template.content["Resources"][resource]["Type"] == TABLE:
        return TABLE_ARN
    return f"{_log_group_arn(resource)}:*"  # so is the attribute defined: with the streams in it


def _log_group_arn(name: str) -> str:
    return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
