"""The roles against what the functions have asked of AWS, both ways, by a policy evaluator."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

import pytest

from session_store.catalog.functions import Function
from session_store.catalog.pattern import Resource
from tests.infra.templates import ENVIRONMENTS, ROLE, every_stack
from tests.least_privilege.evaluator import Verdicts, evaluate
from tests.least_privilege.functions import DEMO, DEPLOYED_FUNCTIONS, DeployedFunction, Rules, by_lambda, documented
from tests.least_privilege.recorded import Recorded
from tests.least_privilege.roles import ARNS, Role, roles_in
from tests.support.figures import Count

RecordedCalls = Mapping[DeployedFunction, Recorded]
Roles = Mapping[DeployedFunction, Role]

EVERY_FUNCTION = pytest.mark.parametrize("function", DEPLOYED_FUNCTIONS, ids=str)
# The actions that Lambda itself does with the role, for any code of the function.
LOG_ACTIONS = {"logs:CreateLogStream", "logs:PutLogEvents"}


def arns_of(permissions: Iterable[tuple[str, Resource]]) -> set[tuple[str, str]]:
    return {(action, ARNS[resource]) for action, resource in permissions}


@EVERY_FUNCTION
def test_everything_a_function_needs_is_documented_and_allowed(
    function: DeployedFunction, recorded: RecordedCalls, verdicts: Verdicts[DeployedFunction], count: Count
) -> None:
    missing = arns_of(recorded[function].needed) - verdicts.allowed[function]
    count("least privilege, recorded calls", recorded[function].calls)
    count("least privilege, missing", len(missing))

    assert missing == set()
    assert recorded[function].needed == documented(function)


@pytest.mark.shows("T55", "A25")
@EVERY_FUNCTION
def test_everything_a_function_is_allowed_is_needed(
    function: DeployedFunction, recorded: RecordedCalls, verdicts: Verdicts[DeployedFunction], count: Count
) -> None:
    excess = verdicts.allowed[function] - arns_of(recorded[function].needed | by_lambda(function))
    count("least privilege, excess", len(excess))

    assert excess == set()


@pytest.mark.shows("T55")
@EVERY_FUNCTION
def test_a_function_asks_nothing_of_other_services_and_tables(
    function: DeployedFunction, recorded: RecordedCalls
) -> None:
    assert recorded[function].elsewhere == ()


@pytest.mark.parametrize("function", [one for one in DEPLOYED_FUNCTIONS if one.name != DEMO], ids=str)
def test_a_function_asks_the_table_over_the_librarys_own_transport(
    function: DeployedFunction, recorded: RecordedCalls
) -> None:
    assert recorded[function].agents <= {"session-store"}  # the demo's stores are given a client that records calls


@EVERY_FUNCTION
def test_beside_what_is_documented_a_function_may_write_its_own_log_and_nothing_else(
    function: DeployedFunction, roles: Roles
) -> None:
    elsewhere = set(roles[function].permissions()) - arns_of(documented(function) | by_lambda(function))
    # The streams of a log group have names that Lambda makes up: AWS offers nothing narrower than `:*` behind it.
    assert elsewhere == {(action, f"{roles[function].log_group}:*") for action in LOG_ACTIONS}


@pytest.mark.shows("T55")
@EVERY_FUNCTION
def test_no_statement_has_a_wildcard_a_scan_or_a_negation(function: DeployedFunction, roles: Roles) -> None:
    role = roles[function]
    for statement in role.statements:
        assert set(statement) == {"Action", "Effect", "Resource"}
        assert statement["Effect"] == "Allow"
    for action, resource in role.permissions():
        assert "*" not in action
        assert action not in {"dynamodb:Scan", "dynamodb:PartiQLSelect"}
        assert "*" not in resource.removesuffix(":*")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_environment_deploys_these_roles_and_no_other(environment: str, roles: Roles) -> None:
    templates = every_stack(environment).values()
    deployed = roles_in(templates)
    # The consumer of events is an application's: `tests/infra/test_new_sign_in.py`.
    names = [name for template in templates for name in template.resources(ROLE) if not name.startswith("Mails")]
    assert len(names) == len(deployed)
    assert deployed == {name: roles[DeployedFunction(Rules.DEFAULT, name)] for name in deployed}


def test_the_evaluator_has_tried_every_action_and_sees_one_too_many_and_one_too_few(
    recorded: RecordedCalls, roles: Roles, verdicts: Verdicts[DeployedFunction]
) -> None:
    assert verdicts.actions_known["dynamodb"] > 70
    assert set(verdicts.allowed) >= set(DEPLOYED_FUNCTIONS)
    function, table = DeployedFunction(Rules.DEFAULT, Function.READ), ARNS[Resource.TABLE]
    (on_the_table,) = (s for s in roles[function].statements if s["Resource"] == table)
    rest = tuple(s for s in roles[function].statements if s is not on_the_table)
    changes: dict[str, dict[str, object]] = {
        "scans": {**on_the_table, "Action": [*on_the_table["Action"], "dynamodb:Scan"]},
        "lacks": {**on_the_table, "Action": [a for a in on_the_table["Action"] if a != "dynamodb:GetItem"]},
        "everything": {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"},
    }
    changed = {key: dataclasses.replace(roles[function], statements=(*rest, new)) for key, new in changes.items()}

    allowed = evaluate({key: role.question() for key, role in changed.items()}).allowed

    wanted = arns_of(recorded[function].needed)
    assert allowed["scans"] - wanted == {("dynamodb:Scan", table)}
    assert wanted - allowed["lacks"] == {("dynamodb:GetItem", table)}
    assert len(allowed["everything"] - wanted) > 100
