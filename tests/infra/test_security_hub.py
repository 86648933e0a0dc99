"""The table of Security Hub's controls is complete, and it is right about what there is none of."""

from __future__ import annotations

import pytest

from docgen import security_hub
from tests.infra.templates import API, ENVIRONMENTS, FUNCTION, every_stack

# Numbers that are not here were retired, or never given.
CONTROLS = {
    *(f"DynamoDB.{number}" for number in range(1, 8)),
    *(f"Lambda.{number}" for number in (1, 2, 3, 5, 6, 7)),
    *(f"APIGateway.{number}" for number in (1, 2, 3, 4, 5, 8, 9, 10, 11)),
    *(f"EventBridge.{number}" for number in (2, 3, 4)),
    *(f"SQS.{number}" for number in (1, 2, 3)),
    # Of those for S3, the ones that are about a bucket's own settings.
    *(f"S3.{number}" for number in (1, 2, 3, 5, 6, 8, 9, 12, 13, 14, 17)),
}

INTEGRATION = "AWS::ApiGatewayV2::Integration"
NOWHERE = (
    *("AWS::DAX::", "AWS::ApiGateway::", "AWS::ApiGatewayV2::VpcLink", "AWS::ApiGatewayV2::DomainName"),
    *("AWS::Events::Endpoint", "AWS::S3::AccountPublicAccessBlock"),
)


@pytest.mark.shows("A27")
def test_every_control_is_met_or_has_a_reason() -> None:
    assert sorted(control.name for control in security_hub.CONTROLS) == sorted(CONTROLS)
    assert all(control.how.endswith(".") for control in security_hub.CONTROLS)


@pytest.mark.shows(
    "DynamoDB.3",
    "DynamoDB.7",
    "Lambda.5",
    "APIGateway.1",
    "APIGateway.2",
    "APIGateway.3",
    "APIGateway.4",
    "APIGateway.5",
    "APIGateway.10",
    "APIGateway.11",
    "EventBridge.4",
    "S3.1",
)
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_stack_has_what_the_table_says_there_is_none_of(environment: str) -> None:
    for template in every_stack(environment).values():
        types = {resource["Type"] for resource in template.content["Resources"].values()}
        assert not {each for each in types if each.startswith(NOWHERE)}
        assert {api["ProtocolType"] for api in template.properties(API)} == {"HTTP"}
        assert {each["IntegrationType"] for each in template.properties(INTEGRATION)} == {"AWS_PROXY"}
        assert not [function for function in template.properties(FUNCTION) if "VpcConfig" in function]
