"""An environment on a table that is there already, as after a restore."""

from __future__ import annotations

import json

import pytest

from app import add_stacks
from session_store.catalog.functions import Function
from session_store.catalog.pattern import Resource
from session_store.catalog.permissions import permissions_of
from session_store.catalog.routes import BACKEND_FUNCTIONS
from session_store.storage import schema
from tests.infra.templates import (
    CONTEXT,
    FUNCTION,
    LOG_GROUP,
    TABLE,
    Template,
    deployment,
    logical_id,
    new_app,
    template_of,
)

NAME = "SessionStore-prod-restored"
STREAM = f"arn:aws:dynamodb:eu-central-1:123456789012:table/{NAME}/stream/2026-11-27T12:00:00.000"


@pytest.fixture(scope="module")
def template() -> Template:
    settings = CONTEXT["environments"]["prod"] | {"table_name": NAME, "events": {"stream_arn": STREAM}}
    return template_of(add_stacks(new_app(CONTEXT | {"env": "prod", "environments": {"prod": settings}})))


def arn_of(name: str) -> str:
    """An ARN in the stack's own account and region, as CloudFormation puts it together."""
    partition, account = {"Ref": "AWS::Partition"}, {"Ref": "AWS::AccountId"}
    return json.dumps({"Fn::Join": ["", ["arn:", partition, ":dynamodb:eu-central-1:", account, f":table/{name}"]]})


def test_it_creates_no_table_and_everything_else_stays_what_it_was(template: Template) -> None:
    before = deployment("prod").content["Resources"]
    table = deployment("prod").only(TABLE)[0]
    after = template.content["Resources"]
    assert {name: each["Type"] for name, each in after.items()} == {
        name: each["Type"] for name, each in before.items() if name != table
    }
    assert table not in json.dumps(template.content)
    assert {log["DeletionPolicy"] for log in template.resources(LOG_GROUP).values()} == {"Retain"}


def test_functions_and_outputs_name_it(template: Template) -> None:
    functions = template.properties(FUNCTION)
    assert {function["Environment"]["Variables"]["TABLE_NAME"] for function in functions} == {NAME}
    assert template.content["Outputs"]["TableName"]["Value"] == NAME


def test_the_roles_allow_on_it_and_its_index_what_they_allowed_on_the_created_one(template: Template) -> None:
    arns = {Resource.TABLE: arn_of(NAME), Resource.INDEX: arn_of(f"{NAME}/index/{schema.INDEX_NAME}")}
    roles = {each["Handler"]: logical_id(each["Role"]) for each in template.properties(FUNCTION)}
    assert set(roles) == {f"{function.value}.handler" for function in (*BACKEND_FUNCTIONS, Function.LIFECYCLE_EVENTS)}
    for function in BACKEND_FUNCTIONS:
        granted = template.permissions(roles[f"{function.value}.handler"])
        assert {(action, arn) for action, arn in granted if action.startswith("dynamodb:")} == {
            (action, arns[resource]) for action, resource in permissions_of(function, session_limit=False)
        }
