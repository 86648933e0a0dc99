"""The table of Security Hub's controls is complete, and what it refers to exists."""

from __future__ import annotations

import re

import pytest

from local.paths import ROOT
from tests.infra.templates import API, ENVIRONMENTS, FUNCTION, every_stack

TEXT = (ROOT / "docs" / "security-hub.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if re.match(r"\| \w+\.\d", line)
]
# Numbers that are not here were retired, or never given.
CONTROLS = {
    *(f"DynamoDB.{number}" for number in range(1, 8)),
    *(f"Lambda.{number}" for number in (1, 2, 3, 5, 6, 7)),
    *(f"APIGateway.{number}" for number in (1, 2, 3, 4, 5, 8, 9, 10, 11)),
}

INTEGRATION = "AWS::ApiGatewayV2::Integration"
NOWHERE = ("AWS::DAX::", "AWS::ApiGateway::", "AWS::ApiGatewayV2::VpcLink", "AWS::ApiGatewayV2::DomainName")


def test_every_control_has_a_row() -> None:
    assert sorted(row[0] for row in ROWS) == sorted(CONTROLS)


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_control_is_met_as_a_test_shows_or_has_a_reason(row: list[str]) -> None:
    _, _, state, reason, reference = row
    assert state in {"met", "not met", "no such resource"}
    assert reason
    assert reference or state != "met"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_stack_has_what_the_table_says_there_is_none_of(environment: str) -> None:
    for template in every_stack(environment).values():
        types = {resource["Type"] for resource in template.content["Resources"].values()}
        assert not {each for each in types if each.startswith(NOWHERE)}
        assert {api["ProtocolType"] for api in template.properties(API)} == {"HTTP"}
        assert {each["IntegrationType"] for each in template.properties(INTEGRATION)} == {"AWS_PROXY"}
        assert not [function for function in template.properties(FUNCTION) if "VpcConfig" in function]


@pytest.mark.parametrize("reference", sorted(set(re.findall(r"`(tests/[^`]+)`", TEXT))))
def test_what_is_referred_to_exists(reference: str) -> None:
    path, _, name = reference.partition("::")
    source = (ROOT / path).read_text(encoding="utf-8")
    assert not name or re.search(rf"^def {name}\(", source, re.MULTILINE)
