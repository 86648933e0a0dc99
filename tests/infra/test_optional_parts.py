"""Optional parts of the store: each function gets of a part what its access patterns use, and others nothing of it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms

from local.embedded_aws import REGION
from session_store import InvalidInputError, SessionSettings
from session_store.catalog.functions import Function
from session_store.cdk import (
    DataEncryption,
    LargeDataBucket,
    SessionAuthorizer,
    SessionFunction,
    SessionService,
    SessionTable,
)
from session_store.cdk.bundle import OPTIONAL_ROOMS, bundle_files
from session_store.encryption.settings import EncryptionSettings
from tests.infra.templates import FUNCTION, Template, deployment, logical_id, new_stack, packages_of, template_of
from tests.infra.test_oidc_routes import World
from tests.least_privilege.roles import add_constructs
from tests.support.prop_values import key_arn

UNWRAPS, MAKES = "kms:Decrypt", "kms:GenerateDataKey"
WRITING = (Function.CREATE, Function.UPDATE, Function.CREATE_CHILD, Function.USER_SESSION, Function.SIGN_IN)
READING = (Function.INTROSPECT, Function.READ, Function.USER_SESSIONS, Function.MINT, Function.USER_MINT)
WITHOUT_DATA = set(Function) - {*WRITING, *READING}


def encryption(stack: Stack, *, bundle_libraries: bool = True) -> DataEncryption:
    key = kms.Key.from_key_arn(stack, "DataKey", key_arn("data"))
    return DataEncryption(key, store_id="shop", bundle_libraries=bundle_libraries)


@cache
def with_parts() -> Template:
    """Every function that there is, in a service with every part and a table under a key of the customer's."""
    stack = new_stack(REGION)
    part: dict[str, Any] = {"encryption": encryption(stack, bundle_libraries=False)}
    part["large_data"] = LargeDataBucket(stack, "LargeData")
    service = {**part, "encryption_key": kms.Key(stack, "Key")}
    add_constructs(stack, service=service, events={}, authorizer=part, user_routes=part, issuer=part, sign_in=part)
    return template_of(stack)


def statements_of(function: Function) -> list[dict[str, Any]]:
    return with_parts().statements(with_parts().role(function))


# No emulator and no evaluator of policies here knows conditions on the encryption context.
@pytest.mark.shows("T55", "T130")
@pytest.mark.parametrize("function", Function)
def test_a_function_unwraps_keys_if_it_reads_data_and_makes_them_if_it_writes_some_of_its_store_alone(
    function: Function,
) -> None:
    expected = [UNWRAPS, MAKES] if function in WRITING else [UNWRAPS] if function in READING else []

    on_the_key = [each for each in statements_of(function) if each["Resource"] == key_arn("data")]
    assert [each["Action"] for each in on_the_key] == expected
    context = {"StringEquals": {"kms:EncryptionContext:session-store": "shop"}}
    assert all(each["Condition"] == context for each in on_the_key)


@pytest.mark.parametrize("function", Function)
def test_only_functions_with_data_may_read_and_put_rows_of_keys(function: Function) -> None:
    found = [each["Action"] for each in statements_of(function) if "key#*" in json.dumps(each.get("Condition"))]

    reads, writes = ["dynamodb:GetItem"], [["dynamodb:GetItem", "dynamodb:PutItem"]]
    assert found == (writes if function in WRITING else reads if function in READING else [])


@pytest.mark.parametrize("function", Function)
def test_only_functions_with_data_have_the_variables(function: Function) -> None:
    variables = with_parts().variables(function)
    known = {name: text for name, text in variables.items() if isinstance(text, str)}

    if function in WITHOUT_DATA:
        assert "SESSION_ENCRYPTION_KEYS" not in known
    else:
        assert EncryptionSettings.from_environment(known) == EncryptionSettings(
            kms_keys=(key_arn("data"),), store_id="shop"
        )


def test_only_functions_with_data_have_the_library_in_their_zips() -> None:
    stack = new_stack()
    part, table = encryption(stack), SessionTable(stack, "Table")
    for function in (Function.READ, Function.END):
        SessionFunction(
            stack, function.name, table=table, function=function, settings=SessionSettings(), encryption=part
        )
    template = template_of(stack)

    assert packages_of(stack, template, Function.READ) == {"session_store", "cryptography"}
    assert packages_of(stack, template, Function.END) == {"session_store"}


def test_an_authorizer_has_keys_and_bucket_only_where_it_looks_at_data() -> None:
    stack = new_stack(REGION)
    shared: dict[str, Any] = {
        "table": SessionTable(stack, "Table", stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES),
        "settings": SessionSettings(),
        "encryption": encryption(stack, bundle_libraries=False),
        "large_data": LargeDataBucket(stack, "LargeData"),
    }
    reasons: dict[str, Any] = {
        "context_data_keys": ["tier"],
        "max_auth_age": Duration.seconds(0),
        "required_acr": "gold",
    }
    SessionAuthorizer(stack, "Without", **shared)
    for name, value in reasons.items():
        SessionAuthorizer(stack, name, **shared, **{name: value})

    template = template_of(stack)
    of_authorizers = [each for each in template.properties(FUNCTION) if each["Handler"] == "authorizer.handler"]
    of_parts = {"SESSION_ENCRYPTION_KEYS", "SESSION_LARGE_DATA_BUCKET"}
    found = [of_parts & each["Environment"]["Variables"].keys() for each in of_authorizers]
    assert sorted(found, key=len) == [set(), *[of_parts] * len(reasons)]


@pytest.mark.parametrize("room", OPTIONAL_ROOMS)
@pytest.mark.parametrize("function", [Function.READ, Function.CREATE])
def test_a_functions_zip_has_the_code_of_a_part_only_where_it_is_given(function: Function, room: str) -> None:
    def of_the_room(rooms: frozenset[str]) -> list[str]:
        return [path for path in bundle_files(function, rooms) if path.startswith(f"session_store/{room}/")]

    assert not of_the_room(frozenset())
    assert of_the_room(frozenset({room}))


def test_without_the_prop_no_line_is_of_it() -> None:
    text = json.dumps(deployment("prod").content)

    of_parts = ("kms:GenerateDataKey", "ENCRYPTION", "LeadingKeys", "elasticache", "VALIDATION_CACHE")
    assert not [name for name in of_parts if name in text]


def test_the_key_itself_is_no_part() -> None:
    stack = new_stack()
    key: Any = kms.Key.from_key_arn(stack, "Key", key_arn("data"))
    with pytest.raises(InvalidInputError, match=r"encryption: must be DataEncryption\(\.\.\.\)"):
        SessionService(stack, "Sessions", encryption=key)


def test_a_function_of_your_own_that_serves_the_sign_in_gets_the_part_too() -> None:
    world = World()
    world.sign_in(function=world.own_function(), encryption=encryption(world.stack))
    template = world.template()
    (own,) = template.properties(FUNCTION)

    assert own["Environment"]["Variables"]["SESSION_STORE_ID"] == "shop"
    permissions = template.permissions(logical_id(own["Role"]))
    assert {action for action, _ in permissions} >= {UNWRAPS, MAKES}
