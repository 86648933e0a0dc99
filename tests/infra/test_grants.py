"""Grants on the table give exactly what the access patterns' data says."""

from __future__ import annotations

import pytest
from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms

from session_store.catalog import access_patterns as patterns
from session_store.catalog.access_patterns import ACCESS_PATTERNS
from session_store.catalog.pattern import AccessPattern, Operation, Resource
from session_store.cdk import SessionTable
from session_store.errors import InvalidInputError
from tests.infra.templates import ROLE, Permission, Template, new_app, new_role, new_stack, template_of

# The customer's id may be known or not: it decides between a read by key and a read by partition.
BY_CUSTOMER = [pattern for pattern in ACCESS_PATTERNS if pattern.depends_on_customer]
CASES = [(pattern, None) for pattern in ACCESS_PATTERNS] + [
    (pattern, known) for pattern in BY_CUSTOMER for known in (True, False)
]
SIGNING_KEY = Resource("signing key")
OPERATIONS = (Operation("kms:Sign", SIGNING_KEY), Operation("dynamodb:GetItem"))
SIGN = AccessPattern(name="sign", methods=("sign",), operations=OPERATIONS, costs=(), summary="Sign a token.")


def _role_id(case: tuple[AccessPattern, bool | None]) -> str:
    return f"{case[0].name}{case[1]}"


def granted_to_only_role(stack: Stack) -> tuple[Template, set[Permission]]:
    """The stack's template, and what its only role is allowed."""
    template = template_of(stack)
    return template, template.permissions(template.only(ROLE)[0])


@pytest.fixture(scope="module")
def granted() -> Template:
    """One role per case, each with the pattern's grant."""
    stack = new_stack()
    table = SessionTable(stack, "Table")
    for pattern, customer_known in CASES:
        role = new_role(stack, _role_id((pattern, customer_known)))
        known = {"customer_known": customer_known} if pattern.depends_on_customer else {}
        getattr(table, pattern.grant_name)(role, **known).assert_success()
    return template_of(stack)


@pytest.mark.parametrize(("pattern", "customer_known"), CASES, ids=map(_role_id, CASES))
def test_a_grant_is_exactly_what_the_pattern_needs(
    granted: Template, pattern: AccessPattern, *, customer_known: bool | None
) -> None:
    (role,) = (name for name in granted.resources(ROLE) if name[:-8] == _role_id((pattern, customer_known)))
    needed = pattern.permissions(customer_known=customer_known)
    assert granted.permissions(role) == granted.table_permissions(needed)


@pytest.mark.parametrize("pattern", BY_CUSTOMER, ids=lambda pattern: pattern.name)
def test_knowing_the_customer_decides_about_the_permission_to_query(pattern: AccessPattern) -> None:
    known, unknown = (pattern.permissions(customer_known=known) for known in (True, False))
    assert not {action for action, _ in known} & {"dynamodb:Query"}
    assert "dynamodb:Query" in {action for action, _ in unknown}


def test_several_patterns_are_granted_together() -> None:
    stack = new_stack()
    SessionTable(stack, "Table").grant(new_role(stack), patterns.VALIDATE, patterns.GET_LAST_LOGIN_TIME)
    template, granted = granted_to_only_role(stack)
    needed = patterns.VALIDATE.permissions() | patterns.GET_LAST_LOGIN_TIME.permissions()
    assert granted == template.table_permissions(needed)


def test_a_pattern_of_the_users_own_is_granted_on_the_resource_that_they_name() -> None:
    stack = new_stack(region="eu-central-1")
    table = SessionTable(stack, "Table", encryption_key=kms.Key(stack, "TableKey"))
    table.grant(new_role(stack), SIGN, arns={SIGNING_KEY: "arn:of-the-key"})

    template, granted = granted_to_only_role(stack)
    assert {each for each in granted if each[1] == '"arn:of-the-key"'} == {("kms:Sign", '"arn:of-the-key"')}
    assert template.table_permissions({("dynamodb:GetItem", Resource.TABLE)}) < granted


def test_what_does_not_call_dynamodb_may_not_use_the_tables_key() -> None:
    stack = new_stack(region="eu-central-1")
    table = SessionTable(stack, "Table", encryption_key=kms.Key(stack, "Key"))
    table.grant_permissions(new_role(stack), {("kms:Sign", SIGNING_KEY)}, {SIGNING_KEY: "arn:of-the-key"})
    assert granted_to_only_role(stack)[1] == {("kms:Sign", '"arn:of-the-key"')}


def test_a_pattern_that_needs_a_resource_without_an_arn_is_refused() -> None:
    stack = new_stack()
    with pytest.raises(InvalidInputError, match="missing are signing key"):
        SessionTable(stack, "Table").grant(new_role(stack), SIGN)


def test_a_table_of_another_stack_is_granted_by_its_own_arn() -> None:
    app = new_app()
    table = SessionTable(Stack(app, "Data"), "Table")
    stack = Stack(app, "Application")
    table.grant_create_session(new_role(stack))
    actions = {action for action, _ in granted_to_only_role(stack)[1]}
    assert actions == {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}


def test_an_imported_table_is_granted_like_a_created_one() -> None:
    stack = new_stack()
    imported = dynamodb.TableV2.from_table_name(stack, "Imported", "sessions")
    SessionTable.from_table(imported).grant_get_customer_sessions(new_role(stack))
    actions = {(action, "/index/" in arn) for action, arn in granted_to_only_role(stack)[1]}
    assert actions == {("dynamodb:BatchGetItem", False), ("dynamodb:Query", True)}
