"""Encryption for an application's own functions: their environment, and exactly their part of the keys."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_cdk import aws_kms as kms

from session_store import InvalidInputError
from session_store.cdk import DataEncryption, SessionTable
from session_store.encryption.settings import EncryptionSettings
from tests.infra.templates import FUNCTION, ROLE, Template, new_function, new_stack, template_of


def made(*, writes: bool = True, older: bool = False, **given: Any) -> Template:
    stack = new_stack()
    table = SessionTable(stack, "Table")
    keys = [kms.Key.from_key_arn(stack, name, arn(name)) for name in ("New", "Old")[: 1 + older]]
    DataEncryption(*keys, **{"store_id": "shop"} | given).connect(new_function(stack), table, writes=writes)
    return template_of(stack)


def arn(name: str) -> str:
    return f"arn:aws:kms:eu-central-1:111122223333:key/{name}"


def statements(template: Template) -> dict[str, dict[str, Any]]:
    """The role's statements by their first action."""
    found = template.statements(template.only(ROLE)[0])
    return {(each["Action"] if isinstance(each["Action"], str) else each["Action"][0]): each for each in found}


def test_a_function_may_unwrap_data_keys_of_its_store_alone() -> None:
    allowed = statements(made(older=True))

    context = {"StringEquals": {"kms:EncryptionContext:session-store": "shop"}}
    assert allowed["kms:Decrypt"]["Resource"] == [arn("New"), arn("Old")]
    assert allowed["kms:GenerateDataKey"]["Resource"] == arn("New")
    assert allowed["kms:Decrypt"]["Condition"] == allowed["kms:GenerateDataKey"]["Condition"] == context
    assert allowed["dynamodb:GetItem"]["Action"] == ["dynamodb:GetItem", "dynamodb:PutItem"]
    assert allowed["dynamodb:GetItem"]["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["key#*"]}}


def test_a_function_that_only_reads_makes_no_key() -> None:
    allowed = statements(made(writes=False))

    assert set(allowed) == {"kms:Decrypt", "dynamodb:GetItem"}
    assert allowed["dynamodb:GetItem"]["Action"] == "dynamodb:GetItem"


def test_its_environment_is_what_the_store_reads() -> None:
    template = made(older=True, keys=["card"], accepts_plain=True)

    environment = template.only(FUNCTION)[1]["Properties"]["Environment"]["Variables"]
    assert EncryptionSettings.from_environment(environment) == EncryptionSettings(
        kms_keys=(arn("New"), arn("Old")), store_id="shop", keys=("card",), accepts_plain=True
    )
    assert json.loads(environment["SESSION_ENCRYPTION_KEYS"]) == [arn("New"), arn("Old")]


@pytest.mark.parametrize(
    ("given", "message"),
    [({"store_id": ""}, "store_id"), ({"keys": "card"}, "keys"), ({"accepts_plain": 1}, "accepts_plain")],
)
def test_a_mistake_fails_the_synthesis(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        made(**given)
