"""The roles against what the functions do, both ways, by a policy evaluator."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from session_store.access_patterns import Resource
from session_store.http.routes import Function
from tests.least_privilege.functions import FUNCTIONS, documented
from tests.least_privilege.roles import ARNS, evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.least_privilege.roles import Role, Verdicts
    from tests.support.figures import Count

EVERY_FUNCTION = pytest.mark.parametrize("function", FUNCTIONS)
# What Lambda itself does with the role, whatever the function's code does.
LOG_ACTIONS = {"logs:CreateLogStream", "logs:PutLogEvents"}


def arns_of(permissions: set[tuple[str, Resource]]) -> set[tuple[str, str]]:
    return {(action, ARNS[resource]) for action, resource in permissions}


@EVERY_FUNCTION
def test_everything_a_function_needs_is_allowed(
    function: str, needed: Mapping[str, set[tuple[str, Resource]]], verdicts: Verdicts, count: Count
) -> None:
    missing = arns_of(needed[function]) - verdicts.allowed[function]
    count("least privilege, missing", len(missing))
    assert missing == set()


@EVERY_FUNCTION
def test_everything_a_function_is_allowed_is_needed(
    function: str, needed: Mapping[str, set[tuple[str, Resource]]], verdicts: Verdicts, count: Count
) -> None:
    excess = verdicts.allowed[function] - arns_of(needed[function])
    count("least privilege, excess", len(excess))
    assert excess == set()


@EVERY_FUNCTION
def test_the_documented_permissions_are_the_needed_ones(
    function: str, needed: Mapping[str, set[tuple[str, Resource]]]
) -> None:
    assert needed[function] == documented(function)


@EVERY_FUNCTION
def test_beside_the_table_a_function_may_write_its_own_log_and_nothing_else(
    function: str, roles: Mapping[str, Role]
) -> None:
    elsewhere = {pair for pair in roles[function].permissions() if not pair[0].startswith("dynamodb:")}
    # The streams of a log group have names that Lambda makes up: AWS offers nothing narrower than `:*` behind it.
    assert elsewhere == {(action, f"{roles[function].log_group}:*") for action in LOG_ACTIONS}


@EVERY_FUNCTION
def test_no_statement_has_a_wildcard_a_scan_or_a_negation(function: str, roles: Mapping[str, Role]) -> None:
    role = roles[function]
    for statement in role.statements:
        assert set(statement) == {"Action", "Effect", "Resource"}
        assert statement["Effect"] == "Allow"
    for action, resource in role.permissions():
        assert "*" not in action
        assert action not in {"dynamodb:Scan", "dynamodb:PartiQLSelect"}
        assert "*" not in resource.removesuffix(":*")


def test_the_evaluator_has_tried_every_action_of_dynamodb(verdicts: Verdicts) -> None:
    assert verdicts.actions_known > 70
    assert set(verdicts.allowed) == set(FUNCTIONS)


def test_the_evaluator_sees_an_action_too_many_and_one_too_few(
    needed: Mapping[str, set[tuple[str, Resource]]], roles: Mapping[str, Role]
) -> None:
    function, table = Function.READ, ARNS[Resource.TABLE]
    (on_the_table,) = (s for s in roles[function].statements if s["Resource"] == table)
    scans = {**on_the_table, "Action": [*on_the_table["Action"], "dynamodb:Scan"]}
    lacks = {**on_the_table, "Action": [action for action in on_the_table["Action"] if action != "dynamodb:GetItem"]}
    everything: dict[str, object] = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}

    def allowed(statement: dict[str, object]) -> set[tuple[str, str]]:
        rest = tuple(s for s in roles[function].statements if s is not on_the_table)
        changed = dataclasses.replace(roles[function], statements=(*rest, statement))
        return set(evaluate({function: changed}).allowed[function])

    wanted = arns_of(needed[function])
    assert allowed(scans) - wanted == {("dynamodb:Scan", table)}
    assert wanted - allowed(lacks) == {("dynamodb:GetItem", table)}
    assert len(allowed(everything) - wanted) > 100
