"""Checks that the rule packs lack, for every stack of every environment. cdk-nag has no rules for `TableV2`."""

from __future__ import annotations

from typing import Any

import pytest

from demo.app import ROUTES as DEMO_ROUTES
from session_store.catalog.route import Route
from session_store.catalog.routes import USER_ROUTES
from session_store.kernel.web_settings import UserRouteSettings
from session_store.testing import in_memory_store
from tests.infra.templates import (
    ENVIRONMENTS,
    FUNCTION,
    LOG_GROUP,
    STAGE,
    TABLE,
    deployment,
    every_stack,
    logical_id,
    open_routes,
)
from tests.support.visitor import SAME_ORIGIN
from tests.unit.gateway import UserGateway

EVERY_ENVIRONMENT = pytest.mark.parametrize("environment", ENVIRONMENTS)
# What ends with the stack holds nothing worth keeping; everything else is protected.
DISPOSABLE = {"local", "dev", "staging"}
# These take unsigned requests, because browsers cannot sign. Their handlers require a live session's token themselves.
OPEN_ROUTES = {route.key for route in DEMO_ROUTES}


def table_of(environment: str) -> dict[str, Any]:
    """The environment's table of sessions. The one of the mails in `local` has nothing to lose."""
    (table,) = deployment(environment).resources(TABLE).values()
    return table


def replica_of(environment: str) -> dict[str, Any]:
    replica: dict[str, Any]
    (replica,) = table_of(environment)["Properties"]["Replicas"]
    return replica


@pytest.mark.shows("A6", "DynamoDB.2")
@EVERY_ENVIRONMENT
def test_a_table_can_be_restored_wherever_users_are(environment: str) -> None:
    recoverable = replica_of(environment)["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
    assert recoverable is (environment not in {"local", "dev"})


@pytest.mark.shows("T63", "A7", "DynamoDB.6")
@EVERY_ENVIRONMENT
def test_a_table_that_is_to_be_kept_cannot_be_deleted(environment: str) -> None:
    kept = environment not in DISPOSABLE
    table = table_of(environment)
    assert replica_of(environment)["DeletionProtectionEnabled"] is kept
    assert {table["DeletionPolicy"], table["UpdateReplacePolicy"]} == {"Retain" if kept else "Delete"}


def test_only_production_is_kept() -> None:
    assert set(ENVIRONMENTS) - DISPOSABLE == {"prod"}


@EVERY_ENVIRONMENT
def test_nothing_weakens_the_encryption_that_every_table_has(environment: str) -> None:
    # Without a specification DynamoDB encrypts with the key that it owns; with one it must be a key of KMS.
    assert table_of(environment)["Properties"].get("SSESpecification", {"SSEEnabled": True})["SSEEnabled"] is True


@pytest.mark.shows("T7", "APIGateway.8")
@EVERY_ENVIRONMENT
def test_no_route_is_open_but_those_whose_handlers_validate(environment: str) -> None:
    opened = {name: open_routes(template) for name, template in every_stack(environment).items()}
    assert opened == {name: OPEN_ROUTES if name.startswith("SessionStoreDemo") else set() for name in opened}


@pytest.mark.shows("T7")
@pytest.mark.parametrize("route", USER_ROUTES, ids=lambda route: route.operation_id)
@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer st1_garbage"}], ids=["no token", "garbage"])
def test_a_user_route_is_open_at_the_gateway_and_asks_for_a_live_session(route: Route, headers: dict[str, str]) -> None:
    with in_memory_store() as store:
        gateway = UserGateway(store, UserRouteSettings(data_keys=("data",)))
        url = route.path.replace("{session_id}", "018f0000-0000-7000-8000-000000000000")
        sent = {"content-type": "application/json", "if-match": "1", **SAME_ORIGIN, **headers}
        reply = gateway.send(route.method, url, sent, '{"data": {}}' if route.body or route.any_body else "")
    # To sign out without being signed in is not an error, and changes nothing.
    assert reply.status == (204 if route.operation_id == "signOut" else 401)


@EVERY_ENVIRONMENT
def test_every_function_logs_to_a_group_of_its_own(environment: str) -> None:
    for name, template in every_stack(environment).items():
        groups = [logical_id(function["LoggingConfig"]["LogGroup"]) for function in template.properties(FUNCTION)]
        assert len(set(groups)) == len(groups), name
        assert set(groups) <= set(template.resources(LOG_GROUP)), name


@EVERY_ENVIRONMENT
def test_no_log_is_kept_for_ever(environment: str) -> None:
    for name, template in every_stack(environment).items():
        retention = {group.get("RetentionInDays") for group in template.properties(LOG_GROUP)}
        assert retention == {{"local": 1, "dev": 7, "staging": 30, "prod": 365}[environment]}, name


@pytest.mark.shows("T13", "A9", "APIGateway.4")
@EVERY_ENVIRONMENT
def test_every_stage_is_throttled(environment: str) -> None:
    limit = 50 if environment == "dev" else 500
    limits = {"ThrottlingRateLimit": limit, "ThrottlingBurstLimit": 2 * limit}
    for name, template in every_stack(environment).items():
        (stage,) = template.properties(STAGE)
        assert (stage["StageName"], stage["AutoDeploy"]) == ("$default", True), name
        assert stage["DefaultRouteSettings"].items() >= limits.items(), name
