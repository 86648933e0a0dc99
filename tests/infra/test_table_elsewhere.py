"""A table of another account or region: what functions call it, and what they are granted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import CfnParameter, Environment, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms

from session_store import InvalidInputError, SessionSettings
from session_store.catalog.functions import Function
from session_store.cdk import SessionFunction, SessionTable, SessionTableGrants
from session_store.cdk.props import TableProps
from session_store.cdk.takes import filled
from tests.infra.templates import FUNCTION, Template, new_app, new_role, new_stack, template_of

HERE = Environment(account="222222222222", region="us-east-1")
ELSEWHERE = "arn:aws:dynamodb:eu-west-1:111111111111:table/sessions"
OTHER_ACCOUNT = "arn:aws:dynamodb:us-east-1:111111111111:table/sessions"
OTHER_REGION = "arn:aws:dynamodb:eu-west-1:222222222222:table/sessions"
KEY = "arn:aws:kms:eu-west-1:111111111111:key/1"


def parameter(stack: Stack) -> str:
    return CfnParameter(stack, "TableArn").value_as_string


def table_name_in(stack: Stack, table: dynamodb.ITable) -> Any:
    props: Any = {"function": Function.AUTHORIZER, "settings": SessionSettings()}
    SessionFunction(stack, "Function", table=SessionTable.from_table(table), **props)
    (function,) = template_of(stack).properties(FUNCTION)
    return function["Environment"]["Variables"]["TABLE_NAME"]


def of_the_key(template: Template) -> tuple[Any, Any]:
    """The key that may be used, and by way of which service."""
    (policy,) = template.properties("AWS::IAM::Policy")
    ((key, service),) = (
        (each["Resource"], each["Condition"]["StringEquals"]["kms:ViaService"])
        for each in policy["PolicyDocument"]["Statement"]
        if "Condition" in each
    )
    return key, service


@pytest.mark.shows("A26")
@pytest.mark.parametrize("arn", [ELSEWHERE, OTHER_ACCOUNT, OTHER_REGION])
@pytest.mark.parametrize("kind", [dynamodb.TableV2, dynamodb.Table])
def test_functions_call_it_by_its_arn(arn: str, kind: Any) -> None:
    stack = Stack(new_app(), "Stack", env=HERE)
    assert table_name_in(stack, kind.from_table_arn(stack, "Table", arn)) == arn


def test_one_whose_place_only_the_deployment_knows_is_called_by_its_arn() -> None:
    stack = new_stack()
    table = dynamodb.TableV2.from_table_arn(stack, "Table", parameter(stack))
    assert table_name_in(stack, table) == {"Ref": "TableArn"}


def test_one_in_the_functions_own_account_and_region_is_called_by_its_name() -> None:
    stack = Stack(new_app(), "Stack", env=HERE)
    arn = f"arn:aws:dynamodb:{HERE.region}:{HERE.account}:table/sessions"
    assert table_name_in(stack, dynamodb.TableV2.from_table_arn(stack, "Table", arn)) == "sessions"


def test_one_that_the_same_app_creates_in_another_region_is_called_by_its_arn() -> None:
    app = new_app()
    other_region = Environment(account=HERE.account, region="eu-west-1")
    table = SessionTable(Stack(app, "Data", env=other_region), "Table").table
    name = table_name_in(Stack(app, "Stack", env=HERE), table)
    assert f":dynamodb:{other_region.region}:{HERE.account}:table/" in str(name)


@pytest.mark.parametrize(
    ("arn", "region"),
    [
        (lambda _: ELSEWHERE, "eu-west-1"),
        (parameter, {"Fn::Select": [3, {"Fn::Split": [":", {"Ref": "TableArn"}]}]}),
    ],
    ids=["known", "known to the deployment"],
)
def test_its_key_is_used_by_way_of_dynamodb_in_its_own_region(arn: Callable[[Stack], str], region: object) -> None:
    stack = Stack(new_app(), "Stack", env=HERE)
    key = kms.Key.from_key_arn(stack, "Key", KEY)
    table = dynamodb.TableV2.from_table_attributes(stack, "Table", table_arn=arn(stack), encryption_key=key)
    SessionTable.from_table(table).grant_validate(new_role(stack))

    service = f"dynamodb.{region}.amazonaws.com"
    if not isinstance(region, str):
        service = {"Fn::Join": ["", ["dynamodb.", region, ".amazonaws.com"]]}  # type: ignore[assignment]
    assert of_the_key(template_of(stack)) == (KEY, service)


# A key by its alias


def of_created_table(stack: Stack, key: kms.IKey) -> SessionTableGrants:
    return SessionTable(stack, "Table", encryption_key=key)


def of_imported_table(stack: Stack, key: kms.IKey) -> SessionTableGrants:
    attributes: Any = {"table_arn": ELSEWHERE, "encryption_key": key}
    return SessionTable.from_table(dynamodb.TableV2.from_table_attributes(stack, "Table", **attributes))


@pytest.mark.parametrize("made", [of_created_table, of_imported_table])
def test_of_an_alias_the_key_is_granted_that_it_stands_for(made: Callable[..., SessionTableGrants]) -> None:
    stack = Stack(new_app(), "Stack", env=HERE)
    key = kms.Key.from_key_arn(stack, "Key", KEY)
    alias = kms.Alias.from_alias_attributes(stack, "Alias", alias_name="alias/app", alias_target_key=key)
    made(stack, alias).grant_validate(new_role(stack))

    assert of_the_key(template_of(stack))[0] == KEY


@pytest.mark.parametrize("made", [of_created_table, of_imported_table])
def test_an_alias_that_does_not_know_its_key_is_refused(made: Callable[..., SessionTableGrants]) -> None:
    stack = Stack(new_app(), "Stack", env=HERE)
    alias = kms.Alias.from_alias_name(stack, "Alias", "alias/app")

    with pytest.raises(InvalidInputError, match=r"^encryption_key: must be the key itself, .* Key\.from_key_arn"):
        made(stack, alias).grant_validate(new_role(stack))


def test_an_alias_of_this_app_is_the_key_that_it_stands_for() -> None:
    stack = Stack(new_app(), "Stack", env=HERE)
    key = kms.Key(stack, "Key")
    accepted = filled(TableProps, {"encryption_key": key.add_alias("alias/app")})["encryption_key"]
    assert accepted is not None
    assert stack.resolve(accepted.key_arn) == stack.resolve(key.key_arn)
