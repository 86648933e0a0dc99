"""The roles as they are synthesized."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from aws_cdk import Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.aws_apigatewayv2_integrations import HttpUrlIntegration

from local.embedded_aws import ACCOUNT, REGION
from session_store.catalog.lifecycle import EVENT_BUS, PARKING_QUEUE, STREAM
from session_store.catalog.pattern import Resource
from session_store.cdk import (
    OidcRoutes,
    SessionAuthorizer,
    SessionEvents,
    SessionIssuer,
    SessionService,
    SessionUserRoutes,
)
from session_store.storage.schema import INDEX_NAME
from tests.infra import templates
from tests.infra.templates import FUNCTION, Template, every_stack, logical_id, new_stack, template_of
from tests.least_privilege.evaluator import Question
from tests.least_privilege.functions import CLIENT_SECRET, FUNCTIONS, SIGNING_KEY, DeployedFunction, Rules
from tests.least_privilege.strict_app import strict_app

_PSEUDO_PARAMETERS: Final = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT}

TABLE_ARN: Final = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/sessions"
BUS_ARN: Final = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/sessions"
QUEUE_ARN: Final = f"arn:aws:sqs:{REGION}:{ACCOUNT}:parking"
SIGNING_KEY_ARN: Final = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/that-signs"
SECRET_ARN: Final = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:oidc/kit-AbCdEf"
ARNS: Final = {
    Resource.TABLE: TABLE_ARN,
    Resource.INDEX: f"{TABLE_ARN}/index/{INDEX_NAME}",
    STREAM: f"{TABLE_ARN}/stream/1",
    EVENT_BUS: BUS_ARN,
    PARKING_QUEUE: QUEUE_ARN,
    SIGNING_KEY: SIGNING_KEY_ARN,
    CLIENT_SECRET: SECRET_ARN,
}
SERVICES: Final = ("dynamodb", "events", "sqs", "kms", "secretsmanager")
# No function has any business there.
_OTHERS: Final = (
    *(f"{TABLE_ARN}-of-others", f"{TABLE_ARN}/index/another", f"{TABLE_ARN}/stream/0"),
    *(f"{BUS_ARN}-of-others", f"{QUEUE_ARN}-of-others", f"{SIGNING_KEY_ARN}-of-others"),
    SECRET_ARN.replace("oidc/kit", "of-others"),
)
# A key's own, as KMS makes it: the account's policies decide.
_OF_KEYS: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "kms:*",
            "Resource": "*",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        }
    ],
}
KEY_ARN: Final = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/of-the-table"


@dataclass(frozen=True)
class Role:
    """A function's role."""

    statements: tuple[dict[str, Any], ...]  # all that its policies state, ARNs resolved
    log_group: str  # ARN of the function's own, without the `:*` at the end

    @property
    def policy(self) -> dict[str, Any]:
        return {"Version": "2012-10-17", "Statement": list(self.statements)}

    def question(self, service: str = "dynamodb") -> Question:
        """For the policy evaluator: what may the role do to a service's resources, also to those of others?"""
        arns = (arn for arn in (*ARNS.values(), *_OTHERS) if arn.split(":")[2] == service)
        return Question(self.policy, tuple(arns), service, resource_policy=_OF_KEYS if service == "kms" else None)

    def permissions(self) -> Iterator[tuple[str, str]]:
        """Every action with every resource of its statement."""
        for statement in self.statements:
            yield from product(as_list(statement["Action"]), as_list(statement["Resource"]))


def synthesized_roles() -> dict[DeployedFunction, Role]:
    """The role of every function: as the constructs make them with their defaults, and under the strict rules."""
    stack = new_stack()
    add_constructs(stack, events={}, issuer={}, sign_in={})
    by_default = roles_in([template_of(stack), every_stack("dev")["SessionStoreDemo-dev"]])
    strict = roles_in(Template(artifact.template) for artifact in strict_app().synth().stacks)
    return {DeployedFunction(Rules.DEFAULT, name): role for name, role in by_default.items()} | {
        DeployedFunction(Rules.STRICT, name): role for name, role in strict.items()
    }


def add_constructs(
    stack: Stack,
    *,
    service: Mapping[str, Any] | None = None,
    events: Mapping[str, Any] | None = None,
    authorizer: Mapping[str, Any] | None = None,
    user_routes: Mapping[str, Any] | None = None,
    issuer: Mapping[str, Any] | None = None,
    sign_in: Mapping[str, Any] | None = None,
) -> None:
    """Add every function that there are constructs for to a stack, with the given props. The last three: if given."""
    with_stream = {} if events is None else {"stream": dynamodb.StreamViewType.NEW_AND_OLD_IMAGES}
    sessions = SessionService(stack, "Sessions", **{**with_stream, **(service or {})})
    if events is not None:
        SessionEvents(stack, "Events", table=sessions.table, **events)
    shared: dict[str, Any] = {"table": sessions.table, "settings": sessions.settings}
    api = apigateway.HttpApi(stack, "Api")
    back = HttpUrlIntegration("Back", "https://example.com")
    guard = SessionAuthorizer(stack, "Authorizer", **{**shared, **(authorizer or {})})
    api.add_routes(path="/orders", integration=back, authorizer=guard)
    SessionUserRoutes(stack, "UserRoutes", api=api, **{**shared, **(user_routes or {})})
    if issuer is not None:
        of_issuer: dict[str, Any] = {"api": api, "back_end": sessions.api.api, "audiences": ["orders"]}
        SessionIssuer(stack, "Issuer", **{**shared, **of_issuer, **issuer})
    if sign_in is not None:
        secret = secretsmanager.Secret.from_secret_complete_arn(stack, "ClientSecret", SECRET_ARN)
        of_client = {"issuer": "https://accounts.example.com", "client_id": "shop", "customer_prefix": "kit:"}
        own = {"api": api, "client_secret": secret, "backchannel_logout": True, "bundle_libraries": False, **of_client}
        OidcRoutes(stack, "SignIn", **{**shared, **own, **sign_in})


def roles_in(given: Iterable[Template]) -> dict[str, Role]:
    """The roles of the functions in the templates."""
    return {
        name: _role(template, function)
        for template in given
        for function in template.properties(FUNCTION)
        if (name := function["Handler"].partition(".")[0]) in FUNCTIONS
    }


def _role(template: Template, function: Mapping[str, Any]) -> Role:
    role = logical_id(function["Role"])
    resource = template.content["Resources"][role]["Properties"]
    assert "ManagedPolicyArns" not in resource
    assert "Policies" not in resource
    statements = tuple(resolved(template, statement) for statement in template.statements(role))
    return Role(statements, _log_group_arn(logical_id(function["LoggingConfig"]["LogGroup"])))


def resolved(template: Template, value: Any) -> Any:
    """A part of a template with its references replaced by what they will stand for."""
    if isinstance(value, list):
        return [resolved(template, part) for part in value]
    if not isinstance(value, dict):
        return value
    if "Fn::GetAtt" in value:
        return _attribute(template, *value["Fn::GetAtt"])
    if "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return separator.join(resolved(template, parts))
    if "Fn::ImportValue" in value:
        assert "SessionsTable" in value["Fn::ImportValue"]
        return TABLE_ARN
    if "Ref" in value:
        return _PSEUDO_PARAMETERS[value["Ref"]]
    return {key: resolved(template, part) for key, part in value.items()}


def _attribute(template: Template, resource: str, attribute: str) -> str:
    if attribute == "StreamArn":
        return ARNS[STREAM]
    assert attribute == "Arn"
    match template.content["Resources"][resource]["Type"]:
        case templates.TABLE:
            return TABLE_ARN
        case "AWS::Events::EventBus":
            return BUS_ARN
        case "AWS::SQS::Queue":
            return QUEUE_ARN
        case templates.KEY:
            is_for_signatures = template.content["Resources"][resource]["Properties"].get("KeyUsage") == "SIGN_VERIFY"
            return SIGNING_KEY_ARN if is_for_signatures else KEY_ARN
    return f"{_log_group_arn(resource)}:*"  # so is the attribute defined: with the streams in it


def _log_group_arn(name: str) -> str:
    return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}"


def as_list(value: Any) -> list[Any]:
    """A part of a policy that may be one thing or several."""
    return value if isinstance(value, list) else [value]
