"""Props: wrong ones are refused where they are given, and two copies fit beside each other."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms

from session_store import InvalidInputError
from session_store.catalog.functions import Function
from session_store.cdk import (
    SessionApi,
    SessionAuthorizer,
    SessionFunction,
    SessionService,
    SessionSettings,
    SessionTable,
    SessionUserRoutes,
)
from tests.infra.templates import API, FUNCTION, TABLE, new_app, new_stack, template_of

if TYPE_CHECKING:
    from collections.abc import Callable

ORIGIN = "https://app.example.com"
REFUSED: list[tuple[str, Any, str]] = [
    ("idle_timeout", Duration.seconds(0), "0 s"),
    ("idle_timeout", Duration.millis(1500), "1.5 s"),
    ("idle_timeout", Duration.hours(13), "13 h"),
    ("absolute_timeout", Duration.days(401), "401 days"),
    ("retention", Duration.days(366), "366 days"),
    ("rotation_grace", Duration.seconds(4), "4 s"),
    ("rotation_grace", Duration.minutes(11), "11 min"),
    ("rotation_interval", Duration.seconds(59), "59 s"),
    ("not_before", datetime(2026, 1, 1), "2026"),  # noqa: DTZ001 - without a zone, on purpose
    ("max_sessions_per_customer", 0, "0"),
    ("memory_size", 127, "127"),
    ("memory_size", 10241, "10241"),
    ("timeout", Duration.seconds(4), "4"),
    ("timeout", Duration.seconds(30), "30"),
    ("timeout", Duration.millis(5500), "5.5"),
    ("throttling_rate_limit", 0, "0"),
    ("throttling_burst_limit", -1, "-1"),
]


@pytest.mark.parametrize(("prop", "value", "shown"), REFUSED, ids=[f"{prop}={shown}" for prop, _, shown in REFUSED])
def test_a_prop_out_of_range_is_named_with_its_value(prop: str, value: object, shown: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        SessionService(new_stack(), "Sessions", **{prop: value})  # type: ignore[arg-type]
    assert refusal.value.field == prop
    assert shown in str(refusal.value)


# Each with one text where several are expected, and so with its letters, were it taken for a list.
LONE_TEXTS: dict[str, Callable[[Stack], object]] = {
    "data_keys": lambda stack: SessionUserRoutes(stack, "Routes", **_of(stack), api=_api(stack), data_keys="cart"),
    "context_data_keys": lambda stack: SessionAuthorizer(stack, "Authorizer", **_of(stack), context_data_keys="role"),
    "allowed_origins": lambda stack: SessionAuthorizer(stack, "Authorizer", **_of(stack), allowed_origins=ORIGIN),
    "further_headers": lambda _: SessionUserRoutes.cors_preflight([ORIGIN], further_headers="x-request-id"),
}


def _of(stack: Stack) -> dict[str, Any]:
    return {"table": SessionTable(stack, "Table"), "settings": SessionSettings()}


def _api(stack: Stack) -> apigateway.HttpApi:
    return apigateway.HttpApi(stack, "Api")


@pytest.mark.parametrize("prop", LONE_TEXTS)
def test_one_text_where_several_are_expected_is_refused(prop: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        LONE_TEXTS[prop](new_stack())
    assert refusal.value.field == prop


ACCEPTED: list[tuple[str, Any]] = [
    ("idle_timeout", Duration.hours(12)),
    ("retention", Duration.days(0)),
    ("retention", Duration.days(365)),
    ("rotation_grace", Duration.seconds(5)),
    ("rotation_grace", Duration.minutes(10)),
    ("memory_size", 128),
    ("memory_size", 10240),
    ("timeout", Duration.seconds(5)),
    ("timeout", Duration.seconds(29)),
    ("throttling_rate_limit", 1),
]


@pytest.mark.parametrize(("prop", "value"), ACCEPTED, ids=[prop for prop, _ in ACCEPTED])
def test_a_prop_at_its_limit_is_accepted(prop: str, value: object) -> None:
    SessionService(new_stack(), "Sessions", **{prop: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("prop", ["point_in_time_recovery", "deletion_protection"])
def test_props_of_the_table_are_refused_beside_a_table(prop: str) -> None:
    stack = new_stack()
    table = SessionTable(stack, "Table")
    with pytest.raises(InvalidInputError, match=prop):
        SessionService(stack, "Sessions", table=table, **{prop: True})  # type: ignore[arg-type]


def test_a_key_needs_a_stack_with_a_region() -> None:
    stack = new_stack()
    with pytest.raises(InvalidInputError, match=r"encryption_key.*region"):
        SessionTable(stack, "Table", encryption_key=kms.Key(stack, "Key"))


def test_an_api_without_all_functions_names_the_missing_ones() -> None:
    stack = new_stack()
    table = SessionTable(stack, "Table")
    functions = {
        function: SessionFunction(stack, function.name, table=table, function=function, settings=SessionSettings())
        for function in (Function.CREATE, Function.READ)
    }
    with pytest.raises(InvalidInputError, match="create_child_session, end, erase_customer, introspect"):
        SessionApi(stack, "Api", functions=functions)


def test_a_service_works_on_a_table_that_is_already_there() -> None:
    stack = new_stack()
    imported = dynamodb.TableV2.from_table_name(stack, "Imported", "sessions")
    SessionService(stack, "Sessions", table=SessionTable.from_table(imported))
    template = template_of(stack)
    assert not template.resources(TABLE)
    names = {properties["Environment"]["Variables"]["TABLE_NAME"] for properties in template.properties(FUNCTION)}
    assert names == {"sessions"}


def test_two_copies_fit_into_one_stack_and_one_account() -> None:
    app = new_app()
    stack = Stack(app, "One")
    SessionService(stack, "Sessions")
    SessionService(stack, "OtherSessions")
    SessionService(Stack(app, "Two"), "Sessions")
    template = template_of(stack)
    assert len(template.resources(TABLE)) == 2
    assert len({api["Name"] for api in template.properties(API)}) == 2
    physical_names = {"TableName", "FunctionName", "RoleName", "LogGroupName", "ManagedPolicyName"}
    for resource in template.content["Resources"].values():
        if resource["Type"] != "AWS::Lambda::Permission":  # there the name says which function
            assert not physical_names & set(resource.get("Properties", {}))
