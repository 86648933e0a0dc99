"""Only these props change the roles: a limit, keys, a network, a queue and tracing."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

import pytest
from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from local.embedded_aws import ACCOUNT, REGION
from session_store import SessionSettings, Timeouts
from session_store.catalog.access_tokens import BY_KEY
from session_store.catalog.functions import Function
from session_store.catalog.pattern import Resource
from session_store.catalog.permissions import BY_PROP, NETWORK_CREATES, key_actions, permissions_of
from session_store.catalog.sign_in import SIGN_IN_FUNCTIONS
from session_store.cdk import (
    OidcRoutes,
    SessionAuthorizer,
    SessionEvents,
    SessionIssuer,
    SessionService,
    SessionUserRoutes,
)
from session_store.cdk.prop_kinds import OptionalPart
from session_store.cdk.props import FunctionProps
from session_store.cdk.store_props import ServiceProps, StoreProps
from session_store.cdk.takes import declared, of
from session_store.oidc import StepUp
from tests.infra.templates import KEY, new_stack, template_of
from tests.least_privilege.evaluator import Question, Verdicts, evaluate
from tests.least_privilege.functions import DEMO, FUNCTIONS, DeployedFunction, Rules
from tests.least_privilege.roles import ARNS, KEY_ARN, Role, add_constructs, as_list, resolved, roles_in
from tests.support import prop_values as values
from tests.support.setting_values import OF_SESSIONS

EVERY_SETTING: Final = {each.name: each.other for each in OF_SESSIONS}
NO_LIMIT: Final = {"max_sessions_per_customer": None}
ON_ROUTES: Final = {"settings": SessionSettings(**EVERY_SETTING), "allowed_origins": ["https://app.example.com"]}
SERVICE: Final = {"settings": SessionSettings(**EVERY_SETTING | NO_LIMIT)}
AUTHORIZER: Final = {
    **ON_ROUTES,
    "context_data_keys": ["tier"],
    "activity": "none",
    "bearer_only": True,
    "allow_anonymous": True,
    "required_acr": "gold",
    "results_cache_ttl": Duration.minutes(1),
}
USER_ROUTES: Final = {
    **ON_ROUTES,
    "max_auth_age": Duration.minutes(1),
    "data_keys": ["theme"],
    "max_data_bytes": 2_000,
    "cookie_only": True,
    "prefix": "/api",
}
EVENTS: Final = {
    "batch_size": 50,
    "batching_window": Duration.seconds(5),
    "parallelization_factor": 2,
    "retry_attempts": 3,
    "max_record_age": Duration.hours(1),
    "enforce_tls": False,
}
ISSUER: Final = {
    **ON_ROUTES,
    "audiences": ["orders", "billing"],
    "issuer": "https://id.example.com",
    "scopes": ["orders:read"],
    "data_keys": ["tier"],
    "ttl": Duration.minutes(1),
    "by_cookie": True,
    "prefix": "/api",
}
SIGN_IN: Final = {
    "settings": SessionSettings(**EVERY_SETTING | NO_LIMIT),
    "redirect_uri": "https://shop.example.com/in/callback",
    "scopes": ["email"],
    "algorithm": "ES256",
    "response_mode": "form_post",
    "step_ups": {"pay": StepUp(max_age=timedelta(minutes=5))},
    "authorization_parameters": {"prompt": "login"},
    "post_logout_redirect_uri": "https://shop.example.com/",
    "logout": "cognito",
    "after_logout": "/bye",
    "logout_token_life": Duration.minutes(1),
    "leeway": Duration.minutes(1),
    "discovery_url": "http://localhost/.well-known/openid-configuration",
    "carry_data": True,
    "kept_claims": ["email"],
    "sign_in_counts": True,
    "timeouts": Timeouts(),
    "ends_with_browser": True,
    "prefix": "/in",
    "client_secret_key": "secret",
    "apple_team_id": "ABCDE12345",
    "apple_key_id": "ABCDE12345",
}
# Of an issuer, whose keys tests/infra tries, and its libraries.
ELSEWHERE: Final = {
    *("self", "scope", "construct_id", "api", "table", "back_end", "keys", "signing_key"),
    "bundle_libraries",
}

# By the strict app, and by the user routes. Two of them do not go with a cache.
ELSEWHERE_TRIED: Final = {"strict", "cookie_only", "max_auth_age"}
OF_EVENTS: Final = {"bus", "queue_encryption_key"}  # which tests/infra/test_events.py tries
# With these it is made, or tests/infra/test_oidc_routes.py tries them.
OF_A_CLIENT: Final = {
    *("issuer", "client_id", "customer_prefix", "client_secret", "cookie_secret", "cookie_secret_key"),
    *("backchannel_logout", "function"),
}
OF_A_NETWORK: Final = {"vpc", "vpc_subnets", "security_groups"}
OF_PARTS: Final = {name for name, prop in declared(StoreProps).items() if isinstance(prop, OptionalPart)}
ALLOWED_MORE: Final = {each.prop for each in BY_PROP} | OF_A_NETWORK | OF_PARTS | {"encryption_key"}

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
SERVED: Final = tuple(Function(name) for name in FUNCTIONS if name != DEMO)
EVERY_FUNCTION = pytest.mark.parametrize("function", SERVED)


@pytest.mark.parametrize(
    ("construct", "props", "family"),
    [
        (SessionService, {*SERVICE}, ServiceProps),
        (SessionAuthorizer, {*AUTHORIZER} | ELSEWHERE_TRIED, StoreProps),
        (SessionUserRoutes, {*USER_ROUTES}, StoreProps),
        (SessionEvents, {*EVENTS} | OF_EVENTS, FunctionProps),
        (SessionIssuer, {*ISSUER}, StoreProps),
        (OidcRoutes, {*SIGN_IN} | OF_A_CLIENT, StoreProps),
    ],
)
def test_no_prop_is_forgotten_here(construct: type[Construct], props: set[str], family: type) -> None:
    shared = set(declared(family))
    assert set(inspect.signature(construct.__init__).parameters) - ELSEWHERE == props | shared
    further = values.IN_PLACE_OF_PROVISIONED_EXECUTIONS | values.IN_PLACE_OF_REQUEST_UNITS
    assert shared - OF_PARTS <= {
        *values.of_service(new_stack()),
        *further,
    }  # tests/infra/test_optional_parts.py has them


def test_no_other_prop_changes_a_role(roles: Mapping[DeployedFunction, Role]) -> None:
    stack = new_stack(region=REGION)
    service = {name: value for name, value in values.of_service(stack).items() if name not in ALLOWED_MORE}
    functions = of(FunctionProps, service)
    add_constructs(
        stack,
        service=SERVICE | service,
        events=EVENTS | functions,
        authorizer=AUTHORIZER | functions,
        user_routes=USER_ROUTES | functions,
        issuer=ISSUER | functions,
        sign_in=SIGN_IN | functions,
    )
    assert roles_in([template_of(stack)]) == {
        function: roles[DeployedFunction(Rules.DEFAULT, function)] for function in SERVED
    }


def test_the_strict_rules_allow_only_who_creates_sessions_something_more(verdicts: Verdicts[DeployedFunction]) -> None:
    names = [name for name in FUNCTIONS if name not in {*BY_KEY, *SIGN_IN_FUNCTIONS}]  # the strict app has none
    default, strict = ({name: verdicts.allowed[DeployedFunction(rules, name)] for name in names} for rules in Rules)
    assert {name for name in names if strict[name] != default[name]} == {Function.CREATE}
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
    add_constructs(stack, service={"encryption_key": kms.Key(stack, "Key")}, events={}, issuer={}, sign_in={})
    template = template_of(stack)
    (key,) = (each for each in template.properties(KEY) if "KeyUsage" not in each)
    return WithKey(roles_in([template]), resolved(template, key["KeyPolicy"]))


@pytest.fixture(scope="module")
def key_use(with_key: WithKey) -> Verdicts[tuple[str, str]]:
    """The allowed actions on that key and on another one, by function and by the way KMS is called."""
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
    reading = (Function.READ, Function.LIFECYCLE_EVENTS, Function.MINT)
    expected = {Function.ISSUER: set(), **dict.fromkeys(reading, READS)}.get(function, WRITES)
    assert key_use.allowed[function, "through DynamoDB"] == {(action, KEY_ARN) for action in expected}
    assert set(key_actions(permissions_of(function))) == expected


@pytest.mark.shows("T57")
@EVERY_FUNCTION
@pytest.mark.parametrize("how", [how for how in CALLS if how != "through DynamoDB"])
def test_a_function_may_use_the_key_only_through_dynamodb(
    function: Function, how: str, key_use: Verdicts[tuple[str, str]]
) -> None:
    assert key_use.allowed[function, how] == set()


def test_a_key_changes_nothing_else(with_key: WithKey, roles: Mapping[DeployedFunction, Role]) -> None:
    for function in SERVED:
        others = tuple(s for s in with_key.roles[function].statements if "Condition" not in s)
        assert others == roles[DeployedFunction(Rules.DEFAULT, function)].statements
        on_the_key = [s for s in with_key.roles[function].statements if "Condition" in s]
        allowed = [("Allow", KEY_ARN)] if function is not Function.ISSUER else []  # which asks the table nothing
        assert [(each["Effect"], each["Resource"]) for each in on_the_key] == allowed


def test_the_evaluator_sees_a_key_that_is_open_to_anyone(with_key: WithKey) -> None:
    (on_the_key,) = (s for s in with_key.roles[Function.READ].statements if "Condition" in s)
    unconditional = {name: value for name, value in on_the_key.items() if name != "Condition"}
    policy = {"Version": "2012-10-17", "Statement": [unconditional]}
    verdicts = evaluate(
        {how: Question(policy, KEYS, "kms", context, with_key.key_policy) for how, context in CALLS.items()}
    )
    assert verdicts.actions_known["kms"] > 50
    assert all(allowed == {(action, KEY_ARN) for action in READS} for allowed in verdicts.allowed.values())


# What Lambda itself does under a function's role

EC2: Final = f"arn:aws:ec2:{REGION}:{ACCOUNT}"
INTERFACE: Final = f"{EC2}:network-interface/eni-1"
ATTACHED: Final = (
    *(f"{EC2}:subnet/{each}" for each in values.SUBNETS),
    f"{EC2}:security-group/{values.SECURITY_GROUP}",
)
OF_OTHERS: Final = (f"{EC2}:subnet/subnet-7", f"{EC2}:security-group/sg-7", INTERFACE.replace(REGION, "eu-north-1"))
FROM_CODE: Final = {"lambda:SourceFunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:any"}


@pytest.fixture(scope="module")
def with_more() -> dict[str, Role]:
    """The roles of functions that have every prop which asks for more."""
    stack = new_stack(region=REGION)
    asked = of(FunctionProps, values.of_functions(stack))
    queue = sqs.Queue.from_queue_attributes(stack, "OwnKey", queue_arn=values.QUEUE, key_arn=values.key_arn("queue"))
    functions = {name: value for name, value in asked.items() if name in ALLOWED_MORE} | {"dead_letter_queue": queue}
    add_constructs(
        stack,
        service=functions,
        events=functions,
        authorizer=functions,
        user_routes=functions,
        issuer=functions,
        sign_in=functions,
    )
    return roles_in([template_of(stack)])


@EVERY_FUNCTION
def test_each_function_gets_the_same_more_and_what_it_has_stays(
    function: Function, with_more: dict[str, Role], roles: Mapping[DeployedFunction, Role]
) -> None:
    mine, default = with_more[function].statements, roles[DeployedFunction(Rules.DEFAULT, function)].statements
    more = [statement for statement in mine if statement not in default]
    assert len(mine) == len(default) + len(more)
    assert more == [each for each in with_more[Function.READ].statements if each in more]
    allowed = sorted(action for each in more if each["Effect"] == "Allow" for action in as_list(each["Action"]))
    assert allowed == sorted(action for each in BY_PROP for action in each.actions)


@pytest.mark.shows("T58")
def test_lambda_may_attach_a_function_to_its_network_and_its_code_may_not(with_more: dict[str, Role]) -> None:
    policy, resources = with_more[Function.READ].policy, (INTERFACE, *ATTACHED, *OF_OTHERS, "*")
    calls: dict[str, Mapping[str, str]] = {"Lambda": {}, "the code": FROM_CODE}
    verdicts = evaluate({who: Question(policy, resources, "ec2", context) for who, context in calls.items()})

    assert verdicts.actions_known["ec2"] > 500
    assert verdicts.allowed["the code"] == set()
    by_action: dict[str, set[str]] = {}
    for action, arn in verdicts.allowed["Lambda"]:
        by_action.setdefault(action, set()).add(arn)
    assert set(by_action) == {action for each in BY_PROP if each.prop == "vpc" for action in each.actions}
    assert not [arn for arns in by_action.values() for arn in arns if arn in OF_OTHERS]
    assert by_action[NETWORK_CREATES[0]] - {"*"} == {INTERFACE, *ATTACHED}  # `*` is for those that know no resource


@pytest.mark.shows("A24")
def test_lambda_uses_keys_for_what_they_are_for(with_more: dict[str, Role]) -> None:
    policy = with_more[Function.READ].policy
    keys = {"lambda": values.key_arn("environment"), "sqs": values.key_arn("queue")}
    open_to_roles = {
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
    through = {
        service: {"kms:ViaService": f"{service}.{REGION}.amazonaws.com"} for service in ("lambda", "sqs", "dynamodb")
    } | {"nothing": {}}
    allowed = evaluate(
        {how: Question(policy, tuple(keys.values()), "kms", context, open_to_roles) for how, context in through.items()}
    ).allowed
    assert allowed == {
        "lambda": {("kms:Decrypt", keys["lambda"])},
        "sqs": {("kms:Decrypt", keys["sqs"]), ("kms:GenerateDataKey", keys["sqs"])},
        "dynamodb": set(),
        "nothing": set(),
    }
