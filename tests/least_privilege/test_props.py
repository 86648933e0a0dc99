"""What props change in the roles: a limit on sessions and a customer-managed key do, and nothing else does."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import pytest
from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from local.embedded_aws import REGION
from session_store import SessionSettings
from session_store.catalog.functions import Function
from session_store.catalog.pattern import Resource
from session_store.catalog.permissions import key_actions, permissions_of
from session_store.cdk import SessionAuthorizer, SessionService, SessionUserRoutes
from tests.infra.templates import KEY, new_stack, template_of
from tests.least_privilege.evaluator import Question, Verdicts, evaluate
from tests.least_privilege.functions import FUNCTIONS, DeployedFunction, Rules
from tests.least_privilege.roles import ARNS, KEY_ARN, Role, add_constructs, resolved, roles_in
from tests.support.setting_values import OF_SESSIONS

OF_FUNCTIONS: Final[dict[str, Any]] = {
    "memory_size": 1024,
    "timeout": Duration.seconds(7),
    "log_level": lambda_.ApplicationLogLevel.DEBUG,
    "log_retention": logs.RetentionDays.ONE_DAY,
    "reserved_concurrent_executions": 7,
    "removal_policy": RemovalPolicy.DESTROY,
}
EVERY_SETTING: Final = {each.name: each.other for each in OF_SESSIONS}
NO_LIMIT: Final = {"max_sessions_per_customer": None}
SERVICE: Final = {
    **OF_FUNCTIONS,
    "settings": SessionSettings(**EVERY_SETTING | NO_LIMIT),
    "point_in_time_recovery": False,
    "deletion_protection": False,
    "throttling_rate_limit": 7,
    "throttling_burst_limit": 7,
}
SETTINGS: Final = SessionSettings(**EVERY_SETTING)
ON_ROUTES: Final = {**OF_FUNCTIONS, "settings": SETTINGS, "allowed_origins": ["https://app.example.com"]}
AUTHORIZER: Final = {
    **ON_ROUTES,
    "context_data_keys": ["tier"],
    "bearer_only": True,
    "allow_anonymous": True,
    "results_cache_ttl": Duration.minutes(1),
}
USER_ROUTES: Final = {**ON_ROUTES, "max_auth_age": Duration.minutes(1), "data_keys": ["theme"], "max_data_bytes": 2_000}
ELSEWHERE: Final = {"self", "scope", "construct_id", "api", "table"}

ALLOWED_MORE: Final = {"encryption_key"}
IN_THE_STRICT_APP: Final = {"strict"}  # which does not go with an authorizer's cache

CALLS: Final = {
    "through DynamoDB": {"kms:ViaService": f"dynamodb.{REGION}.amazonaws.com"},
    "through DynamoDB elsewhere": {"kms:ViaService": "dynamodb.eu-north-1.amazonaws.com"},
    "through another service": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"},
    "directly": {},
}
KEYS: Final = (KEY_ARN, f"{KEY_ARN}-of-others")
READS: Final = {"kms:Decrypt", "kms:DescribeKey"}
DATA_KEYS: Final = {"kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"}
WRITES: Final = READS | DATA_KEYS | {"kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"}
EVERY_FUNCTION = pytest.mark.parametrize("function", Function)


@pytest.mark.parametrize(
    ("construct", "props"),
    [
        (SessionService, {*SERVICE} | ALLOWED_MORE),
        (SessionAuthorizer, {*AUTHORIZER} | IN_THE_STRICT_APP),
        (SessionUserRoutes, {*USER_ROUTES}),
    ],
)
def test_no_prop_is_forgotten_here(construct: type[Construct], props: set[str]) -> None:
    assert set(inspect.signature(construct.__init__).parameters) - ELSEWHERE == props


def test_no_other_prop_changes_a_role(roles: Mapping[DeployedFunction, Role]) -> None:
    stack = new_stack()
    add_constructs(stack, service=SERVICE, authorizer=AUTHORIZER, user_routes=USER_ROUTES)
    assert roles_in([template_of(stack)]) == {
        function: roles[DeployedFunction(Rules.DEFAULT, function)] for function in Function
    }


def test_the_strict_rules_allow_only_who_creates_sessions_something_more(verdicts: Verdicts[DeployedFunction]) -> None:
    default, strict = ({name: verdicts.allowed[DeployedFunction(rules, name)] for name in FUNCTIONS} for rules in Rules)
    assert {name for name in FUNCTIONS if strict[name] != default[name]} == {Function.CREATE}
    assert strict[Function.CREATE] - default[Function.CREATE] == {
        ("dynamodb:BatchGetItem", ARNS[Resource.TABLE]),
        ("dynamodb:Query", ARNS[Resource.INDEX]),
    }
    assert default[Function.CREATE] < strict[Function.CREATE]


class WithKey(NamedTuple):
    """The roles on a table under a customer-managed key, and the key's own policy."""

    roles: dict[str, Role]
    key_policy: dict[str, Any]


@pytest.fixture(scope="module")
def with_key() -> WithKey:
    stack = new_stack(region=REGION)
    add_constructs(stack, service={"encryption_key": kms.Key(stack, "Key")})
    template = template_of(stack)
    (key,) = template.properties(KEY)
    return WithKey(roles_in([template]), resolved(template, key["KeyPolicy"]))


@pytest.fixture(scope="module")
def key_use(with_key: WithKey) -> Verdicts[tuple[str, str]]:
    """What the roles allow on that key and on another one, by function and by how KMS is called."""
    return evaluate(
        {
            (function, how): Question(role.policy, KEYS, "kms", context, with_key.key_policy)
            for function, role in with_key.roles.items()
            for how, context in CALLS.items()
        }
    )


@EVERY_FUNCTION
def test_a_function_may_use_the_key_as_dynamodb_needs_it_and_no_further(
    function: Function, key_use: Verdicts[tuple[str, str]]
) -> None:
    expected = READS if function is Function.READ else WRITES
    assert key_use.allowed[function, "through DynamoDB"] == {(action, KEY_ARN) for action in expected}
    assert set(key_actions(permissions_of(function))) == expected


@EVERY_FUNCTION
@pytest.mark.parametrize("how", [how for how in CALLS if how != "through DynamoDB"])
def test_a_function_may_use_the_key_only_through_dynamodb(
    function: Function, how: str, key_use: Verdicts[tuple[str, str]]
) -> None:
    assert key_use.allowed[function, how] == set()


def test_a_key_changes_nothing_else(with_key: WithKey, roles: Mapping[DeployedFunction, Role]) -> None:
    for function in Function:
        others = tuple(s for s in with_key.roles[function].statements if "Condition" not in s)
        assert others == roles[DeployedFunction(Rules.DEFAULT, function)].statements
        (on_the_key,) = (s for s in with_key.roles[function].statements if "Condition" in s)
        assert (on_the_key["Effect"], on_the_key["Resource"]) == ("Allow", KEY_ARN)


def test_the_evaluator_sees_a_key_that_is_open_to_anyone(with_key: WithKey) -> None:
    (on_the_key,) = (s for s in with_key.roles[Function.READ].statements if "Condition" in s)
    unconditional = {name: value for name, value in on_the_key.items() if name != "Condition"}
    policy = {"Version": "2012-10-17", "Statement": [unconditional]}
    verdicts = evaluate(
        {how: Question(policy, KEYS, "kms", context, with_key.key_policy) for how, context in CALLS.items()}
    )
    assert verdicts.actions_known["kms"] > 50
    assert all(allowed == {(action, KEY_ARN) for action in READS} for allowed in verdicts.allowed.values())
