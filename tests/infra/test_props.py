"""Props: wrong ones are refused where they are given, and two copies fit beside each other."""

from __future__ import annotations

import inspect
import pydoc
from datetime import timedelta
from typing import Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from session_store import InvalidInputError, cdk
from session_store.catalog.functions import Function
from session_store.cdk import (
    CognitoSignIn,
    LargeDataBucket,
    OidcRoutes,
    SessionApi,
    SessionAuthorizer,
    SessionEvents,
    SessionFunction,
    SessionIssuer,
    SessionJwtAuthorizer,
    SessionMonitoring,
    SessionOperatorPolicies,
    SessionService,
    SessionTable,
    SessionUserRoutes,
    ValidationCacheCluster,
)
from session_store.cdk.monitoring_props import MonitoringProps
from session_store.cdk.prop_kinds import Time, WholeNumber
from session_store.cdk.props import ApiProps, EventsProps, FunctionProps, LargeDataProps, TableProps
from session_store.cdk.store_props import OnTableProps, ServiceProps, StoreProps
from session_store.cdk.takes import declared, filled
from tests.infra.templates import API, FUNCTION, TABLE, new_app, new_stack, template_of

ORIGIN = "https://app.example.com"
PROPS = declared(ServiceProps)
EVERY_PROP = pytest.mark.parametrize("name", PROPS)
BOUNDED = {name: prop for name, prop in PROPS.items() if isinstance(prop, WholeNumber | Time)}
CONSTRUCTS: dict[type[Construct], type] = {
    CognitoSignIn: StoreProps,
    OidcRoutes: StoreProps,
    SessionApi: ApiProps,
    SessionAuthorizer: StoreProps,
    LargeDataBucket: LargeDataProps,
    SessionEvents: EventsProps,
    SessionFunction: StoreProps,
    SessionIssuer: StoreProps,
    SessionMonitoring: MonitoringProps,
    SessionService: ServiceProps,
    SessionTable: TableProps,
    SessionUserRoutes: StoreProps,
}
WITHOUT_SHARED_PROPS = {SessionJwtAuthorizer, SessionOperatorPolicies, ValidationCacheCluster}
EVERY_CONSTRUCT = pytest.mark.parametrize("construct", CONSTRUCTS)


def test_every_construct_with_shared_props_is_looked_at_here() -> None:
    exported = {found for name in cdk.__all__ if isinstance(found := getattr(cdk, name), type)}
    assert {found for found in exported if issubclass(found, Construct)} == CONSTRUCTS.keys() | WITHOUT_SHARED_PROPS


@EVERY_CONSTRUCT
def test_help_and_signature_list_every_prop_with_its_default(construct: type[Construct]) -> None:
    parameters = inspect.signature(construct.__init__).parameters
    text = pydoc.render_doc(construct, renderer=pydoc.plaintext)  # type: ignore[attr-defined]
    for name, prop in declared(CONSTRUCTS[construct]).items():
        assert parameters[name].default == prop.default
        assert f"{name}: {prop.text} ({prop.shown})" in text
    assert not [each for each in parameters.values() if each.kind is inspect.Parameter.VAR_KEYWORD]


@EVERY_CONSTRUCT
def test_a_misspelt_prop_is_refused_with_the_nearest_name(construct: type[Construct]) -> None:
    stack = new_stack()
    for name in declared(CONSTRUCTS[construct]):
        with pytest.raises(InvalidInputError, match=f"is no prop of {construct.__name__}, did you mean {name}"):
            construct(stack, "Misspelt", **{name.replace("o", "0", 1) if "o" in name else f"{name}s": 1})
    assert not stack.node.children


def test_a_misspelt_prop_of_the_construct_alone_is_refused_with_the_nearest_name() -> None:
    authorizer: Any = SessionAuthorizer
    with pytest.raises(InvalidInputError, match="did you mean allowed_origins"):
        authorizer(new_stack(), "Authorizer", alowed_origins=[ORIGIN])


def test_an_unknown_prop_that_is_near_to_none_is_refused_with_all_of_them() -> None:
    table: Any = SessionTable
    with pytest.raises(InvalidInputError) as refusal:
        table(new_stack(), "Table", xyz=1)
    assert refusal.value.field == "xyz"
    assert ", ".join(sorted(declared(TableProps))) in str(refusal.value)


@EVERY_PROP
def test_a_prop_of_the_wrong_type_is_named_by_the_service_that_hands_it_on(name: str) -> None:
    for wrong in ("a text", 5.5, object()):
        given: Any = {name: wrong}
        with pytest.raises(InvalidInputError) as refusal:
            SessionService(new_stack(), "Sessions", **given)
        assert refusal.value.field == name


@pytest.mark.parametrize(("name", "prop"), BOUNDED.items(), ids=BOUNDED)
def test_a_props_bounds_are_what_is_accepted(name: str, prop: WholeNumber | Time) -> None:
    as_given: Any = (lambda number: timedelta(seconds=number)) if isinstance(prop, Time) else int
    for accepted in {prop.minimum, prop.minimum if prop.maximum is None else prop.maximum}:
        assert prop.accept(name, as_given(accepted)) == as_given(accepted)
    for refused in {prop.minimum - 1, prop.minimum - 1 if prop.maximum is None else prop.maximum + 1}:
        with pytest.raises(InvalidInputError) as refusal:
            prop.accept(name, as_given(refused))
        assert refusal.value.field == name
        assert str(refused) in refusal.value.shown_value


@pytest.mark.parametrize("maximum", [None, 5])
def test_a_truth_value_is_no_whole_number(maximum: int | None) -> None:
    prop = WholeNumber(default=1, minimum=0, maximum=maximum, text="")
    with pytest.raises(InvalidInputError, match=r"^number: must be .* whole"):
        prop.accept("number", True)


def test_a_timeout_is_whole_seconds() -> None:
    with pytest.raises(InvalidInputError, match=r"^timeout: must be 5 to 29 whole seconds"):
        filled(FunctionProps, {"timeout": Duration.millis(5500)})


@EVERY_PROP
def test_a_props_default_is_acceptable(name: str) -> None:
    assert PROPS[name].accept(name, PROPS[name].default) == PROPS[name].default


@pytest.mark.parametrize("prop", [name for name in PROPS if name not in declared(OnTableProps)])
def test_props_of_the_table_are_refused_beside_a_table(prop: str) -> None:
    stack = new_stack()
    props: Any = {prop: PROPS[prop].default}
    with pytest.raises(InvalidInputError, match=f"^{prop}: must be given to the table"):
        SessionService(stack, "Sessions", table=SessionTable(stack, "Table"), **props)


def test_an_api_without_all_functions_names_the_missing_ones() -> None:
    stack = new_stack()
    functions = SessionService(stack, "Sessions").functions
    some = {function: functions[function] for function in (Function.CREATE, Function.READ)}
    with pytest.raises(InvalidInputError, match="create_child_session, end, erase_customer, introspect"):
        SessionApi(stack, "Api", functions=some)


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
